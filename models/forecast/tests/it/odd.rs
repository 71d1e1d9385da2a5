//! Whatever the history, every forecaster gives finite quantiles in order, or a reason.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use headroom_calendar::{Calendar, Venue};
use headroom_forecast::outlook;
use headroom_forecast::{Context, Forecaster, PriorModel, Series, challengers, promote};
use proptest::prelude::*;

/// What a series is like, value by value; `chance` is uniform in [0, 1).
#[derive(Debug, Clone, Copy)]
enum Kind {
    Noise,
    Constant,
    Silent,
    /// One value in a hundred is anything at all.
    Spikes,
    /// The level changes by a factor of a thousand half way.
    Shift,
    Growth,
    /// Whole stretches are missing.
    Holes,
    /// Zero and a thousand in turn.
    Comb,
}

fn value(kind: Kind, i: usize, count: usize, chance: f64) -> Option<f64> {
    let share = i as f64 / count as f64;
    Some(match kind {
        Kind::Noise => chance * 100.0,
        Kind::Constant => 7.0,
        Kind::Silent => 0.0,
        Kind::Spikes => 5.0 + if chance < 0.01 { 10_f64.powf(chance * 1200.0) } else { chance },
        Kind::Shift => (1.0 + chance) * if share < 0.5 { 1.0 } else { 1000.0 },
        Kind::Growth => (share * 20.0).exp() * (0.9 + 0.2 * chance),
        Kind::Holes if (i / 50) % 3 == 1 => return None,
        Kind::Holes => 10.0 + chance,
        Kind::Comb => 1000.0 * (i % 2) as f64,
    })
}

fn odd() -> impl Strategy<Value = Series> {
    let kinds = [
        Kind::Noise,
        Kind::Constant,
        Kind::Silent,
        Kind::Spikes,
        Kind::Shift,
        Kind::Growth,
        Kind::Holes,
        Kind::Comb,
    ];
    let kind = prop::sample::select(kinds.to_vec());
    let step = prop::sample::select(vec![1_u32, 5, 10, 30, 60, 1440]);
    let scale = prop::sample::select(vec![1e-6, 1.0, 1e9]);
    let parts = (kind, step, scale, 0_i64..20_000, 0.7..1.0, prop::collection::vec(0.0..1.0, 1..700));
    parts.prop_map(|(kind, step_minutes, scale, late, kept, chances)| {
        let start = "2026-02-27T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + Duration::minutes(late);
        let count = chances.len();
        let measured = |(i, chance): (usize, f64)| {
            let kept = (chance * 1e3).fract() < kept;
            value(kind, i, count, chance).filter(|_| kept).map(|value| value * scale)
        };
        Series { start, step_minutes, values: chances.into_iter().enumerate().map(measured).collect() }
    })
}

fn sound(quantiles: [f64; 6]) -> bool {
    quantiles.iter().all(|q| q.is_finite() && *q >= 0.0) && quantiles.is_sorted()
}

fn context() -> Context {
    let venues = ["XNYS", "XNSE"].map(|mic| Venue::builtin(mic).unwrap());
    let calendar = Arc::new(Calendar::new(venues.to_vec(), true));
    Context { calendar, service: "odd".into(), horizon: Duration::days(15), signals: Vec::new() }
}

/// Every forecaster there is.
fn all(context: &Context) -> Vec<Box<dyn Forecaster>> {
    let mut all = promote::candidates(context);
    all.extend(challengers::slow());
    all.push(Box::new(PriorModel(headroom_forecast::PhaseCalendar::Clock)));
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn quantiles_are_finite_in_order_and_not_negative(history in odd(), ahead in 0_i64..14 * 1440) {
        let context = context();
        for forecaster in all(&context) {
            let Ok(mut fitted) = forecaster.fit(&history, &context) else { continue };
            for round in 0..2 {
                for ts in [history.end(), history.end() + Duration::minutes(ahead)] {
                    let quantiles = fitted.predict(ts).quantiles;
                    prop_assert!(sound(quantiles), "{} {round} {quantiles:?}", forecaster.name());
                }
                let recent = Series { start: history.end(), ..history.clone() };
                fitted.observe(&recent);
            }
        }
    }

    #[test]
    fn an_outlook_has_a_point_a_step_or_a_reason(history in odd()) {
        match outlook::of(&history, &context(), "2d".parse().unwrap()) {
            Ok(outlook) => {
                prop_assert_eq!(outlook.points.len(), (2 * 1440_usize).div_ceil(history.step_minutes as usize));
                prop_assert!(outlook.points.iter().all(|point| sound(point.quantiles)));
            }
            Err(reason) => prop_assert!(reason.0.starts_with("odd has no measured step") || reason.0.starts_with("odd received no"), "{}", reason),
        }
    }
}
