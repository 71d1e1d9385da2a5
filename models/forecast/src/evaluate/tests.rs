#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use super::*;
use crate::{Prediction, RidgeModel, SeasonalNaive};
use headroom_calendar::{Calendar, Venue};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn new_york() -> Context {
    let calendar = Calendar::new(vec![Venue::builtin("XNYS").unwrap()], true);
    Context {
        calendar: Arc::new(calendar),
        service: "gateway".into(),
        horizon: Duration::days(2),
        signals: Vec::new(),
    }
}

/// Foretells the number of measured steps it was shown, so that what it knew can be told from its forecasts.
struct Counter;
struct Counted(DateTime<Utc>, f64, PhaseCalendar);

impl Forecaster for Counter {
    fn name(&self) -> String {
        "counter".into()
    }
    fn fit(&self, history: &Series, _: &Context) -> Result<Box<dyn Fitted>, Unavailable> {
        Ok(Box::new(Counted(history.end(), history.measured() as f64, PhaseCalendar::Clock)))
    }
}

impl Fitted for Counted {
    fn observe(&mut self, recent: &Series) {
        self.1 += recent.since(self.0).measured() as f64;
        self.0 = self.0.max(recent.end());
    }
    fn predict(&self, ts: DateTime<Utc>) -> Prediction {
        Prediction { ts, quantiles: [self.1; 6], events: Vec::new() }
    }
    fn phases(&self) -> &PhaseCalendar {
        &self.2
    }
}

fn hours(start: &str, count: usize) -> Series {
    Series { start: at(start), step_minutes: 60, values: (0..count).map(|i| Some(i as f64 + 1.0)).collect() }
}

#[test]
fn horizons_read_as_they_are_written() {
    for text in ["1session", "3session", "1d", "14d", "4h", "90m"] {
        assert_eq!(text.parse::<Horizon>().unwrap().to_string(), text);
    }
    assert_eq!("60m".parse::<Horizon>().unwrap(), Horizon::Minutes(60));
    for wrong in ["", "0d", "session", "1.5h", "15d", "-1d", "3weeks", "99999999999m"] {
        let said = wrong.parse::<Horizon>().unwrap_err().0;
        assert!(said.contains("is no horizon"), "{said}");
    }
}

#[test]
fn a_forecast_knows_what_ended_before_it_was_issued_and_nothing_else() {
    let series = hours("2026-03-02T00:00:00Z", 240);
    let horizons = ["1d", "60m", "1session", "2session", "5h"];
    // At night, and within a session.
    let starts = ["2026-03-04T00:00:00Z", "2026-03-04T16:00:00Z"];
    for (horizon, from) in horizons.into_iter().flat_map(|h| starts.map(|from| (h, at(from)))) {
        let horizon = horizon.parse().unwrap();
        let window = Window { horizon, from, to: at("2026-03-11T13:00:00Z") };
        let outcome = run(&Counter, &series, &new_york(), window, &mut |_, _| ()).unwrap();
        for record in &outcome.records {
            let known = (record.issued_at - series.start).num_hours() as f64;
            assert_eq!(record.quantiles[0], known, "{horizon}: {record:?}");
            assert!(record.ts >= record.issued_at);
        }
        let stamps: Vec<_> = outcome.records.iter().map(|r| r.ts).collect();
        let steps = std::iter::successors(Some(from), |ts| Some(*ts + Duration::hours(1)));
        let wanted: Vec<_> = steps.take_while(|ts| *ts < window.to).collect();
        assert_eq!(stamps, wanted, "{horizon} from {from}: every step of the window once");
    }
}

#[test]
fn a_session_ahead_is_issued_at_the_close_before() {
    let series = hours("2026-03-02T00:00:00Z", 240);
    let window = Window {
        horizon: Horizon::Sessions(1),
        from: at("2026-03-06T00:00:00Z"),
        to: at("2026-03-10T00:00:00Z"),
    };
    let outcome = run(&Counter, &series, &new_york(), window, &mut |_, _| ()).unwrap();
    let issued = |ts: &str| outcome.records.iter().find(|r| r.ts == at(ts)).unwrap().issued_at;
    assert_eq!(issued("2026-03-06T15:00:00Z"), at("2026-03-05T21:00:00Z"));
    // Summer time begins on the Sunday.
    assert_eq!(issued("2026-03-09T15:00:00Z"), at("2026-03-06T21:00:00Z"));
    assert_eq!(issued("2026-03-09T20:00:00Z"), at("2026-03-09T20:00:00Z"));
}

#[test]
fn the_naive_forecast_is_the_last_like_hour_of_the_wall_clock() {
    let series = hours("2026-03-02T00:00:00Z", 240);
    let context = new_york();
    let naive = Naive::new(&series, &context);
    // Monday 10:00 in New York is 14:00 UTC; on the Saturday before it was 15:00 UTC.
    assert_eq!(
        naive.before(at("2026-03-09T14:00:00Z"), at("2026-03-08T12:00:00Z")),
        series.value(at("2026-03-07T15:00:00Z"))
    );
    assert_eq!(
        naive.before(at("2026-03-12T14:00:00Z"), at("2026-03-11T12:00:00Z")),
        series.value(at("2026-03-10T14:00:00Z"))
    );
}

#[test]
fn scores_are_those_of_a_hand_count() {
    let record = |actual: f64, q: f64, naive: f64, class: Option<EventClass>| Record {
        ts: at("2026-03-02T01:00:00Z"),
        issued_at: at("2026-03-02T00:00:00Z"),
        actual,
        class,
        quantiles: [q, q, q + 2.0, q + 2.0, q + 2.0, q + 2.0],
        seasonal_naive: Some(naive),
    };
    let records = [record(10.0, 8.0, 6.0, None), record(6.0, 7.0, 8.0, Some(EventClass::Expiry))];
    let summary = Summary::new(&records, Some(2.0)).unwrap();
    let all = &summary.all;
    assert_eq!((all.points, all.mean_actual), (2, 8.0));
    assert!((all.wape - 3.0 / 16.0).abs() < 1e-12);
    // At 0.9 the first forecast is met exactly, the second is 3 too high: 0.1 x 3.
    assert!((all.pinball[2] - 0.3 / 16.0).abs() < 1e-12);
    assert_eq!(all.coverage, [0.5, 0.5, 1.0, 1.0, 1.0, 1.0]);
    assert!((all.unserved[0] - 2.0 / 16.0).abs() < 1e-12);
    assert!((all.mase.unwrap() - 0.75).abs() < 1e-12);
    assert!((all.relative_mase.unwrap() - 0.5).abs() < 1e-12);
    let late = Record { seasonal_naive: None, ..record(6.0, 9.0, 0.0, None) };
    let lacking = Summary::new(&[records[0].clone(), records[1].clone(), late], Some(2.0)).unwrap().all;
    assert_eq!((lacking.points, lacking.compared), (3, 2));
    assert!((lacking.relative_mase.unwrap() - 0.5).abs() < 1e-12, "over those that can be compared");
    assert_eq!(summary.by_class.keys().collect::<Vec<_>>(), ["expiry", "ordinary"]);
    assert_eq!(summary.by_lead["3: 1 to 4 h"].points, 2);
}

#[test]
fn a_window_without_data_or_a_session_without_a_venue_is_refused() {
    let series = hours("2026-03-02T00:00:00Z", 240);
    let window = |horizon: &str, from: &str| Window {
        horizon: horizon.parse().unwrap(),
        from: at(from),
        to: at("2027-01-01T00:00:00Z"),
    };
    let late = run(&Counter, &series, &new_york(), window("1d", "2026-12-01T00:00:00Z"), &mut |_, _| ());
    assert!(late.unwrap_err().0.starts_with("gateway has no measured step from 2026-12-01"));
    let clock = Context { calendar: Arc::new(Calendar::default()), ..new_york() };
    let lost = run(&Counter, &series, &clock, window("1session", "2026-03-05T00:00:00Z"), &mut |_, _| ());
    assert!(lost.unwrap_err().0.contains("needs a venue's calendar"));
}

#[test]
fn the_models_of_the_crate_can_be_evaluated() {
    let series = hours("2026-03-02T00:00:00Z", 400);
    let window =
        Window { horizon: Horizon::Minutes(240), from: at("2026-03-12T00:00:00Z"), to: series.end() };
    let mut told = Vec::new();
    for model in [&RidgeModel::new(PhaseCalendar::Clock) as &dyn Forecaster, &SeasonalNaive { days: 1 }] {
        let outcome =
            run(model, &series, &new_york(), window, &mut |done, all| told.push((done, all))).unwrap();
        assert_eq!(outcome.records.len(), 160);
        assert!(outcome.summary.all.wape < 0.1, "{:?}", outcome.summary.all);
    }
    assert_eq!(told.last(), Some(&(40, 40)));
}
