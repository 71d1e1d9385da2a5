//! Puts the events of a series together: the occurrences that a RECURRENCE-ID moves or cancels, and later versions.

use std::collections::BTreeMap;

use super::event::{Occurrence, Parsed};
use crate::planned::Planned;

/// The entries of a file's events, each with its line.
pub(super) fn join(events: Vec<Parsed>) -> Vec<(usize, Planned)> {
    let (mut series, mut exceptions) = (Vec::new(), Vec::new());
    // The latest version of a UID counts (RFC 5545, 3.8.7.4); an event without one stands for itself.
    let mut latest: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    let mut kept: Vec<Option<Parsed>> = Vec::new();
    for event in events {
        let key = (event.uid.clone(), event.replaces.map(|occurrence| format!("{occurrence:?}")));
        let at = kept.len();
        if !event.uid.is_empty() {
            if let Some(other) = latest.get(&key).copied() {
                let newer = kept[other].as_ref().is_none_or(|o| o.sequence <= event.sequence);
                if newer {
                    kept[other] = Some(event);
                }
                continue;
            }
            latest.insert(key, at);
        }
        kept.push(Some(event));
    }
    for event in kept.into_iter().flatten() {
        if event.replaces.is_some() { exceptions.push(event) } else { series.push(event) }
    }
    for exception in &exceptions {
        let of_series = series.iter_mut().filter(|s| s.uid == exception.uid);
        of_series
            .for_each(|s| s.starts.retain(|start| exception.replaces.is_none_or(|id| !names(id, *start))));
    }
    let all = series.into_iter().chain(exceptions).filter(|event| !event.cancelled);
    // A series of which every occurrence was moved is no entry any more: its exceptions speak for it.
    all.filter_map(|event| {
        let starts = event.starts.iter().map(|start| start.at).collect();
        Planned::new(event.event, starts).map(|planned| (event.line, planned))
    })
    .collect()
}

fn names(occurrence: Occurrence, start: super::event::Start) -> bool {
    match occurrence {
        Occurrence::At(at) => start.by_rule == at,
        Occurrence::Day(day) => start.local.date() == day,
    }
}
