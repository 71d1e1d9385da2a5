//! Signing up: an account, an identity check.

use opentelemetry::logs::Severity;

use crate::calendar::Venue;
use crate::platform::Platform;
use crate::topology::Service::{Auth, Gateway, Kyc};
use crate::trace::attribute;

impl Platform {
    /// `POST /v1/customers`: ten spans.
    pub(super) fn sign_up(&mut self, venue: Venue, ts: i64) {
        let id = self.customers.join(venue, ts, &mut self.scene.rng);
        let person = self.customers.get(id).clone();
        let mut verified = true;
        let mut trace = self.customer_trace(id, ts);
        trace.request("POST /v1/customers", |t| {
            t.http(Gateway, Auth, "POST /users", |t| {
                t.db(Auth, "INSERT users", 2_100.0);
                let attributes = vec![
                    attribute("customer.email", person.email()),
                    attribute("customer.name", person.name()),
                    attribute("customer.country", person.country()),
                    attribute("account.id", person.account()),
                    attribute("portfolio.id", person.portfolio()),
                ];
                t.event("customer.registered", "customer registered", attributes);
                201
            });
            t.http(Gateway, Kyc, "POST /checks", |t| {
                t.db(Kyc, "INSERT identities", 1_900.0);
                t.event("kyc.submitted", "identity documents received", vec![]);
                t.external(Kyc, "POST /v2/verifications", "identity.example.net", 0, |t| {
                    t.spend(900_000.0, 0.5);
                    200
                });
                if t.chance(0.08) {
                    verified = false;
                    t.log(Severity::Warn, "identity check refused", vec![]);
                    let reason = attribute("reason", "document expired");
                    t.event("kyc.rejected", "identity check refused: document expired", vec![reason]);
                } else {
                    t.event("kyc.approved", "identity confirmed", vec![]);
                }
                t.db(Kyc, "UPDATE identities", 1_700.0);
                t.send(Kyc, "send customers.verified");
                200
            });
            201
        });
        self.customers.get_mut(id).verified = verified;
    }
}
