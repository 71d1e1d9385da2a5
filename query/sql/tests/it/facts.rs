//! Views of what the program knows beside the store.

use std::sync::{Arc, Mutex};

use headroom_sql::{Asked, Days, Facts, Principal, SqlConfig, SqlDoor, SqlError, Untold};
use serde_json::{Value, json};

use crate::data::{self, who};

/// Alerts for analysts, the audit trail for administrators, and what was asked for.
#[derive(Default)]
struct Known {
    asked: Mutex<Vec<(String, String, Asked)>>,
    many: bool,
}

fn alert(second: u32, id: &str, service: Option<&str>) -> Value {
    json!({
        "ts": format!("2030-05-01T10:00:{second:02}.250Z"), "id": id, "slo": "orders", "service": service,
        "severity": "page", "state": "firing", "resolved_at": null, "acknowledged_at": "2030-05-01T10:05:00Z",
        "acknowledged_by": "ada", "summary": "é \"quoted\"", "detail": "{\"burn\": 14.4}",
    })
}

#[async_trait::async_trait]
impl Facts for Known {
    fn open_to(&self, view: &str, by: &Principal) -> bool {
        view != "audit" || by.role == "admin"
    }

    async fn rows(&self, view: &str, by: &Principal, asked: &Asked) -> Result<Vec<Value>, Untold> {
        self.asked.lock().unwrap().push((view.to_owned(), by.tenant.clone(), asked.clone()));
        Ok(match view {
            "alerts" if self.many => (0..asked.most).map(|n| alert(1, &format!("a{n}"), None)).collect(),
            "alerts" => vec![alert(1, "a1", Some("order")), alert(2, "a2", None)],
            "costs" => vec![json!({
                "service": "order", "currency": "USD", "period_from": "2030-05-01T00:00:00Z",
                "period_to": "2030-06-01T00:00:00Z", "cost": "1234567890123.123456789012", "transactions": null,
                "per_transaction": "0.000000000001", "per_customer": null,
            })],
            "walls" => return Err(Untold::Failed("nothing was measured yet".to_owned())),
            "returns" if asked.days.from.is_none() => {
                let (why, hint) = ("too many days".to_owned(), "ask for fewer".to_owned());
                return Err(Untold::Refused { why, hint });
            }
            _ => Vec::new(),
        })
    }
}

async fn rows(door: &SqlDoor, by: &Principal, sql: &str) -> Result<Vec<Vec<Value>>, SqlError> {
    door.query_json(by, sql, None).await.map(|answer| answer.rows)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facts_are_rows_like_others_for_those_who_may_see_them() {
    let store = data::store().await;
    let known = Arc::new(Known::default());
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap().telling(known.clone());
    let ada = who("acme");

    let all = "SELECT ts, id, service, resolved_at, acknowledged_at, summary, detail ->> 'burn' FROM alerts ORDER BY id";
    let [first, second] = rows(&door, &ada, all).await.unwrap().try_into().unwrap();
    assert_eq!(
        first,
        [
            json!("2030-05-01T10:00:01.250Z"),
            json!("a1"),
            json!("order"),
            Value::Null,
            json!("2030-05-01T10:05:00Z"),
            json!("é \"quoted\""),
            json!("14.4")
        ]
    );
    assert_eq!((&second[1], &second[2]), (&json!("a2"), &Value::Null));
    let costs =
        rows(&door, &ada, "SELECT cost, cost + per_transaction, per_customer FROM costs").await.unwrap();
    assert_eq!(
        costs,
        [[json!("1234567890123.123456789012"), json!("1234567890123.123456789013"), Value::Null]]
    );
    let joined =
        "SELECT a.id, count(*) > 0 FROM alerts a JOIN spans s ON s.service = a.service GROUP BY a.id";
    assert_eq!(rows(&door, &ada, joined).await.unwrap(), [[json!("a1"), json!(true)]]);

    // Days that conditions leave are told to who knows; the conditions hold whether that is heeded or not.
    known.asked.lock().unwrap().clear();
    let later = "SELECT count(*) FROM alerts WHERE ts >= '2030-05-01T10:00:02Z' AND ts < '2030-05-02' AND id LIKE '%'";
    assert_eq!(rows(&door, &ada, later).await.unwrap(), [[json!(1)]]);
    let asked = known.asked.lock().unwrap().clone();
    let day = |text: &str| Some(text.parse().unwrap());
    let days = Days { from: day("2030-05-01T10:00:02Z"), to: day("2030-05-02T00:00:00Z") };
    let of_days = Asked { days, portfolios: None, most: 100_001 };
    assert_eq!(asked, [("alerts".to_owned(), "acme".to_owned(), of_days)]);

    let refused = rows(&door, &ada, "SELECT count(*) FROM audit").await.expect_err("for administrators");
    assert_eq!(
        (refused.sqlstate(), refused.to_string().as_str()),
        ("42501", "the role analyst may not read audit")
    );
    let hidden = "SELECT 1 WHERE EXISTS (SELECT * FROM spans WHERE trace_id IN (SELECT hash FROM audit))";
    assert_eq!(rows(&door, &ada, hidden).await.expect_err("wherever it stands").sqlstate(), "42501");
    assert!(known.asked.lock().unwrap().iter().all(|(view, ..)| view != "audit"), "nobody was asked for it");
    let admin = Principal { role: "admin".to_owned(), ..who("acme") };
    assert_eq!(rows(&door, &admin, "SELECT count(*) FROM audit").await.unwrap(), [[json!(0)]]);
    let unknown = rows(&door, &ada, "SELECT * FROM walls").await.expect_err("nothing was measured");
    assert!(unknown.to_string().contains("nothing was measured yet"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_facts_and_none_at_all_are_said_to_be_so() {
    let store = data::store().await;
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap();
    let alone = rows(&door, &who("acme"), "SELECT count(*) FROM alerts").await.expect_err("nobody knows");
    assert!(alone.to_string().contains("a running node knows it"), "{alone}");
    let door = door.telling(Arc::new(Known { many: true, ..Known::default() }));
    let many =
        rows(&door, &who("acme"), "SELECT count(*) FROM alerts").await.expect_err("half would be wrong");
    assert!(matches!(&many, SqlError::TooManyFacts { most: 100_000, .. }), "{many:?}");
    assert!(many.hint().unwrap().contains("condition on its time"));
}

/// What is worked out for a time is never worked out for another one without a word.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_worked_out_is_asked_for_by_time_and_portfolio() {
    let store = data::store().await;
    let known = Arc::new(Known::default());
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap().telling(known.clone());
    let asked = async |sql: &str| {
        rows(&door, &who("acme"), sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        known.asked.lock().unwrap().pop().expect("somebody was asked").2
    };
    let at = |text: &str| Some(text.parse().unwrap());
    assert_eq!(asked("SELECT * FROM positions").await, Asked { most: 100_001, ..Asked::default() });
    let some = asked(
        "SELECT sum(value) FROM positions WHERE day = '2026-11-02' AND portfolio_id IN ('b', 'a') AND symbol <> 'X'",
    )
    .await;
    assert_eq!(
        some.days,
        Days { from: at("2026-11-02T00:00:00Z"), to: at("2026-11-02T00:00:00.000000001Z") }
    );
    assert_eq!(some.portfolios, Some(vec!["a".to_owned(), "b".to_owned()]));
    let today = asked("SELECT count(*) FROM positions WHERE day = current_date").await.days;
    assert!(today.from.is_some() && today.to.is_some(), "{today:?}");
    let map =
        asked("SELECT m.caller FROM service_map m WHERE m.hour >= now() - INTERVAL '2 hours'").await.days;
    assert!(map.from.is_some() && map.to.is_none(), "{map:?}");
    let mondays =
        asked("SELECT 1 FROM returns WHERE day >= '2026-11-01' AND extract(dow FROM day) = 1").await.days;
    assert_eq!(mondays, Days { from: at("2026-11-01T00:00:00Z"), to: None });
    assert!(asked("SELECT 1 FROM flows WHERE portfolio_id = 'a' OR symbol = 'X'").await.portfolios.is_none());

    for open in [
        "SELECT * FROM positions WHERE day < '2026-11-02'",
        "SELECT * FROM positions WHERE day <> '2026-11-02'",
        "SELECT * FROM returns WHERE date_trunc('month', day) = '2026-11-01'",
        "SELECT * FROM flows WHERE ts >= '2026-11-01' OR kind = 'buy'",
        "SELECT * FROM deployments WHERE ts::date = '2026-11-01'",
    ] {
        let refused = rows(&door, &who("acme"), open).await.expect_err(open);
        assert!(matches!(refused, SqlError::Unbounded { .. }), "{open}: {refused:?}");
        assert!(refused.is_callers_fault() && refused.hint().unwrap().contains("constants"), "{refused:?}");
    }
    assert!(known.asked.lock().unwrap().is_empty(), "nothing was worked out for these");

    let explained = "EXPLAIN SELECT * FROM positions WHERE day = '2026-11-02' AND portfolio_id = 'a'";
    let plan = serde_json::to_string(&rows(&door, &who("acme"), explained).await.unwrap()).unwrap();
    let work = "works out positions from 2026-11-02T00:00:00+00:00 before 2026-11-02T00:00:00.000000001+00:00 of 1 portfolios";
    assert!(plan.contains(work), "{plan}");
    assert!(known.asked.lock().unwrap().is_empty(), "a plan works nothing out");
    let refused = rows(&door, &who("acme"), "SELECT * FROM returns").await.expect_err("too much");
    assert_eq!((refused.sqlstate(), refused.to_string().as_str()), ("54000", "returns: too many days"));
    assert_eq!(refused.hint().as_deref(), Some("ask for fewer"));
}
