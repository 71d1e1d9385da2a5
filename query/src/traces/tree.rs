//! From spans in any order to a tree in reading order.

use std::collections::HashMap;

use super::{Span, critical};

/// Puts parents before their children and siblings by start, and sets depth, offset and
/// the critical path. A span whose parent is missing stands at the top like a root; spans
/// that name each other as parents in a ring are cut open at the earliest.
pub fn arrange(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by(|a, b| (a.start, &a.span_id).cmp(&(b.start, &b.span_id)));
    let Some(trace_start) = spans.first().map(|span| span.start) else {
        return spans;
    };
    let place: HashMap<&str, usize> =
        spans.iter().enumerate().map(|(i, span)| (span.span_id.as_str(), i)).collect();
    let parents: Vec<Option<usize>> = spans
        .iter()
        .enumerate()
        .map(|(i, span)| {
            span.parent_span_id.as_deref().and_then(|id| place.get(id).copied()).filter(|parent| *parent != i)
        })
        .collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); spans.len()];
    for (i, parent) in parents.iter().enumerate() {
        if let Some(parent) = parent {
            children[*parent].push(i);
        }
    }
    let mut depth: Vec<Option<u32>> = vec![None; spans.len()];
    let mut order = Vec::with_capacity(spans.len());
    let mut tops = Vec::new();
    let roots = (0..spans.len()).filter(|i| parents[*i].is_none());
    // The second pass meets only spans in rings, which no root leads to.
    for start in roots.chain(0..spans.len()) {
        if depth[start].is_some() {
            continue;
        }
        tops.push(start);
        let mut open = vec![(start, 0)];
        while let Some((i, level)) = open.pop() {
            if depth[i].is_some() {
                continue;
            }
            depth[i] = Some(level);
            order.push(i);
            open.extend(children[i].iter().rev().map(|child| (*child, level + 1)));
        }
    }
    let on_path = critical::path(&spans, &children, &tops);
    for (i, span) in spans.iter_mut().enumerate() {
        span.depth = depth[i].unwrap_or(0);
        span.critical = on_path[i];
        span.start_offset_ns = (span.start - trace_start).num_nanoseconds().unwrap_or(0).max(0) as u64;
    }
    let mut slots: Vec<Option<Span>> = spans.into_iter().map(Some).collect();
    order.into_iter().filter_map(|i| slots[i].take()).collect()
}
