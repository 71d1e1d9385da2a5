//! What became of instruments: splits and symbol changes, with what was corrected of them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use headroom_portfolio::book::{Entry, Movement};
use headroom_store::Store;

use crate::error::Result;
use crate::events;
use crate::portfolio::entry;
use crate::scan::{Filter, ScanQuery};

/// All splits and symbol changes up to and at a moment, in the order of time, with what was corrected of them since.
/// They are few.
pub(in crate::portfolio) async fn instruments(
    store: &Store,
    tenant: &str,
    until: DateTime<Utc>,
) -> Result<Vec<Entry>> {
    let of_instruments = ["split.applied", "symbol.changed", "booking.corrected", "booking.cancelled"];
    let scan = ScanQuery::rows(tenant, "events")
        .filter(Filter::one_of("name", of_instruments))
        .filter(Filter::eq("portfolio_id", ""));
    let mut entries: Vec<Entry> = events::read(store, scan).await?.iter().filter_map(entry).collect();
    entries.retain(|entry| entry.ts <= until || is_adjustment(entry));
    entries.sort_by_key(|entry| entry.ts);
    Ok(entries)
}

/// Those of [`instruments`] that concern these symbols or what they are called later; `symbols` gets the later
/// names.
pub(in crate::portfolio) fn about(market: &[Entry], symbols: &mut BTreeSet<String>) -> Vec<Entry> {
    let mut about: BTreeSet<&str> = BTreeSet::new();
    // In the order of time, so that a name that changes twice is followed to its last one.
    for entry in market {
        let is_ours = match &entry.movement {
            Movement::Rename { from, to } if symbols.contains(from) => {
                symbols.insert(to.clone());
                true
            }
            Movement::Split { symbol, .. } | Movement::Unreadable { symbol, .. } => symbols.contains(symbol),
            _ => false,
        };
        if is_ours {
            about.insert(&entry.event_id);
        }
    }
    let concerns = |entry: &&Entry| match &entry.movement {
        Movement::Correction { of, .. } | Movement::Cancel { of } => about.contains(of.as_str()),
        _ => about.contains(entry.event_id.as_str()),
    };
    market.iter().filter(concerns).cloned().collect()
}

/// A portfolio's bookings, with those of [`instruments`] that concern what it ever held.
pub(in crate::portfolio) fn with_events(own: &[Entry], market: &[Entry]) -> Vec<Entry> {
    [own, &about(market, &mut symbols_of(own))].concat()
}

fn is_adjustment(entry: &Entry) -> bool {
    matches!(entry.movement, Movement::Correction { .. } | Movement::Cancel { .. })
}

/// The instruments that entries are about.
pub(in crate::portfolio) fn symbols_of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> BTreeSet<String> {
    let symbol = |entry: &Entry| match &entry.movement {
        Movement::Trade(trade) => Some(trade.symbol.clone()),
        Movement::Unreadable { symbol, .. } => Some(symbol.clone()),
        Movement::Correction { figures, .. } => figures.symbol.clone(),
        _ => None,
    };
    entries.into_iter().filter_map(symbol).filter(|symbol| !symbol.is_empty()).collect()
}
