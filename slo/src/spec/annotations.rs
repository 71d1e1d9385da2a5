//! What Headroom reads from an SLO's annotations: when the objective counts, and what to do.
//!
//! - `headroom.io/session: XNYS`: only while this venue trades.
//! - `headroom.io/exclude`: maintenance, one a line, as [`Exclusion::parse`] reads it.
//! - `headroom.io/runbook`: the address of what to do when it burns.

use std::sync::Arc;

use headroom_calendar::{BUILTIN, Venue};

use super::document::Document;
use super::node::{Node, SpecError};
use crate::counting::{Counting, Exclusion};

const PREFIX: &str = "headroom.io/";
const KNOWN: [&str; 3] = ["headroom.io/session", "headroom.io/exclude", "headroom.io/runbook"];

/// The annotations that have a meaning here.
#[derive(Debug, Default)]
pub(super) struct Annotations {
    pub(super) counting: Counting,
    pub(super) runbook: Option<String>,
    /// Why it cannot be computed.
    pub(super) note: Option<SpecError>,
}

/// Reads them; what is wrong is gathered. `venues` stand before the built-in ones.
pub(super) fn annotations(doc: &Document<'_>, venues: &[Venue]) -> Annotations {
    let mut found = Annotations::default();
    let Some(node) = doc.root.get("metadata").and_then(|metadata| metadata.get("annotations")) else {
        return found;
    };
    for (key, ..) in node.fields().iter().filter(|(key, ..)| key.starts_with(PREFIX)) {
        if !KNOWN.contains(&key.as_str()) {
            node.fault_in(key, format!("is not known; allowed: {}", KNOWN.join(", ")));
        }
    }
    if let Some((mic, name)) = text_at(&node, KNOWN[0]) {
        match venue(&name, venues) {
            Some(venue) => found.counting.venue = Some(Arc::new(venue)),
            None => found.note = Some(mic.error(format!(
                "names the venue {name:?}, which is neither built in nor in the calendar's files; built in: {}",
                BUILTIN.join(", ")
            ))),
        }
    }
    if let Some((exclude, lines)) = text_at(&node, KNOWN[1]) {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match Exclusion::parse(line) {
                Ok(exclusion) => found.counting.exclusions.push(exclusion),
                Err(problem) => exclude.fault(problem),
            }
        }
    }
    if let Some((runbook, address)) = text_at(&node, KNOWN[2]) {
        if !address.starts_with("https://") && !address.starts_with("http://") {
            runbook
                .fault(format!("{address:?} is no address; allowed: https:// or http:// and what follows"));
        }
        found.runbook = Some(address);
    }
    found
}

fn text_at<'a>(node: &Node<'a>, key: &str) -> Option<(Node<'a>, String)> {
    let value = node.get(key)?;
    let text = value.text().ok()?;
    Some((value, text))
}

fn venue(mic: &str, venues: &[Venue]) -> Option<Venue> {
    let defined = venues.iter().find(|venue| venue.mic.eq_ignore_ascii_case(mic)).cloned();
    defined.or_else(|| Venue::builtin(mic).ok())
}
