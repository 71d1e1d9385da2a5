//! Level x profile with and without the calendar's multipliers, on recorded SPY volume.

use std::path::Path;

use headroom_calendar::Venue;
use headroom_forecast::{CalendarModel, Forecaster, PhaseCalendar};

use crate::{recorded, spy};

#[test]
fn the_calendar_betters_the_hours_of_rate_decisions() {
    let Some(directory) = recorded::directory() else { return };
    let directory: &Path = &directory;
    let phases = PhaseCalendar::Venues(vec![Venue::builtin("XNYS").unwrap()]);
    let plain = CalendarModel { phases: phases.clone(), events: false };
    let knowing = CalendarModel { phases, events: true };
    let series = spy::volume(directory, 2014).unwrap();
    let forecasters: [&dyn Forecaster; 2] = [&plain, &knowing];
    let reports = spy::backtest(&series, spy::calendar(directory).unwrap(), 2018, &forecasters).unwrap();
    let [plain, knowing] = &reports[..] else { panic!("two reports") };
    let (before, after) = (&plain.strata["rate_decision"], &knowing.strata["rate_decision"]);
    assert_eq!(before.steps, after.steps);
    assert!(before.steps >= 48, "only {} hours", before.steps);
    let gain = 1.0 - after.pinball()[2] / before.pinball()[2];
    eprintln!(
        "rate decisions, {} hours: 0.9-pinball {:.4} -> {:.4} ({:.0} % better), coverage at 0.9 {:.1} % -> {:.1} %",
        before.steps,
        before.pinball()[2],
        after.pinball()[2],
        gain * 100.0,
        before.coverage()[2] * 100.0,
        after.coverage()[2] * 100.0
    );
    assert!(gain > 0.3, "the gain is only {gain:.3}");
    assert!(after.coverage()[2] >= 0.85, "{:?}", after.coverage());
    assert!(knowing.all.pinball()[2] <= plain.all.pinball()[2]);
    let coverage = knowing.all.coverage();
    assert!((0.88..=0.92).contains(&coverage[2]) && (0.98..=1.0).contains(&coverage[4]), "{coverage:?}");
}
