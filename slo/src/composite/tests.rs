#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::budget;
use crate::measured::Measured;
use crate::promise::Promise;
use crate::rules::rules;
use crate::series::{Series, Slice};
use crate::spec::{Method, SloSet};
use crate::testing::slo;
use crate::timeline::Timeline;

const DAY: i64 = 1_440;

/// A day in which of `total` requests a minute `good` are good, in the last `minutes` of it other ones.
fn day(good: u64, total: u64, minutes: i64, last: (u64, u64)) -> Series {
    Series::new(
        (0..DAY)
            .map(|minute| {
                let (good, total) = if minute >= DAY - minutes { last } else { (good, total) };
                Slice { start: minute * 60, seconds: 60, good, total, observed: 1.0 }
            })
            .collect(),
    )
}

/// Assesses parts of (weight, target, slices) a minute after their end.
fn assessed(parts: &[(f64, f64, Series)]) -> Assessment {
    let slos: Vec<Slo> = parts.iter().map(|(_, target, _)| slo(*target, "1d", Method::Occurrences)).collect();
    let lines: Vec<Timeline> =
        parts.iter().zip(&slos).map(|((.., series), slo)| Timeline::new(slo, series)).collect();
    let weighed: Vec<Weighed<'_>> = parts
        .iter()
        .zip(slos.iter().zip(&lines))
        .map(|((weight, ..), (slo, line))| Weighed { weight: *weight, slo, line })
        .collect();
    assess(&slo(0.9, "1d", Method::Occurrences).window, &weighed, at(DAY * 60 + 60))
}

fn remaining(parts: &[(f64, f64, Series)]) -> f64 {
    assessed(parts).budget.unwrap().remaining
}

#[test]
fn weights_are_normalised() {
    let (bad, good) = (|| day(98, 100, 0, (0, 0)), || day(10_000, 10_000, 0, (0, 0)));
    // 2 % and 0 % failed of 1 % allowed: by halves 1 %, by three and one 0.5 %, however many requests there were.
    assert!(remaining(&[(1.0, 0.99, bad()), (1.0, 0.99, good())]).abs() < 1e-9);
    assert!((remaining(&[(1.0, 0.99, bad()), (3.0, 0.99, good())]) - 0.5).abs() < 1e-9);
    assert_eq!(
        remaining(&[(2.0, 0.99, bad()), (6.0, 0.99, good())]),
        remaining(&[(1.0, 0.99, bad()), (3.0, 0.99, good())])
    );
    // A wide promise of one step makes the whole's wider: 2 % of (1 % and 9 %) / 2 is 1 % of 5 %.
    assert!((remaining(&[(1.0, 0.99, bad()), (1.0, 0.91, good())]) - 0.8).abs() < 1e-9);
}

#[test]
fn a_step_that_nobody_took_weighs_nothing_and_one_that_was_not_seen_hides_the_whole() {
    let bad = || day(98, 100, 0, (0, 0));
    assert!((remaining(&[(1.0, 0.99, bad()), (9.0, 0.99, day(0, 0, 0, (0, 0)))]) + 1.0).abs() < 1e-9);
    let unseen: Vec<Slice> = bad()
        .slices()
        .iter()
        .map(|slice| Slice { observed: f64::from(u8::from(slice.start % 120 == 0)), ..*slice })
        .collect();
    let found = assessed(&[(1.0, 0.99, bad()), (9.0, 0.99, Series::new(unseen))]);
    assert_eq!(found.budget.unwrap_err(), ": only 50 % of the minutes were seen; a figure needs 90 %");
    assert_eq!(found.burn.iter().filter_map(|(_, burn)| *burn).count(), 0);
    assert_eq!(assessed(&[]).budget.unwrap_err(), "it has no parts");
    assert!(
        assessed(&[(1.0, 0.99, Series::default())]).budget.unwrap_err().contains("nothing has been measured")
    );
}

#[test]
fn rules_of_the_whole() {
    let slos = [slo(0.99, "7d", Method::Occurrences), slo(0.999, "7d", Method::Occurrences)];
    let series = [day(100, 100, 0, (0, 0)), day(100, 100, 60, (50, 100))];
    let lines: Vec<Timeline> =
        slos.iter().zip(&series).map(|(slo, series)| Timeline::new(slo, series)).collect();
    let parts: Vec<Weighed<'_>> =
        slos.iter().zip(&lines).map(|(slo, line)| Weighed { weight: 1.0, slo, line }).collect();
    let whole = target(&[(1.0, &slos[0]), (1.0, &slos[1])]);
    assert!((whole - 0.9945).abs() < 1e-12);
    let read = |rule| reading(&parts, rule, 1e-3, DAY * 60);
    let found: Vec<Reading> = rules(7 * 86_400, whole).into_iter().map(read).collect();
    // Half of one of two steps fails: 25 % of 0.55 %.
    assert!((found[0].short.unwrap() - 0.25 / 0.0055).abs() < 1e-9 && found[0].met());
    assert!(found.iter().all(|reading| reading.significant && !reading.quiet));
}

#[test]
fn a_document_becomes_a_composite() {
    let metric = |what: &str| {
        format!(
            "indicator: {{spec: {{ratioMetric: {{good: {{metricSource: {{type: headroom, spec: {{operation: {what}, status: not_error}}}}}}, total: {{metricSource: {{type: headroom, spec: {{operation: {what}}}}}}}}}}}}}"
        )
    };
    let text = format!(
        "apiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: journey, displayName: From order to fill}}\nspec:\n  service: order\n  budgetingMethod: Occurrences\n  \
         timeWindow: [{{duration: 30d, isRolling: true}}]\n  objectives:\n    - {{displayName: Place, target: 0.99, compositeWeight: 2, {}}}\n    - {{target: 0.999, {}}}\n",
        metric("place"),
        metric("fill")
    );
    let set = SloSet::parse([("journey.yaml", text.as_str())]).unwrap();
    let found = set.composite("journey").unwrap();
    assert_eq!(
        found.parts,
        [
            Part { slo: "journey.1".to_owned(), weight: 2.0 },
            Part { slo: "journey.2".to_owned(), weight: 1.0 }
        ]
    );
    let names: Vec<&str> = set.slos.iter().map(|slo| slo.display_name.as_str()).collect();
    assert_eq!(names, ["Place", "From order to fill"]);
    assert!(set.slos.iter().all(|slo| slo.indicator.is_ok()));
    let lines: Vec<Timeline> =
        set.slos.iter().map(|slo| Timeline::new(slo, &day(995, 1_000, 0, (0, 0)))).collect();
    let whole = || set.promise("journey").unwrap();
    let line = |id: &str| lines.get(set.slos.iter().position(|slo| slo.id == id)?);
    let assessed = Measured::new(whole(), line).unwrap().assess(at(DAY * 60 + 60));
    // 0.5 % of (2 x 1 % + 0.1 %) / 3.
    insta::assert_snapshot!(crate::words::of_window(&found.window, &assessed), @"Burning at 0.71x the allowed rate. 29 % of the budget of 30 days is left (measured since 1 January 00:00 UTC).");
    assert!(Measured::new(whole(), |_| None).is_none());
    let ids: Vec<&str> = set.promises().iter().map(Promise::id).collect();
    assert_eq!(ids, ["journey", "journey.1", "journey.2"]);
    assert_eq!(set.whole_of("journey.2").map(|whole| whole.id.as_str()), Some("journey"));
}

proptest! {
    #[test]
    fn one_part_is_the_objective_itself(good in 0_u64..1_000, bad in 0_u64..1_000, minutes in 0_i64..400, weight in 0.1_f64..10.0, target in 0.5_f64..0.999) {
        let series = day(1_000, 1_000, minutes, (good, good + bad));
        let found = assessed(&[(weight, target, series.clone())]);
        let slo = slo(target, "1d", Method::Occurrences);
        let alone = budget::assess(&slo, &Timeline::new(&slo, &series), at(DAY * 60 + 60));
        let near = |a: Option<f64>, b: Option<f64>| a.zip(b).map_or(a == b, |(a, b)| (a - b).abs() < 1e-6 * b.abs().max(1.0));
        for ((_, whole), (_, alone)) in found.burn.iter().zip(&alone.burn) {
            prop_assert!(near(*whole, *alone), "{whole:?} {alone:?}");
        }
        let of = |found: &Assessment| found.budget.clone().map(|budget| budget.remaining).ok();
        prop_assert!(near(of(&found), of(&alone)));
        let ends = |found: &Assessment| found.budget.clone().ok().and_then(|budget| budget.exhausts_at).map(|at| at.timestamp());
        prop_assert!(ends(&found).zip(ends(&alone)).map_or(ends(&found) == ends(&alone), |(a, b)| (a - b).abs() <= 1));
    }
}
