//! Links to the picture of an alert, for messages: chat programs fetch it without a sign-in.
//!
//! A link names the alert and a time until which it is good, signed (HMAC-SHA256) with a key that the routing of the tenant
//! made for itself and that is told nobody. Who has the link sees that one chart and nothing else.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::{Alert, random_text};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use url::Url;

use crate::alert::page;
use crate::error::Result;
use crate::routing::Routing;

/// How long a link is good: an incident is talked about for a while.
const GOOD_FOR: TimeDelta = TimeDelta::days(7);

/// A new key.
pub(crate) fn key() -> String {
    random_text()
}

/// The address of an alert's picture; `None` without a key.
pub(crate) fn link(base: &Url, key: &str, tenant: &str, id: &str, now: DateTime<Utc>) -> Option<Url> {
    let until = (now + GOOD_FOR).timestamp();
    let mut url = page(base, &["charts", &format!("{id}.png")])?;
    url.query_pairs_mut()
        .append_pair("tenant", tenant)
        .append_pair("until", &until.to_string())
        .append_pair("signature", &hex::encode(signed(key, tenant, id, until)?.finalize().into_bytes()));
    Some(url)
}

fn signed(key: &str, tenant: &str, id: &str, until: i64) -> Option<Hmac<Sha256>> {
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    Some(mac.chain_update(format!("chart\n{tenant}\n{id}\n{until}")))
}

impl Routing {
    /// The alert whose picture a link is for; `None` when it is not good (any more).
    ///
    /// # Errors
    /// Those of the control state.
    pub fn charted(
        &self,
        id: &str,
        until: i64,
        signature: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Alert>> {
        let Some(key) = self.chart_key()? else { return Ok(None) };
        let genuine = hex::decode(signature).is_ok_and(|given| {
            signed(&key, self.tenant(), id, until).is_some_and(|mac| mac.verify_slice(&given).is_ok())
        });
        if !genuine || now.timestamp() > until {
            return Ok(None);
        }
        Ok(self.control().alert(self.tenant(), id)?)
    }
}

#[cfg(test)]
mod tests {
    use headroom_control::Control;

    use super::*;
    use crate::config::AlertsConfig;

    #[test]
    fn a_link_is_good_for_its_alert_its_tenant_and_its_time() {
        let control = Control::in_memory().expect("a state");
        let routing = Routing::new(&AlertsConfig::default(), control, "acme");
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let base = "https://headroom.example.com/x/".parse().expect("an address");
        // The first message makes the key.
        routing.tick(now).expect("time passes");
        let key = routing.chart_key().expect("a state").expect("a key");
        let url = link(&base, &key, "acme", "a1", now).expect("a link");
        assert_eq!(url.path(), "/x/charts/a1.png");
        let of = |name: &str| url.query_pairs().find(|(key, _)| key == name).expect("a part").1.into_owned();
        let (until, signature): (i64, String) = (of("until").parse().expect("a number"), of("signature"));
        let good = |tenant: &str, id: &str, until: i64, signature: &str, now| {
            let genuine = hex::decode(signature).is_ok_and(|given| {
                signed(&key, tenant, id, until).is_some_and(|mac| mac.verify_slice(&given).is_ok())
            });
            // No such alert is stored: what is not genuine and what is not there look the same from outside.
            assert_eq!(routing.charted(id, until, signature, now).expect("a state"), None);
            genuine
        };
        assert!(good("acme", "a1", until, &signature, now));
        for (tenant, id, until, signature) in [
            ("other", "a1", until, signature.as_str()),
            ("acme", "a2", until, &signature),
            ("acme", "a1", until + 1, &signature),
            ("acme", "a1", until, "00"),
            ("acme", "a1", until, "no hex"),
        ] {
            assert!(!good(tenant, id, until, signature, now), "{tenant} {id} {until} {signature}");
        }
    }
}
