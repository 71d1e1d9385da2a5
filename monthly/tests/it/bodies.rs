//! What the bodies say.

use headroom_monthly::{Kind, Report};

use crate::month::World;

fn pretty(body: &serde_json::Value) -> String {
    serde_json::to_string_pretty(body).unwrap()
}

/// By hand: 44,640 minutes less 120 unseen are 44,520; 45 of them down; the target allows 44.52.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_and_missing_hours_are_what_they_were() {
    let world = World::new().await;
    let body = world.body(Kind::Uptime, "UTC").await;
    let month = &body["objectives"][0]["month"];
    let known = |pointer: &str| body.pointer(pointer).unwrap().as_f64().unwrap();
    let near = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-9, "{found} is not {wanted}");
    near(known("/objectives/0/month/availability/known"), 1.0 - 45.0 / 44_520.0);
    near(known("/objectives/0/month/downtime_minutes/known"), 45.0);
    near(known("/objectives/0/month/lowest/known"), 1.0 - 165.0 / 44_640.0);
    assert_eq!((&month["kept"], &month["outage_minutes"]), (&false.into(), &45.0.into()));
    near(known("/objectives/0/days/13/downtime_minutes/known"), 45.0);
    // The 20th was seen for 22 of 24 hours: enough for a figure, and nothing of it was down.
    near(known("/objectives/0/days/19/seen_minutes"), 1_320.0);
    near(known("/objectives/0/days/19/downtime_minutes/known"), 0.0);
    assert_eq!(body["objectives"][0]["gaps"].as_array().unwrap().len(), 1);
    assert_eq!(body["objectives"][0]["gaps"][0]["from"], "2026-10-20T03:00:00Z");
    // One incident: detected at 14:03, taken after 4 minutes, over after 58. The ticket and that of September are none.
    assert_eq!(body["incidents"].as_array().unwrap().len(), 1);
    assert_eq!(body["mtta"]["known"]["seconds"], 240.0);
    assert_eq!(body["mttr"]["known"]["seconds"], 3_480.0);

    let slos = world.body(Kind::Slo, "UTC").await;
    near(slos.pointer("/objectives/0/consumed/known").unwrap().as_f64().unwrap(), 45.0 / 44.52);
    near(slos.pointer("/objectives/0/days/13/burn/known").unwrap().as_f64().unwrap(), 45.0 / 1.44);
    assert_eq!(slos["objectives"][0]["worst_hours"][0]["from"], "2026-10-14T14:00:00Z");
    assert_eq!(slos["objectives"][0]["worst_hours"][0]["share"], 1.0);
    // 45 minutes of the 13.6 days since measuring began are more than a thousandth: spent at 15:00, and again within
    // the budget when as many good minutes have passed that 45 are.
    assert_eq!(slos["objectives"][0]["exhausted"][0]["from"], "2026-10-14T15:00:00Z");
}

/// In Zurich the month begins two hours earlier, and its 25th has 25 hours.
#[tokio::test(flavor = "multi_thread")]
async fn a_zone_moves_the_month_and_its_days() {
    let world = World::new().await;
    let body = world.body(Kind::Uptime, "Europe/Zurich").await;
    assert_eq!(
        (&body["from"], &body["to"]),
        (&"2026-09-30T22:00:00Z".into(), &"2026-10-31T23:00:00Z".into())
    );
    let days = body["objectives"][0]["days"].as_array().unwrap();
    let minutes: Vec<f64> = days.iter().map(|day| day["minutes"].as_f64().unwrap()).collect();
    assert_eq!((days.len(), minutes[24], minutes.iter().sum::<f64>()), (31, 1_500.0, 31.0 * 1_440.0 + 60.0));
    // The two hours before anything was measured are named, and why.
    assert_eq!(body["objectives"][0]["gaps"][0]["before_measuring"], true);
    // A refusal of 22:30 UTC is of the day after in Zurich; what was done at 23:59 UTC in September is of October.
    let audit = world.body(Kind::Audit, "Europe/Zurich").await;
    assert_eq!(audit["days"][0]["day"], "2026-10-01");
    assert_eq!(audit["sorts"]["sign_in"], 2);
    assert!(
        audit["days"]
            .as_array()
            .unwrap()
            .iter()
            .any(|day| day["day"] == "2026-10-04" && day["sorts"]["refused_sign_in"] == 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_has_nothing_of_it() {
    let world = World::new().await;
    let Report::Uptime(body) = world.read(Kind::Uptime, "other", "UTC").await else {
        panic!("another report")
    };
    assert!(body.incidents.is_empty());
    assert!(
        body.objectives
            .iter()
            .all(|one| one.month.seen_minutes == 0.0 && one.month.availability.known().is_none())
    );
    let Report::Slo(body) = world.read(Kind::Slo, "other", "UTC").await else { panic!("another report") };
    assert!(body.objectives.iter().all(|one| one.steps.is_empty() && one.generations.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_as_they_are_documented() {
    let world = World::new().await;
    let mut uptime = world.body(Kind::Uptime, "UTC").await;
    let mut slo = world.body(Kind::Slo, "UTC").await;
    // One day stands for all of them.
    for body in [&mut uptime, &mut slo] {
        for objective in body["objectives"].as_array_mut().unwrap() {
            objective["days"].as_array_mut().unwrap().retain(|day| day["day"] == "2026-10-14");
        }
    }
    insta::assert_snapshot!("uptime", pretty(&uptime));
    insta::assert_snapshot!("slo", pretty(&slo));
    insta::assert_snapshot!("audit", pretty(&world.body(Kind::Audit, "UTC").await));
    insta::assert_snapshot!("soc2", pretty(&world.body(Kind::Soc2, "UTC").await));
}
