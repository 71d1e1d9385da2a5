//! October 2026: 100 requests a minute; all of them failed for 45 minutes of the 14th; two hours of the 20th are
//! missing; one incident; one of everything in the trail.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::{Alert, AlertState, BudgetStep, Control, Decision, NoteKey, Role};
use headroom_monthly::{Kind, Month, Report, Reports, Setup};
use headroom_query::slo::SloSet;
use headroom_store::Store;
use headroom_store::testing::{TestStore, store};
use serde_json::json;

pub(crate) const TENANT: &str = "acme";

const OBJECTIVES: &str = "
apiVersion: openslo/v1
kind: SLO
metadata: {name: orders, displayName: Orders}
spec:
  service: order
  indicator: {spec: {ratioMetric: {counter: true,
    good: {metricSource: {type: headroom, spec: {status: not_error}}},
    total: {metricSource: {type: headroom, spec: {}}}}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.999}]
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: wallets, displayName: Wallets}
spec:
  service: wallet
  indicator: {spec: {ratioMetric: {counter: true,
    good: {metricSource: {type: headroom, spec: {status: not_error}}},
    total: {metricSource: {type: headroom, spec: {}}}}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: elsewhere, displayName: Elsewhere}
spec:
  service: other
  indicator: {spec: {ratioMetric: {counter: true,
    good: {metricSource: {type: Prometheus, spec: {query: up}}},
    total: {metricSource: {type: Prometheus, spec: {query: up}}}}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.9}]
";

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The month, and what reads it.
pub(crate) struct World {
    _store: TestStore,
    _key: tempfile::TempDir,
    reports: Reports,
}

impl World {
    pub(crate) async fn new() -> Self {
        let store = store().await;
        let slos = Arc::new(SloSet::parse([("slos.yaml", OBJECTIVES)]).unwrap());
        minutes(&store, &slos.slos[0].generation).await;
        let control = Control::in_memory().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let key = NoteKey::kept_in(&folder.path().join("audit.key"), "headroom/acme").unwrap();
        deeds(&control, &key);
        let public = key.public().clone();
        let reports = Reports {
            store: store.clone(),
            control,
            slos,
            key: Arc::new(move || Ok(public.clone())),
            setup: Arc::new(Setup {
                receivers: 1,
                doors: vec![("web.listen".to_owned(), true), ("ingest.grpc_listen".to_owned(), false)],
                ..Setup::default()
            }),
        };
        Self { _store: store, _key: folder, reports }
    }

    /// A report as of 5 November.
    pub(crate) async fn read(&self, kind: Kind, tenant: &str, zone: &str) -> Report {
        let now = at("2026-11-05T08:00:00Z");
        let period = Month::asked(Some("2026-10"), Some(zone), now).unwrap().period(now);
        self.reports.read(kind, tenant, period).await.unwrap()
    }

    /// The body of a report, without the key, which is another in each run.
    pub(crate) async fn body(&self, kind: Kind, zone: &str) -> serde_json::Value {
        let mut body = serde_json::to_value(self.read(kind, TENANT, zone).await).unwrap();
        if let Some(key) = body.pointer_mut("/integrity/key") {
            assert!(key.as_str().unwrap().starts_with("headroom/acme+"), "{key}");
            *key = json!("KEY");
        }
        body
    }
}

/// The minutes of `orders`.
async fn minutes(store: &Store, generation: &str) {
    let from = at("2026-10-01T00:00:00Z").timestamp();
    let minute = |text: &str| (at(text).timestamp() - from) / 60;
    let (down, up) = (minute("2026-10-14T14:00:00Z"), minute("2026-10-14T14:45:00Z"));
    let (lost, found) = (minute("2026-10-20T03:00:00Z"), minute("2026-10-20T05:00:00Z"));
    let sql = format!(
        "INSERT INTO {} (tenant, slo, objective, generation, slice, good, total, coverage, measured_at) SELECT \
         '{TENANT}', 'orders', 0, '{generation}', toDateTime64({from} + number * 60, 0, 'UTC'), \
         if(number >= {down} AND number < {up}, 0, 100), 100, 1, toDateTime64({from} + number * 60 + 120, 3, 'UTC') \
         FROM numbers({}) WHERE number < {lost} OR number >= {found}",
        store.table("slo_slices"),
        31 * 1_440
    );
    store.execute(&sql).await.unwrap();
}

fn deeds(control: &Control, key: &NoteKey) {
    let (began, ended) = (at("2026-10-14T14:03:00Z"), at("2026-10-14T15:01:00Z"));
    let alert = |id: &str, severity: &str, at: DateTime<Utc>| Alert {
        id: id.to_owned(),
        tenant: TENANT.to_owned(),
        slo: "orders".to_owned(),
        service: "order".to_owned(),
        severity: severity.to_owned(),
        state: AlertState::Resolved,
        started_at: at,
        resolved_at: Some(at + (ended - began)),
        summary: "Orders: burning 900x too fast".to_owned(),
        detail: json!({}),
        acknowledged_by: None,
        acknowledged_at: None,
    };
    let step = BudgetStep {
        id: "s1".to_owned(),
        tenant: TENANT.to_owned(),
        slo: "orders".to_owned(),
        service: "order".to_owned(),
        policy: "platform".to_owned(),
        step: "freeze".to_owned(),
        freezes: true,
        began: "the budget of orders is spent".to_owned(),
        begun_at: at("2026-10-14T15:00:00Z"),
        ended: None,
        ended_at: None,
    };
    let decide = |alerts: Vec<Alert>, steps, acknowledged: Option<(String, String)>, at| {
        let decision = Decision { alerts, steps, acknowledged, ..Decision::default() };
        control.route(TENANT, at, |_| Ok(decision)).unwrap();
    };
    let ticket = alert("a2", "warning", at("2026-10-21T08:00:00Z"));
    let before = alert("a0", "critical", at("2026-09-30T23:59:00Z"));
    decide(vec![alert("a1", "critical", began), ticket, before], vec![step], None, ended);
    let taken = began + TimeDelta::minutes(4);
    decide(Vec::new(), Vec::new(), Some(("a1".to_owned(), "ada".to_owned())), taken);

    let audit = |when: &str, actor: &str, action: &str, subject: &str, reason: &str, detail| {
        control.audit(actor, action, subject, reason, &detail, at(when)).unwrap();
    };
    audit("2026-09-30T23:59:59Z", "ada", "login", "ada", "", json!({"door": "web"}));
    audit("2026-10-01T00:00:00Z", "command line", "user.create", "bob", "", json!({"role": "agent"}));
    audit("2026-10-02T09:00:00Z", "bob", "login", "bob", "", json!({"door": "web"}));
    audit("2026-10-02T09:05:00Z", "bob", "customer.reveal", "cus-7", "asked on the phone", json!({}));
    audit(
        "2026-10-03T22:30:00Z",
        "sign-in",
        "login.refused",
        "eve",
        "wrong password, or no such account",
        json!({}),
    );
    audit("2026-10-03T22:31:00Z", "sign-in", "login.locked", "eve", "too many wrong passwords", json!({}));
    audit("2026-10-05T10:00:00Z", "amy", "sql.query", "SELECT 1", "", json!({"door": "postgres"}));
    audit("2026-10-05T10:10:00Z", "amy", "sql.query", "SELECT * FROM events", "", json!({"door": "export"}));
    audit(
        "2026-10-06T10:00:00Z",
        "command line",
        "customer.erase",
        "cus-9",
        "request of 5 October",
        json!({}),
    );
    audit("2026-10-07T10:00:00Z", "ada", "silence.create", "s-1", "maintenance", json!({}));
    control.audit_checkpoint(key, at("2026-10-07T11:00:00Z")).unwrap().unwrap();
    audit("2026-11-01T00:00:00Z", "bob", "login", "bob", "", json!({"door": "web"}));
    control
        .create_user("bob", "correct horse battery", Role::Agent, TENANT, at("2026-10-01T00:00:00Z"))
        .unwrap();
    control.create_token("t", Role::Ingest, TENANT, at("2026-10-01T00:00:00Z")).unwrap();
}
