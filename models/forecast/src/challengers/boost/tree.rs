//! Regression trees on binned columns, grown leaf by leaf where the pinball loss falls the most.

/// Bins of a column.
const BINS: usize = 64;
/// Leaves of a tree.
const LEAVES: usize = 8;

/// Columns of equal length, each cut into at most [`BINS`] bins of about equal count; what is missing (not a number)
/// lies in the first.
pub(super) struct Frame {
    bins: Vec<Vec<u8>>,
    /// The upper bounds of the bins but the last.
    bounds: Vec<Vec<f32>>,
}

impl Frame {
    /// Bins columns.
    pub(super) fn new(columns: &[Vec<f32>]) -> Self {
        let bounds: Vec<Vec<f32>> = columns.iter().map(|column| bounds(column)).collect();
        let bins = columns
            .iter()
            .zip(&bounds)
            .map(|(column, bounds)| column.iter().map(|value| bin(bounds, *value)).collect())
            .collect();
        Self { bins, bounds }
    }
}

fn bounds(column: &[f32]) -> Vec<f32> {
    let mut sorted: Vec<f32> = column.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let mut bounds: Vec<f32> =
        (1..BINS).filter_map(|b| sorted.get(b * sorted.len() / BINS)).copied().collect();
    // Something above the lowest finite value must also be told from what is missing.
    bounds.extend(sorted.first().map(|lowest| lowest.next_down()));
    bounds.sort_unstable_by(f32::total_cmp);
    bounds.dedup();
    bounds
}

fn bin(bounds: &[f32], value: f32) -> u8 {
    if value.is_finite() { bounds.partition_point(|b| *b < value) as u8 } else { 0 }
}

/// A tree as a row of nodes, the root first.
#[derive(Debug, Clone, Default)]
pub(super) struct Tree(Vec<Node>);

#[derive(Debug, Clone)]
enum Node {
    Leaf(f64),
    /// Values of the column up to the bound, and missing ones, go left.
    Split {
        column: usize,
        bound: f32,
        left: usize,
        right: usize,
    },
}

/// A leaf while the tree grows.
struct Open {
    node: usize,
    rows: Vec<u32>,
    split: Option<Split>,
}

#[derive(Clone, Copy)]
struct Split {
    gain: f64,
    column: usize,
    bin: u8,
}

impl Tree {
    /// Grows a tree over rows towards their gradients; each leaf takes its value from `value_of` its rows.
    pub(super) fn grow(
        frame: &Frame,
        rows: &[u32],
        gradients: &[f64],
        least: usize,
        value_of: impl Fn(&[u32]) -> f64,
    ) -> Self {
        let mut nodes = vec![Node::Leaf(0.0)];
        let open = |node: usize, rows: Vec<u32>| {
            let split = best_split(frame, &rows, gradients, least);
            Open { node, rows, split }
        };
        let mut leaves = vec![open(0, rows.to_vec())];
        while leaves.len() < LEAVES {
            let best = leaves
                .iter()
                .enumerate()
                .filter_map(|(i, leaf)| Some((i, leaf.split?)))
                .max_by(|a, b| a.1.gain.total_cmp(&b.1.gain));
            let Some((index, split)) = best else { break };
            let leaf = leaves.swap_remove(index);
            let bins = &frame.bins[split.column];
            let (low, high): (Vec<u32>, Vec<u32>) =
                leaf.rows.into_iter().partition(|r| bins[*r as usize] <= split.bin);
            let (left, right) = (nodes.len(), nodes.len() + 1);
            let bound = frame.bounds[split.column][usize::from(split.bin)];
            nodes[leaf.node] = Node::Split { column: split.column, bound, left, right };
            nodes.extend([Node::Leaf(0.0), Node::Leaf(0.0)]);
            leaves.push(open(left, low));
            leaves.push(open(right, high));
        }
        for leaf in leaves {
            nodes[leaf.node] = Node::Leaf(value_of(&leaf.rows));
        }
        Self(nodes)
    }

    /// The value for a row of features.
    pub(super) fn value(&self, features: &[f32]) -> f64 {
        let mut at = 0;
        loop {
            match &self.0[at] {
                Node::Leaf(value) => return *value,
                Node::Split { column, bound, left, right } => {
                    at = if features[*column] > *bound { *right } else { *left };
                }
            }
        }
    }
}

/// The split that lowers the squared error of the gradients the most, with at least `least` rows on either side.
fn best_split(frame: &Frame, rows: &[u32], gradients: &[f64], least: usize) -> Option<Split> {
    if rows.len() < 2 * least {
        return None;
    }
    let total: f64 = rows.iter().map(|r| gradients[*r as usize]).sum();
    let whole = total * total / rows.len() as f64;
    let mut best: Option<Split> = None;
    for (column, bins) in frame.bins.iter().enumerate() {
        let mut sums = [(0.0, 0_usize); BINS + 1];
        for row in rows {
            let cell = &mut sums[usize::from(bins[*row as usize])];
            cell.0 += gradients[*row as usize];
            cell.1 += 1;
        }
        let (mut sum, mut count) = (0.0, 0);
        for (bin, cell) in sums[..frame.bounds[column].len()].iter().enumerate() {
            sum += cell.0;
            count += cell.1;
            let rest = rows.len() - count;
            if cell.1 == 0 || count < least {
                continue;
            }
            if rest < least {
                break;
            }
            let gain = sum * sum / count as f64 + (total - sum).powi(2) / rest as f64 - whole;
            if gain > best.map_or(1e-9, |b| b.gain) {
                best = Some(Split { gain, column, bin: bin as u8 });
            }
        }
    }
    best
}
