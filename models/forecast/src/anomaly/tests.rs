use std::sync::Arc;

use headroom_calendar::Calendar;

use super::*;

fn start() -> DateTime<Utc> {
    "2026-02-02T00:00:00Z".parse().unwrap()
}

/// Quantiles over the median where the noise is [`noise`].
const BAND: [f64; 6] = [1.0, 1.051, 1.077, 1.099, 1.14, 1.185];

/// A factor around 1 with a spread of 0.06, close to normal: the same for the same step.
fn noise(step: i64) -> f64 {
    let mut state = step as u64;
    let mut unit = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % 100_000) as f64 / 100_000.0
    };
    let six: f64 = (0..6).map(|_| unit()).sum();
    1.0 + 0.06 * (six - 3.0) * 2.0_f64.sqrt()
}

fn usual(ts: DateTime<Utc>) -> f64 {
    let hour = (ts - start()).num_minutes() as f64 / 60.0;
    1000.0 * (1.5 + (hour / 24.0 * std::f64::consts::TAU).sin())
}

fn prediction(ts: DateTime<Utc>) -> Prediction {
    Prediction { ts, quantiles: BAND.map(|r| r * usual(ts)), events: Vec::new() }
}

/// What a detector tells over some days of five minutes, in which `factor` moves demand.
fn told(days: i64, factor: impl Fn(i64) -> f64) -> Vec<Anomaly> {
    let mut detector = Detector::new(5, None);
    (0..days * 288)
        .filter_map(|step| {
            let ts = start() + Duration::minutes(step * 5);
            detector.observe(usual(ts) * noise(step) * factor(step), &prediction(ts))
        })
        .collect()
}

/// Steps since the start at which 13:30 of a day comes.
fn half_past_one(day: i64) -> i64 {
    day * 288 + 162
}

#[test]
fn demand_as_foreseen_is_no_anomaly() {
    assert_eq!(told(28, |_| 1.0), []);
}

#[test]
fn a_spike_is_a_point_with_its_reason() {
    let found = told(10, |step| if step == half_past_one(8) { 3.1 } else { 1.0 });
    assert_eq!(found.len(), 1, "{found:#?}");
    let spike = &found[0];
    assert_eq!((spike.kind, spike.side), (Kind::Point, Side::Above));
    assert_eq!(spike.ts, start() + Duration::minutes(half_past_one(8) * 5));
    assert!(spike.score > 5.0 && spike.tail < 1e-4, "{spike:?}");
    assert_eq!(
        spike.reason,
        "3.2 times what 13:30 UTC usually sees (3,592 instead of 1,117); no event explains it"
    );
}

#[test]
fn an_outage_is_told_once_and_as_below() {
    let outage = half_past_one(8)..half_past_one(8) + 20;
    let found = told(10, |step| if outage.contains(&step) { 0.02 } else { 1.0 });
    let points: Vec<&Anomaly> = found.iter().filter(|a| a.kind == Kind::Point).collect();
    assert_eq!(points.len(), 1, "{found:#?}");
    assert_eq!(points[0].side, Side::Below);
    assert!(points[0].reason.starts_with("0.02 times what 13:30 UTC usually sees"), "{}", points[0].reason);
}

#[test]
fn mild_excesses_in_a_row_are_a_run_before_any_is_a_point() {
    let from = half_past_one(8);
    let found = told(10, |step| if (from..from + 72).contains(&step) { 1.08 } else { 1.0 });
    assert!(found.iter().all(|a| a.kind != Kind::Point), "{found:#?}");
    let run = found.iter().find(|a| a.kind == Kind::Run).unwrap_or_else(|| panic!("{found:#?}"));
    assert_eq!(run.side, Side::Above);
    assert!((run.since - start()).num_minutes().abs_diff(from * 5) <= 60, "{run:?}");
    assert!(run.ts - run.since < Duration::hours(6), "{run:?}");
}

#[test]
fn an_hour_of_the_usual_total_and_another_course_is_told() {
    // Steps that are high and low in turn, within what one step may be.
    let from = 8 * 288 + 156;
    let found = told(10, |step| match step {
        s if (from..from + 12).contains(&s) => (1.0 + if s % 4 < 2 { 0.2 } else { -0.2 }) / noise(s),
        _ => 1.0,
    });
    let shape = found.iter().find(|a| a.kind == Kind::Shape).unwrap_or_else(|| panic!("{found:#?}"));
    assert_eq!(shape.since, start() + Duration::minutes(from * 5));
    assert!(shape.reason.contains("as unevenly as hours usually do, at 1.0 times"), "{}", shape.reason);
}

#[test]
fn a_level_that_stays_is_a_change_of_level() {
    let from = 8 * 288;
    let found = told(12, |step| if step >= from { 1.4 } else { 1.0 });
    let level = found.iter().find(|a| a.kind == Kind::Level).unwrap_or_else(|| panic!("{found:#?}"));
    assert!((level.since - start() - Duration::days(8)).num_hours().abs() <= 2, "{level:?}");
    assert!(level.ts - level.since < Duration::hours(12), "{level:?}");
    assert!(
        level.reason.ends_with("the level is 1.4 times the former one; no event explains it"),
        "{}",
        level.reason
    );
}

#[test]
fn an_event_that_is_on_is_named_and_ranks_behind() {
    let mut calendar = Calendar::new(vec![Venue::builtin("XNYS").unwrap()], false);
    let text = "[[event]]\nclass = \"rate_decision\"\nname = \"FOMC\"\nvenue = \"XNYS\"\nstart = \"2026-02-11T14:00\"\nduration_minutes = 60\n";
    calendar.add_toml("test", text).unwrap();
    let day = start() + Duration::days(9);
    let events = calendar.events(day, day + Duration::days(1), day);
    let fomc = events.into_iter().find(|e| e.name == "FOMC").unwrap();
    let ts = fomc.start;
    let mut detector = Detector::new(5, calendar.venue("XNYS").cloned());
    for step in 0..288 * 2 {
        let ts = day - Duration::days(2) + Duration::minutes(step * 5);
        assert_eq!(detector.observe(usual(ts) * noise(step), &prediction(ts)), None);
    }
    let during = Prediction { events: vec![(Arc::new(fomc), 2.5)], ..prediction(ts) };
    let explained = detector.observe(usual(ts) * 9.0, &during).unwrap();
    assert_eq!(explained.event.as_deref(), Some("FOMC"));
    assert!(
        explained.reason.starts_with("9.0 times what 14:00 New York usually sees"),
        "{}",
        explained.reason
    );
    assert!(explained.reason.ends_with("; more than FOMC explains"), "{}", explained.reason);
    let mut all =
        vec![explained.clone(), Anomaly { event: None, score: explained.score / 3.0, ..explained.clone() }];
    rank(&mut all);
    assert_eq!(all[0].event, None);
}

#[test]
fn what_is_no_number_is_left_out() {
    let mut detector = Detector::new(5, None);
    assert_eq!(detector.observe(f64::NAN, &prediction(start())), None);
}

proptest::proptest! {
    #[test]
    fn whatever_comes_scores_are_numbers(
        values in proptest::collection::vec(proptest::prop_oneof![0.0..1e-3, 0.0..1e9, proptest::strategy::Just(0.0)], 1..600),
        band in proptest::array::uniform6(0.0..1e6),
        step in proptest::sample::select(vec![1u32, 5, 60, 1440]),
    ) {
        let mut band = band;
        band.sort_unstable_by(f64::total_cmp);
        let mut detector = Detector::new(step, None);
        for (index, value) in values.into_iter().enumerate() {
            let ts = start() + Duration::minutes(index as i64 * i64::from(step));
            let told = detector.observe(value, &Prediction { ts, quantiles: band, events: Vec::new() });
            if let Some(anomaly) = told {
                proptest::prop_assert!(anomaly.score.is_finite() && (0.0..=1.0).contains(&anomaly.tail), "{anomaly:?}");
            }
        }
    }
}
