//! The autoscaler's tolerance: a small change of the metric is no change to it.
//!
//! The Horizontal Pod Autoscaler leaves a workload of `count` replicas alone while the wanted number differs from
//! it by no more than its tolerance (a tenth by default): a plan from 50 to 53 replicas would never be carried out.
//! So a small step up is told as the smallest one that counts, and is kept at that until the plan is so far below
//! that a step down counts too. Two questions about the same plan get the same number.

/// The number to tell for `wanted` replicas where `count` are run.
pub(crate) fn past(wanted: u32, count: Option<u32>, tolerance: f64) -> u32 {
    let Some(count) = count else { return wanted };
    let edge = f64::from(count) * tolerance;
    let change = f64::from(wanted) - f64::from(count);
    if change.abs() > edge || change == 0.0 {
        wanted
    } else if change > 0.0 {
        count.saturating_add(edge.floor() as u32).saturating_add(1)
    } else {
        count
    }
}

#[cfg(test)]
mod tests {
    use super::past;
    use proptest::prelude::*;

    #[test]
    fn a_small_step_up_is_made_large_enough() {
        assert_eq!(past(53, Some(50), 0.1), 56);
        assert_eq!(past(53, Some(56), 0.1), 56, "the next question gets the same number");
        assert_eq!(past(56, Some(50), 0.1), 56);
        assert_eq!(past(53, None, 0.1), 53);
        assert_eq!(past(50, Some(56), 0.1), 50, "more than a tenth below");
        assert_eq!(past(6, Some(5), 0.1), 6, "small pools feel every step");
    }

    proptest! {
        /// What the autoscaler ends up with is never below the wanted number, nor a tenth and one above it.
        #[test]
        fn the_autoscaler_follows(steps in prop::collection::vec(1_u32..500, 1..50)) {
            let (mut run, mut told) = (steps[0], None);
            for wanted in steps {
                let now = past(wanted, told, 0.1);
                prop_assert_eq!(past(wanted, Some(now), 0.1), now, "asking again changes nothing");
                told = Some(now);
                // The published rule: change only when the ratio is off by more than the tolerance.
                if (f64::from(now) / f64::from(run) - 1.0).abs() > 0.1 {
                    run = now;
                }
                prop_assert!(run >= wanted, "{} run, {} wanted", run, wanted);
                prop_assert!(f64::from(run) <= f64::from(wanted) / 0.9 + 1.0);
            }
        }
    }
}
