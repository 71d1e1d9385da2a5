//! Signing up: an account, an identity check.

use opentelemetry::logs::Severity;

use crate::calendar::Venue;
use crate::platform::Platform;
use crate::topology::Service::{Auth, Gateway, Kyc};
use crate::trace::{Overload, Trace, attribute};

impl Platform {
    /// `POST /v1/customers`: ten spans.
    pub(super) fn sign_up(&mut self, venue: Venue, ts: i64) {
        let id = self.customers.join(venue, ts, &mut self.scene.rng);
        let person = self.customers.get(id).clone();
        let mut trace = self.customer_trace(id, ts);
        self.launch(async move {
            let mut verified = false;
            trace
                .request("POST /v1/customers", async |t| {
                    let created = t.http(Gateway, Auth, "POST /users", async |t| {
                        t.db(Auth, "INSERT users", 2_100.0).await?;
                        let mut attributes = vec![
                            attribute("event.version", 2_i64),
                            attribute("customer.email", person.email()),
                            attribute("customer.name", person.name()),
                            attribute("customer.country", person.country()),
                            attribute("account.id", person.account()),
                            attribute("portfolio.id", person.portfolio()),
                        ];
                        attributes.extend(person.adviser().map(|adviser| attribute("adviser.id", adviser)));
                        t.event("customer.registered", "customer registered", attributes);
                        Ok(201)
                    });
                    let created = created.await;
                    if created != 201 {
                        return Ok(created);
                    }
                    let checked = t.http(Gateway, Kyc, "POST /checks", async |t| {
                        verified = check(t).await?;
                        t.send(Kyc, "send customers.verified").await;
                        Ok(200)
                    });
                    Ok(if checked.await == 200 { 201 } else { 503 })
                })
                .await;
            trace.then(move |platform| platform.customers.get_mut(id).verified = verified)
        });
    }
}

/// The identity check, and how it ended.
async fn check(t: &mut Trace) -> Result<bool, Overload> {
    t.db(Kyc, "INSERT identities", 1_900.0).await?;
    t.event("kyc.submitted", "identity documents received", vec![]);
    t.external(Kyc, "POST /v2/verifications", "identity.example.net", 0, |t| {
        t.spend(900_000.0, 0.5);
        200
    })
    .await;
    let refused = t.chance(0.08);
    if refused {
        t.log(Severity::Warn, "identity check refused", vec![]);
        let reason = attribute("reason", "document expired");
        t.event("kyc.rejected", "identity check refused: document expired", vec![reason]);
    } else {
        t.event("kyc.approved", "identity confirmed", vec![]);
    }
    t.db(Kyc, "UPDATE identities", 1_700.0).await?;
    Ok(!refused)
}
