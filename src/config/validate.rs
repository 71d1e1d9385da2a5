//! Settings that are well-formed one by one and do not fit together.

use super::Config;
use anyhow::{Context as _, Result, bail, ensure};
use std::time::Duration;

impl Config {
    /// Refuses what could not work, naming the key and what to do; `serve` and `check` alike.
    pub(crate) fn validate(&self) -> Result<()> {
        self.validate_store()?;
        self.control.server()?;
        self.validate_ports()?;
        ensure!(!self.tenant.trim().is_empty(), "tenant is empty: give the tenant of this node a name");
        self.ingest.check()?;
        headroom_kafka::KafkaConfig::check(&self.kafka)?;
        let raw = Duration::from_hours(24 * u64::from(self.retention.raw_days));
        ensure!(
            self.ingest.accept_past <= raw,
            "ingest.accept_past_s accepts records that retention.raw_days removes at once: lower it to at most {}",
            raw.as_secs()
        );
        let (days, late) = (self.retention, self.ingest.accept_past.as_secs().div_ceil(86_400));
        let (least, most) = (days.raw_days.min(days.event_days), days.raw_days.max(days.event_days));
        let late = u32::try_from(late).unwrap_or(u32::MAX);
        self.archive
            .check(least, most)
            .and_then(|()| self.archive.check_late(late, least))
            .map_err(anyhow::Error::msg)?;
        for role in self.sql.roles.keys() {
            ensure!(
                ["admin", "analyst", "lead", "sre"].contains(&role.as_str()),
                "[sql.roles.{role}]: SQL is for the roles analyst, lead, sre and admin"
            );
        }
        for (key, address) in self.sql.doors() {
            ensure!(
                address.ip().is_loopback() || self.sql.tls.is_some(),
                "{key} {address} is reachable from outside and needs TLS: set [sql.tls], or listen on 127.0.0.1"
            );
        }
        for token in &self.auth.tokens {
            let hash = &token.sha256;
            ensure!(
                hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()),
                "auth.tokens, {}: sha256 is not 64 hexadecimal digits: `printf %s TOKEN | sha256sum` gives them",
                token.name
            );
        }
        self.oidc()?;
        if let Some(endpoint) = &self.telemetry.otlp_endpoint {
            http_url(endpoint, "telemetry.otlp_endpoint")?;
        }
        self.models.validate()?;
        if let Some(scaler) = &self.scaler {
            scaler.policy(self.models.bounds()).map_err(anyhow::Error::msg)?;
        }
        self.alerts.check()?;
        headroom_probes::check(&self.probes)?;
        let known: Vec<&str> = self
            .alerts
            .receivers()
            .filter(|target| target.is_webhook())
            .map(|target| &*target.name)
            .collect();
        for channel in &self.models.notices.channels {
            ensure!(
                known.contains(&channel.as_str()),
                "models.notices.channels names `{channel}`, and no webhook in [alerts] has this name: it is one of [{}]",
                known.join(", ")
            );
        }
        if let Some(url) = &self.lookup.escalate_url {
            // As it would be opened; braces stand for what is filled in.
            http_url(&url.replace(['{', '}'], ""), "lookup.escalate_url")?;
            ensure!(
                url.contains("{title}") || url.contains("{text}"),
                "lookup.escalate_url has neither {{title}} nor {{text}} in it: put them where a ticket takes them"
            );
        }
        if let Err((setting, message)) = self.capacity.validate() {
            bail!("capacity.{setting}: {message}");
        }
        Ok(())
    }

    /// Two doors at one port: the second could not be opened.
    fn validate_ports(&self) -> Result<()> {
        let doors = [
            ("web.listen", self.web.listen),
            ("ingest.grpc_listen", self.ingest.grpc_listen),
            ("ingest.http_listen", self.ingest.http_listen),
        ]
        .into_iter()
        .chain(self.sql.doors())
        .chain(self.scaler.iter().map(|scaler| ("scaler.listen", scaler.listen)))
        .collect::<Vec<_>>();
        for (at, (key, address)) in doors.iter().enumerate() {
            let same = |other: &std::net::SocketAddr| {
                let overlap = other.ip() == address.ip()
                    || other.ip().is_unspecified()
                    || address.ip().is_unspecified();
                other.port() == address.port() && address.port() != 0 && overlap
            };
            if let Some((other, taken)) = doors[..at].iter().find(|(_, other)| same(other)) {
                bail!("{key} {address} and {other} {taken} are the same port: give each its own");
            }
        }
        Ok(())
    }

    fn validate_store(&self) -> Result<()> {
        let store = &self.store;
        match &store.url {
            Some(url) => http_url(url, "store.url")?,
            None => ensure!(
                store.cluster.is_none(),
                "store.cluster is set and store.url is not: name a node of the cluster, or drop the cluster for the embedded store"
            ),
        }
        let days = &self.retention;
        let kept = [
            days.raw_days,
            days.minute_days,
            days.hour_days,
            days.event_days,
            days.lookup_days,
            days.result_days,
        ];
        ensure!(
            kept.iter().all(|days| *days > 0),
            "retention has a key of 0 days: rows would be removed at once"
        );
        Ok(())
    }
}

fn http_url(text: &str, key: &str) -> Result<()> {
    let url = url::Url::parse(text)
        .with_context(|| format!("{key} `{text}` is not an address: write it as http://host:port"))?;
    ensure!(
        matches!(url.scheme(), "http" | "https") && url.has_host(),
        "{key} `{text}` is not an address: write it as http://host:port"
    );
    Ok(())
}
