//! The critical path: the spans that decided when the trace ended.

use super::Span;

/// Walks back from the end of the top span that ended last: of its children, the last
/// that ended before the moment looked at held it up; from that child's start the walk
/// goes on, and into the child likewise. A child that outlives its parent is cut at the
/// parent's end, so work done in the background is not blamed.
pub(super) fn path(spans: &[Span], children: &[Vec<usize>], tops: &[usize]) -> Vec<bool> {
    let bounds: Vec<(i64, i64)> = spans
        .iter()
        .map(|span| {
            let start = span.start.timestamp_nanos_opt().unwrap_or(i64::MAX);
            (start, start.saturating_add(i64::try_from(span.duration_ns).unwrap_or(i64::MAX)))
        })
        .collect();
    let mut on_path = vec![false; spans.len()];
    let Some(top) = tops.iter().copied().max_by_key(|i| bounds[*i].1) else {
        return on_path;
    };
    let mut open = vec![(top, bounds[top].1)];
    while let Some((i, end)) = open.pop() {
        if std::mem::replace(&mut on_path[i], true) {
            continue;
        }
        let mut by_end: Vec<usize> = children[i].iter().copied().filter(|child| !on_path[*child]).collect();
        by_end.sort_by_key(|child| std::cmp::Reverse(bounds[*child].1.min(end)));
        let mut moment = end;
        for child in by_end {
            let (start, child_end) = (bounds[child].0, bounds[child].1.min(end));
            if child_end <= moment && start < child_end {
                open.push((child, child_end));
                moment = start;
            }
        }
    }
    on_path
}
