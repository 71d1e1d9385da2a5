//! The ridge regression point by point, on recorded market volume and on recorded cloud metrics.

use std::sync::Arc;

use chrono::Duration;
use chrono_tz::America::New_York;
use headroom_calendar::{Calendar, Venue};
use headroom_forecast::evaluate::{self, Evaluation, Horizon, Window, geometric_mean};
use headroom_forecast::{Context, PhaseCalendar, RidgeModel, Series, files};

use crate::{recorded, spy};

fn evaluated(series: &Series, calendar: Calendar, phases: PhaseCalendar, window: Window) -> Evaluation {
    let context = Context {
        calendar: Arc::new(calendar),
        service: "series".into(),
        horizon: Duration::days(4),
        signals: Vec::new(),
    };
    evaluate::run(&RidgeModel::new(phases), series, &context, window, &mut |_, _| ()).unwrap()
}

#[test]
fn volume_in_the_turmoil_of_2020_is_foreseen_better_than_by_the_day_before() {
    let Some(directory) = recorded::directory() else { return };
    let read = files::read(&directory.join("market/spy_hourly_volume.csv.gz"), Some(New_York)).unwrap();
    let series = read.series.since("2014-01-01T00:00:00Z".parse().unwrap());
    let window = Window {
        horizon: Horizon::Sessions(1),
        from: "2020-01-01T00:00:00Z".parse().unwrap(),
        to: "2021-04-01T00:00:00Z".parse().unwrap(),
    };
    let phases = PhaseCalendar::Venues(vec![Venue::builtin("XNYS").unwrap()]);
    let outcome = evaluated(&series, spy::calendar(&directory).unwrap(), phases, window);
    let (all, decisions) = (&outcome.summary.all, &outcome.summary.by_class["rate_decision"]);
    eprintln!("all hours {all:?}\nrate decisions {decisions:?}");
    assert!(all.points > 2_000 && decisions.points > 15);
    assert!(all.relative_mase.unwrap() < 0.9 && all.relative_wql.unwrap() < 0.7);
    assert!((0.86..0.95).contains(&all.coverage[2]), "{:?}", all.coverage);
    assert!(decisions.coverage[2] >= 0.85, "{:?}", decisions.coverage);
}

#[test]
fn cloud_metrics_are_foreseen_better_than_by_the_day_before() {
    let Some(directory) = recorded::directory() else { return };
    let names = [
        "ec2_request_latency_system_failure",
        "elb_request_count_8c0756",
        "nyc_taxi",
        "rds_cpu_utilization_e47b3b",
    ];
    let (mut mase, mut wql) = (Vec::new(), Vec::new());
    for name in names {
        let series = files::read(&directory.join(format!("ops/nab_{name}.csv.gz")), None).unwrap().series;
        let reach = Duration::minutes(48 * i64::from(series.step_minutes));
        let horizon = Horizon::Minutes(48 * series.step_minutes);
        let window = Window { horizon, from: series.end() - reach * 9, to: series.end() };
        let score = evaluated(&series, Calendar::default(), PhaseCalendar::Clock, window).summary.all;
        eprintln!("{name}: {score:?}");
        assert!(score.relative_mase.unwrap() < 1.05, "{name}");
        mase.push(score.relative_mase.unwrap());
        wql.push(score.relative_wql.unwrap());
    }
    let (mase, wql) = (geometric_mean(&mase).unwrap(), geometric_mean(&wql).unwrap());
    assert!(
        mase < 0.78 && wql < 0.54,
        "MASE {mase}, weighted quantile loss {wql}, against the naive forecast's"
    );
}
