//! All rates at which dated amounts balance.
//!
//! With x = ln(1 + rate), what amounts aᵢ after tᵢ years are worth today is the sum of aᵢ·exp(-x·tᵢ). Such a sum is
//! smooth over all x, so that rates near -100 % and huge ones are as easy as those around 10 %.
//!
//! The positive amounts alone fall with x, and so do the negative ones; so do their slopes. Their values at both ends
//! of a stretch therefore bound the sum and its slope within it. A stretch is left when the bounds prove that there
//! is no root in it, or that the sum runs one way and so crosses 0 once at most; else it is halved. What remains is
//! roots and proofs that there are no others: nothing depends on a guess.
//!
//! Below x = 0 the same is done with time turned around, which multiplies the sum by a positive factor and keeps all
//! powers below 1. The search ends where the first amount (or the last) outweighs all others together.
//!
//! Limits:
//! - Two roots whose x lie closer than [`NARROW`], and a sum that touches 0 without crossing it, are told as one root
//!   where the sum comes to 0 within rounding, else not at all.
//! - Where [`MOST_WORK`] is used up, the stretches that are left are judged by their ends alone, so that a pair of
//!   roots in one of them is missed. Thousands of flows that nearly cancel for years come to that.
//! - Beyond [`LEAST`] and [`GREATEST`] a rate cannot be written down; there [`Roots::beyond`] says whether there is
//!   a root.

/// Where 1 + rate is no longer told from 0.
const LEAST: f64 = -36.0;
/// Where the rate is no longer a number.
const GREATEST: f64 = 700.0;
/// Roots that lie closer are told as one.
const NARROW: f64 = 2e-7;
/// Exponentials computed at most for one question: seconds.
const MOST_WORK: usize = 300_000_000;

/// An amount and its time in years.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    pub(super) amount: f64,
    pub(super) time: f64,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Roots {
    /// ln(1 + rate) of each root, ascending.
    pub(super) logs: Vec<f64>,
    /// There is a root where rates cannot be written down.
    pub(super) beyond: bool,
}

/// The roots of two terms or more, none of them 0, at ascending and different times; `total` is their exact sum.
pub(super) fn roots(terms: &[Term], total: f64) -> Roots {
    let (Some(first), Some(last)) = (terms.first(), terms.last()) else { return Roots::default() };
    let onward = terms.iter().map(|t| Term { time: t.time - first.time, ..*t }).collect();
    let backward = terms.iter().rev().map(|t| Term { time: last.time - t.time, ..*t }).collect();
    let above = Half { terms: onward, total }.roots(GREATEST);
    let below = Half { terms: backward, total }.roots(-LEAST);
    let mut logs: Vec<f64> = below.logs.iter().map(|x| -x).chain(above.logs).collect();
    logs.sort_by(f64::total_cmp);
    // A root at 0 belongs to both halves.
    logs.dedup_by(|a, b| (*a - *b).abs() <= NARROW);
    Roots { logs, beyond: above.beyond || below.beyond }
}

/// The sum for x from 0 up.
struct Half {
    /// The first at time 0.
    terms: Vec<Term>,
    total: f64,
}

/// The sum at one x.
#[derive(Debug, Clone, Copy)]
struct At {
    x: f64,
    value: f64,
    /// The positive amounts, and how fast they fall.
    up: f64,
    up_fall: f64,
    /// The same of the negative ones, without their sign.
    down: f64,
    down_fall: f64,
}

impl At {
    fn slope(&self) -> f64 {
        self.down_fall - self.up_fall
    }
}

impl Half {
    fn at(&self, x: f64) -> At {
        let mut at = At { x, value: 0.0, up: 0.0, up_fall: 0.0, down: 0.0, down_fall: 0.0 };
        for term in &self.terms {
            let worth = term.amount * (-x * term.time).exp();
            if worth > 0.0 {
                at.up += worth;
                at.up_fall += worth * term.time;
            } else {
                at.down -= worth;
                at.down_fall -= worth * term.time;
            }
        }
        // Amounts that cancel out exactly have a root at exactly 0.
        at.value = if x == 0.0 { self.total } else { at.up - at.down };
        at
    }

    /// Beyond this x the first amount outweighs the others.
    fn bound(&self) -> f64 {
        let first = self.terms[0].amount.abs();
        let others: f64 = self.terms[1..].iter().map(|term| term.amount.abs()).sum();
        ((others / first).ln() / self.terms[1].time).max(0.0) + 1.0
    }

    fn roots(&self, limit: f64) -> Roots {
        let (start, end) = (self.at(0.0), self.at(self.bound().min(limit)));
        let mut found = Roots { logs: Vec::new(), beyond: end.value * self.terms[0].amount < 0.0 };
        let mut work = self.terms.len();
        let mut stretches = vec![(start, end)];
        while let Some((low, high)) = stretches.pop() {
            if low.value == 0.0 {
                found.logs.push(low.x);
            }
            if rootless(&low, &high) {
                continue;
            }
            let crosses = low.value * high.value < 0.0;
            let narrow = high.x - low.x <= NARROW / 2.0;
            if one_way(&low, &high) || narrow || work > MOST_WORK {
                if crosses {
                    found.logs.push(self.crossing(low, high));
                } else if narrow && low.value.abs() <= self.rounding(&low) {
                    found.logs.push(low.x);
                }
                continue;
            }
            let middle = self.at(f64::midpoint(low.x, high.x));
            work += self.terms.len();
            stretches.push((middle, high));
            stretches.push((low, middle));
        }
        found
    }

    /// What rounding can make of a sum that is 0.
    fn rounding(&self, at: &At) -> f64 {
        (at.up + at.down) * f64::EPSILON * (self.terms.len() as f64).sqrt()
    }

    /// The root between two points of which one is above 0 and the other below: Newton's method, and halving where
    /// that leaves the stretch or is slower than halving.
    fn crossing(&self, mut low: At, mut high: At) -> f64 {
        let rising = high.value > 0.0;
        let mut step = high.x - low.x;
        let mut at = if low.value.abs() < high.value.abs() { low } else { high };
        // 2000 halvings end any stretch; Newton's method ends it in a few.
        for _ in 0..2000 {
            let newton = at.x - at.value / at.slope();
            let quick = (newton - at.x).abs() <= step / 2.0 && newton >= low.x && newton <= high.x;
            let next = if quick { newton } else { f64::midpoint(low.x, high.x) };
            step = (next - at.x).abs();
            at = self.at(next);
            if at.value == 0.0 || step <= f64::EPSILON * next.abs() || next == low.x || next == high.x {
                break;
            }
            if (at.value > 0.0) == rising { high = at } else { low = at }
        }
        at.x
    }
}

/// Nowhere between the two is the sum 0.
fn rootless(low: &At, high: &At) -> bool {
    if high.up > low.down || low.up < high.down {
        return true;
    }
    // From both ends the sum needs more room to come to 0 than there is.
    let steepest = (high.down_fall - low.up_fall).abs().max((low.down_fall - high.up_fall).abs());
    low.value * high.value > 0.0 && low.value.abs() + high.value.abs() > steepest * (high.x - low.x)
}

/// Between the two the sum only rises, or only falls.
fn one_way(low: &At, high: &At) -> bool {
    high.down_fall > low.up_fall || low.down_fall < high.up_fall
}
