//! Where the load stood still: windows of one level in a row are a step.

use std::ops::Range;

/// A step lasts at least so many seconds, and at least so many windows.
const LEAST_SECONDS: f64 = 5.0;
const LEAST_WINDOWS: usize = 3;
/// From so many windows on, a step gives away those in which the load changes.
const TRIM_FROM: usize = 8;
/// A dip of so many windows between two equal levels belongs to the step: leaving it out would hide a stall.
const DIP: usize = 3;
/// Most pieces that a ramp is cut into.
const PIECES: usize = 12;

/// What the level of the load is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Users or threads: whole numbers that someone set.
    Users,
    /// Requests started per second.
    Rate,
}

/// How the windows were cut.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cut {
    /// Steps, none of which overlap.
    Steps(Vec<Range<usize>>),
    /// The load never stood still: pieces of a ramp.
    Ramp(Vec<Range<usize>>),
    /// Too few windows for a step.
    Short,
}

/// How far apart levels may lie and still be the same.
struct Tolerance {
    level: Level,
    noise: f64,
    window_seconds: f64,
}

impl Tolerance {
    fn of(&self, mean: f64) -> f64 {
        match self.level {
            Level::Users => (0.02 * mean).max(0.5),
            // One request more or less in a window is not another rate.
            Level::Rate => (0.05 * mean).max(4.0 * self.noise).max(1.0 / self.window_seconds),
        }
    }
}

/// Cuts windows of `window_seconds` into steps of one level. Windows flagged in `parted` do not belong to
/// what lies before them.
pub(super) fn cut(levels: &[f64], parted: &[bool], level: Level, window_seconds: f64) -> Cut {
    let least = LEAST_WINDOWS.max((LEAST_SECONDS / window_seconds).ceil() as usize);
    if levels.len() < least {
        return Cut::Short;
    }
    let noise = if level == Level::Rate { noise(levels) } else { 0.0 };
    let tolerance = Tolerance { level, noise, window_seconds };
    let mut steps: Vec<Range<usize>> = Vec::new();
    for run in runs(levels, parted, &tolerance).into_iter().filter(|run| run.len() >= least) {
        if drifts(&levels[run.clone()], &tolerance) {
            continue;
        }
        match steps.last_mut() {
            Some(last)
                if run.start - last.end <= DIP
                    && !parted[last.end..=run.start].contains(&true)
                    && same(&levels[last.clone()], &levels[run.clone()], &tolerance) =>
            {
                last.end = run.end;
            }
            _ => steps.push(run),
        }
    }
    if steps.is_empty() {
        return without_steps(levels, parted, least);
    }
    for step in steps.iter_mut().filter(|step| step.len() >= TRIM_FROM) {
        if step.start > 0 && !parted[step.start] {
            step.start += 1;
        }
        if step.end < levels.len() && !parted[step.end] {
            step.end -= 1;
        }
    }
    Cut::Steps(steps)
}

/// Windows in a row that each lie within the tolerance of the mean of those before them.
fn runs(levels: &[f64], parted: &[bool], tolerance: &Tolerance) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let (mut start, mut sum) = (0, levels[0]);
    for at in 1..levels.len() {
        let mean = sum / (at - start) as f64;
        if parted[at] || (levels[at] - mean).abs() > tolerance.of(mean) {
            runs.push(start..at);
            (start, sum) = (at, 0.0);
        }
        sum += levels[at];
    }
    runs.push(start..levels.len());
    runs
}

fn mean(levels: &[f64]) -> f64 {
    levels.iter().sum::<f64>() / levels.len().max(1) as f64
}

fn same(a: &[f64], b: &[f64], tolerance: &Tolerance) -> bool {
    let (a, b) = (mean(a), mean(b));
    (a - b).abs() <= tolerance.of(a)
}

/// Whether the last third of a run lies higher or lower than the first by more than noise explains.
fn drifts(levels: &[f64], tolerance: &Tolerance) -> bool {
    let third = (levels.len() / 3).max(1);
    let drift = (mean(&levels[levels.len() - third..]) - mean(&levels[..third])).abs();
    let by_chance = 3.0 * tolerance.noise * (2.0 / third as f64).sqrt();
    let rounding = match tolerance.level {
        Level::Users => 0.5,
        Level::Rate => 1.0 / tolerance.window_seconds,
    };
    drift > (0.03 * mean(levels)).max(by_chance).max(rounding)
}

/// The standard deviation of the levels about their course: from the median of the second differences, which
/// a straight ramp does not raise. Of independent noise they have the variance 6 σ², and the median of a
/// normal deviate's amount is 0.6745 σ.
fn noise(levels: &[f64]) -> f64 {
    let mut second: Vec<f64> = levels.windows(3).map(|w| (w[2] - 2.0 * w[1] + w[0]).abs()).collect();
    if second.is_empty() {
        return 0.0;
    }
    let middle = second.len() / 2;
    let (_, median, _) = second.select_nth_unstable_by(middle, f64::total_cmp);
    *median / (0.674_5 * 6.0_f64.sqrt())
}

fn without_steps(levels: &[f64], parted: &[bool], least: usize) -> Cut {
    let third = (levels.len() / 3).max(1);
    let (first, last) = (mean(&levels[..third]), mean(&levels[levels.len() - third..]));
    if !parted.contains(&true) && (first - last).abs() <= 0.1 * mean(levels) {
        return Cut::Steps(std::iter::once(0..levels.len()).collect());
    }
    let pieces = (levels.len() / least).clamp(1, PIECES);
    Cut::Ramp((0..pieces).map(|k| k * levels.len() / pieces..(k + 1) * levels.len() / pieces).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_distr::{Distribution, Poisson};

    use super::*;

    fn steps(levels: &[f64], level: Level) -> Cut {
        cut(levels, &vec![false; levels.len()], level, 1.0)
    }

    fn hold(level: f64, windows: usize) -> Vec<f64> {
        vec![level; windows]
    }

    #[test]
    fn users_in_stairs_are_steps_without_the_windows_of_change() {
        let levels = [hold(10.0, 10), vec![12.0, 15.0, 18.0], hold(20.0, 10), hold(40.0, 6)].concat();
        assert_eq!(steps(&levels, Level::Users), Cut::Steps(vec![0..9, 14..22, 23..29]));
    }

    #[test]
    fn a_ramp_is_dropped_between_steps_and_cut_into_pieces_alone() {
        let ramp: Vec<f64> = (0..60).map(|at| 100.0 + f64::from(at) * 5.0).collect();
        let levels = [hold(100.0, 20), ramp.clone(), hold(400.0, 20)].concat();
        let Cut::Steps(found) = steps(&levels, Level::Rate) else { panic!("no steps") };
        assert_eq!(found.len(), 2);
        assert!(found[0].end <= 22 && found[1].start >= 76, "{found:?}");
        let Cut::Ramp(pieces) = steps(&ramp, Level::Rate) else { panic!("not a ramp") };
        assert_eq!((pieces.len(), pieces[0].clone(), pieces[11].clone()), (12, 0..5, 55..60));
    }

    #[test]
    fn a_stall_belongs_to_its_step() {
        let levels = [hold(500.0, 20), vec![430.0, 0.0, 570.0], hold(500.0, 20)].concat();
        assert_eq!(steps(&levels, Level::Rate), Cut::Steps(std::iter::once(0..43).collect()));
    }

    #[test]
    fn arrivals_by_chance_are_no_steps_of_their_own() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(7);
        let mut draw = |rate: f64| -> Vec<f64> {
            (0..30).map(|_| Poisson::new(rate).unwrap().sample(&mut rng)).collect()
        };
        let levels = [draw(100.0), draw(200.0), draw(400.0)].concat();
        let Cut::Steps(found) = steps(&levels, Level::Rate) else { panic!("no steps") };
        let means: Vec<f64> = found.iter().map(|step| mean(&levels[step.clone()]).round()).collect();
        assert_eq!(found.len(), 3, "{found:?} {means:?}");
    }

    #[test]
    fn few_windows_are_too_short_and_uneven_ones_are_one_step() {
        assert_eq!(steps(&hold(1.0, 4), Level::Rate), Cut::Short);
        let uneven: Vec<f64> = (0..20).map(|at| if at % 2 == 0 { 10.0 } else { 90.0 }).collect();
        assert_eq!(steps(&uneven, Level::Users), Cut::Steps(std::iter::once(0..20).collect()));
    }

    proptest! {
        #[test]
        fn steps_lie_in_order_inside_the_test(
            levels in prop::collection::vec(0.0_f64..1e6, 0..200),
            parted in prop::collection::vec(prop::bool::weighted(0.05), 200),
            users: bool,
        ) {
            let level = if users { Level::Users } else { Level::Rate };
            let (Cut::Steps(found) | Cut::Ramp(found)) = cut(&levels, &parted[..levels.len()], level, 1.0) else {
                prop_assert!(levels.len() < 5);
                return Ok(());
            };
            prop_assert!(found.iter().all(|step| !step.is_empty() && step.end <= levels.len()));
            prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
    }
}
