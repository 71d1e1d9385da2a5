//! Demand as a distribution between its quantiles.

use super::DemandQuantile;

/// Probabilities nearer to 1 than this have no quantile that anything could be made of.
const CERTAIN: f64 = 1.0 - 1e-9;

/// Demand and capacity above which a figure is taken for a mistake.
pub(super) const MOST: f64 = 1e12;

/// The least that two probabilities may differ by on the scale of `s`: what lies between closer ones is noise, which
/// the line beyond the last one would carry on.
const APART: f64 = 1e-6;

/// Demand in pieces that are straight over `s = -ln(1 - p)`, from `s = 0` on; the last has no end.
pub(super) struct Demand {
    pieces: Vec<Piece>,
}

/// `demand = from + slope·(s - start)` for `s` between `start` and `end`.
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: f64,
    end: f64,
    from: f64,
    slope: f64,
}

impl Demand {
    /// Of at least two quantiles. Below the lowest one demand follows the first line, though never below 0.
    pub(super) fn of(quantiles: &[DemandQuantile]) -> Result<Self, &'static str> {
        let meant = |one: &DemandQuantile| {
            (0.0..=CERTAIN).contains(&one.probability) && (0.0..=MOST).contains(&one.demand)
        };
        if !quantiles.iter().all(meant) {
            return Err("probabilities must be 0 or more and below 1, and demand between 0 and 10^12");
        }
        let mut points: Vec<(f64, f64)> =
            quantiles.iter().map(|one| (-(-one.probability).ln_1p(), one.demand)).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.total_cmp(&b.1)));
        if points.len() < 2 {
            return Err("at least two quantiles are needed");
        }
        if points.windows(2).any(|pair| pair[1].0 - pair[0].0 < APART) {
            return Err("two probabilities are the same, or as good as");
        }
        if !points.is_sorted_by(|a, b| a.1 <= b.1) {
            return Err("demand must not fall as its probability rises");
        }
        let line = |a: (f64, f64), b: (f64, f64)| (b.1 - a.1) / (b.0 - a.0);
        let mut pieces = Vec::with_capacity(points.len() + 2);
        let (first, slope) = (points[0], line(points[0], points[1]));
        if first.0 > 0.0 {
            // Where the first line would come from below 0, demand is 0 until it does not.
            let zero = if slope > 0.0 { (first.0 - first.1 / slope).max(0.0) } else { 0.0 };
            if zero > 0.0 {
                pieces.push(Piece { start: 0.0, end: zero, from: 0.0, slope: 0.0 });
            }
            let from = (first.1 - slope * (first.0 - zero)).max(0.0);
            pieces.push(Piece { start: zero, end: first.0, from, slope });
        }
        for pair in points.windows(2) {
            let slope = line(pair[0], pair[1]);
            pieces.push(Piece { start: pair[0].0, end: pair[1].0, from: pair[0].1, slope });
        }
        let last = points[points.len() - 1];
        let slope = pieces[pieces.len() - 1].slope;
        pieces.push(Piece { start: last.0, end: f64::INFINITY, from: last.1, slope });
        Ok(Self { pieces })
    }

    /// The chance that demand exceeds a capacity, and the mean of what it exceeds it by (0 where it does not).
    pub(super) fn beyond(&self, capacity: f64) -> (f64, f64) {
        let (mut chance, mut excess) = (0.0, 0.0);
        for piece in &self.pieces {
            let (more, by) = piece.beyond(capacity);
            chance += more;
            excess += by;
        }
        (chance.clamp(0.0, 1.0), excess.max(0.0))
    }

    /// The mean demand.
    pub(super) fn mean(&self) -> f64 {
        self.beyond(0.0).1
    }
}

impl Piece {
    /// The part of this piece's probability in which demand exceeds the capacity, and the excess there.
    fn beyond(self, capacity: f64) -> (f64, f64) {
        // Demand does not fall, so it exceeds the capacity from some `s` on to the piece's end, or nowhere.
        let start = if self.from > capacity {
            self.start
        } else if self.slope > 0.0 {
            self.start + (capacity - self.from) / self.slope
        } else {
            return (0.0, 0.0);
        };
        if start >= self.end {
            return (0.0, 0.0);
        }
        let above = (self.from - capacity + self.slope * (start - self.start)).max(0.0);
        let (at_start, length) = ((-start).exp(), self.end - start);
        if length.is_infinite() {
            return (at_start, at_start * (above + self.slope));
        }
        let share = -(-length).exp_m1();
        (at_start * share, at_start * (above * share + self.slope * rise(length)))
    }
}

/// `1 - e^-x·(1 + x)`, without the digits that its terms would take from each other where `x` is small.
fn rise(x: f64) -> f64 {
    if x < 1e-3 { x * x * (0.5 - x / 3.0 + x * x / 8.0) } else { -(-x).exp_m1() - x * (-x).exp() }
}
