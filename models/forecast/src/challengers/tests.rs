use crate::Series;
use std::time::Instant;

use chrono::{Duration, Timelike};

use super::testing::{context, monday, series};
use super::*;
use crate::promote;

#[test]
fn the_nightly_promotion_considers_the_slow_ones() {
    let history = series(21, 30, |ts| Some(100.0 + f64::from(ts.hour())));
    let begun = Instant::now();
    let promotion = promote::nightly(&history, &context()).unwrap();
    eprintln!("nightly promotion of 21 days: {:?}", begun.elapsed());
    let names: Vec<&str> = promotion.reports.iter().map(|r| r.name.as_str()).collect();
    for challenger in quick().iter().chain(&slow()) {
        assert!(names.contains(&challenger.name().as_str()), "{} is not in {names:?}", challenger.name());
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(12))]

    #[test]
    fn whatever_the_history_the_slow_ones_are_finite_and_in_order(
        values in proptest::collection::vec(proptest::option::weighted(0.9, proptest::prop_oneof![0.0..3.0, 0.0..5000.0]), 600..1500),
        step in proptest::sample::select(vec![5u32, 30]),
        ahead in 0i64..14 * 1440,
    ) {
        let history = Series { start: monday(), step_minutes: step, values };
        for challenger in slow() {
            let Ok(mut fit) = challenger.fit(&history, &context()) else { continue };
            for observed in [false, true] {
                if observed {
                    let more = Series { start: history.end() + Duration::hours(3), ..history.clone() };
                    fit.observe(&more);
                }
                let quantiles = fit.predict(history.end() + Duration::minutes(ahead)).quantiles;
                proptest::prop_assert!(quantiles.iter().all(|q| q.is_finite() && *q >= 0.0), "{} {quantiles:?}", challenger.name());
                proptest::prop_assert!(quantiles.windows(2).all(|w| w[0] <= w[1]));
            }
        }
    }
}
