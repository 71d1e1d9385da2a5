#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::figures::{distance, quantile_changes, share_change};
use super::read::Pair;
use crate::latency::{Buckets, Tally};

fn tally(errors: u64, buckets: impl IntoIterator<Item = (i16, u64)>) -> Tally {
    Tally { errors, buckets: buckets.into_iter().collect() }
}

#[test]
fn an_octave_slower_is_twice_as_slow() {
    let calls = || (300..340_i16).map(|b| (b, 500));
    let pair = Pair { baseline: tally(0, calls()), candidate: tally(0, calls().map(|(b, n)| (b + 16, n))) };
    for change in quantile_changes(&pair) {
        assert!((change.ratio - 2.0).abs() < 1e-9, "{change:?}");
        let (low, high) = (change.ratio_low.unwrap_or(0.0), change.ratio_high.unwrap_or(9.0));
        assert!(low > 1.7 && high < 2.4, "{change:?}");
    }
    let apart = distance(&pair, 0.05);
    assert!(apart.is_some_and(|apart| (apart.value - 0.4).abs() < 1e-9 && apart.chance < 0.02), "{apart:?}");
}

#[test]
fn few_calls_have_no_interval_of_the_highest_percentile() {
    let pair = Pair { baseline: tally(0, [(300, 20)]), candidate: tally(1, [(300, 20)]) };
    let changes = quantile_changes(&pair);
    assert!(changes[0].ratio_low.is_some() && changes[2].ratio_high.is_none(), "{changes:?}");
    let change = share_change(&pair);
    assert!(change.is_some_and(|change| change.low < 0.0 && change.p_value > 0.9), "{change:?}");
    assert_eq!(share_change(&Pair::default()), None);
}

proptest! {
    #[test]
    fn a_distance_is_one_and_nothing_is_far_from_itself(
        a in prop::collection::vec((0_i16..600, 1_u64..900), 1..40),
        b in prop::collection::vec((0_i16..600, 1_u64..900), 1..40),
    ) {
        let (a, b) = (tally(0, a), tally(0, b));
        let pair = Pair { baseline: a.clone(), candidate: b.clone() };
        let turned = Pair { baseline: b, candidate: a.clone() };
        let (there, back) = (distance(&pair, 0.05).unwrap(), distance(&turned, 0.05).unwrap());
        prop_assert!((0.0..=1.0 + 1e-9).contains(&there.value));
        prop_assert!((there.value - back.value).abs() < 1e-9);
        let same = Pair { baseline: a.clone(), candidate: a };
        prop_assert!(distance(&same, 0.05).unwrap().value < 1e-9);
        for change in quantile_changes(&pair) {
            prop_assert!(change.ratio_low.is_none_or(|low| low <= change.ratio * (1.0 + 1e-9)));
            prop_assert!(change.ratio_high.is_none_or(|high| high >= change.ratio * (1.0 - 1e-9)));
        }
    }

    /// Two samples of one distribution are rarely told apart: at most one in twenty, the buckets make it rarer.
    #[test]
    fn chance_stays_below_its_bound(seed in prop::collection::vec((0_i16..40, 0_i16..40), 400)) {
        let side = |pick: fn(&(i16, i16)) -> i16| seed.iter().map(|draw| (pick(draw), 1)).collect::<Buckets>();
        let pair = Pair {
            baseline: Tally { errors: 0, buckets: side(|draw| draw.0) },
            candidate: Tally { errors: 0, buckets: side(|draw| draw.1) },
        };
        // A bound for one in a hundred thousand, so that this test does not fail by chance.
        let apart = distance(&pair, 1e-5).unwrap();
        prop_assert!(apart.value < apart.chance, "{apart:?}");
    }
}
