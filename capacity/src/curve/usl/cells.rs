//! Points grouped by load, so that what is done a thousand times is done on few of them.
//!
//! Least squares on points of one load are least squares on their mean, with their number as weight. With more
//! than [`MOST_CELLS`] different loads, neighbours share a cell.

use crate::curve::points::Point;

/// Cells at most.
pub(super) const MOST_CELLS: usize = 256;

/// Points of one load, or of neighbouring ones.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    /// Mean load.
    pub(super) load: f64,
    /// Mean throughput.
    pub(super) throughput: f64,
    /// Where the points are in the sorted list.
    pub(super) range: std::ops::Range<usize>,
}

impl Cell {
    /// Number of points.
    pub(super) fn weight(&self) -> f64 {
        self.range.len() as f64
    }
}

/// The cells of points that are sorted by load.
pub(super) fn cells(sorted: &[Point]) -> Vec<Cell> {
    let same: Vec<std::ops::Range<usize>> = runs(sorted);
    let ranges = if same.len() <= MOST_CELLS { same } else { quantiles(sorted.len()) };
    ranges.into_iter().map(|range| cell(sorted, range)).collect()
}

/// How many loads are measured; loads closer than 1 % to each other count as one.
pub(super) fn distinct_loads(sorted: &[Point]) -> usize {
    let mut last = f64::NEG_INFINITY;
    let mut count = 0;
    for point in sorted {
        if last < 0.0 || point.load > last * 1.01 {
            last = point.load;
            count += 1;
        }
    }
    count
}

fn runs(sorted: &[Point]) -> Vec<std::ops::Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for run in sorted.chunk_by(|a, b| a.load == b.load) {
        ranges.push(start..start + run.len());
        start += run.len();
    }
    ranges
}

/// Ranges of equal numbers of points.
fn quantiles(count: usize) -> Vec<std::ops::Range<usize>> {
    (0..MOST_CELLS).map(|i| i * count / MOST_CELLS..(i + 1) * count / MOST_CELLS).collect()
}

fn cell(sorted: &[Point], range: std::ops::Range<usize>) -> Cell {
    let points = &sorted[range.clone()];
    let count = points.len() as f64;
    // Divided first: sums of large numbers would overflow.
    let load = points.iter().map(|p| p.load / count).sum();
    let throughput = points.iter().map(|p| p.throughput / count).sum();
    Cell { load, throughput, range }
}
