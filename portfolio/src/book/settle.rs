//! Which entries count, in which order and with which figures, whatever the order they arrived in.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::Flag;
use super::entry::{Entry, Figures, Movement, Purpose, Side};

/// Entries to be booked one after the other.
pub(super) struct Settled<'a> {
    /// In the order of booking, without corrections and cancels: these are carried out.
    pub(super) entries: Vec<Cow<'a, Entry>>,
    /// What is wrong, from which moment on.
    pub(super) flags: Vec<(DateTime<Utc>, Flag)>,
}

/// Sorts by time, then rank, then id, then content; takes each event id once; carries out corrections and
/// cancels. These count from the time of what they change, whenever they were made: the past is told with
/// the right figures.
pub(super) fn settle(entries: &[Entry]) -> Settled<'_> {
    let (entries, mut flags) = once_each(entries);
    let (adjusting, entries): (Vec<&Entry>, Vec<&Entry>) =
        entries.into_iter().partition(|entry| entry.movement.adjusts().is_some());
    let mut settled: Vec<Cow<'_, Entry>> = entries.into_iter().map(Cow::Borrowed).collect();
    if !adjusting.is_empty() {
        let cancelled = adjust(&mut settled, &adjusting, &mut flags);
        settled.retain(|entry| !cancelled.contains(entry.event_id.as_str()));
    }
    flags.sort_by_key(|(from, _)| *from);
    Settled { entries: settled, flags }
}

type Flags = Vec<(DateTime<Utc>, Flag)>;

fn once_each(entries: &[Entry]) -> (Vec<&Entry>, Flags) {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by(|a, b| {
        let key = |entry: &Entry| (entry.ts, rank(&entry.movement));
        key(a).cmp(&key(b)).then_with(|| (&a.event_id, &a.movement).cmp(&(&b.event_id, &b.movement)))
    });
    let mut first: HashMap<&str, &Entry> = HashMap::new();
    let mut flags = Vec::new();
    sorted.retain(|entry| match first.get(entry.event_id.as_str()) {
        None => {
            first.insert(&entry.event_id, entry);
            true
        }
        Some(first) => {
            if first != entry {
                let reason = "one id, two amounts: its first content counts, another is left out";
                flags.push((entry.ts, flag(entry, reason.to_owned())));
            }
            false
        }
    });
    (sorted, flags)
}

/// Puts right figures in and gives the ids that are cancelled.
fn adjust<'a>(
    entries: &mut [Cow<'_, Entry>],
    adjusting: &[&'a Entry],
    flags: &mut Flags,
) -> BTreeSet<&'a str> {
    let places: BTreeMap<String, usize> =
        entries.iter().enumerate().map(|(place, entry)| (entry.event_id.clone(), place)).collect();
    let corrections: BTreeSet<&str> = adjusting
        .iter()
        .filter(|entry| matches!(entry.movement, Movement::Correction { .. }))
        .map(|entry| entry.event_id.as_str())
        .collect();
    let mut cancelled = BTreeSet::new();
    for entry in adjusting {
        if let Movement::Cancel { of } = &entry.movement {
            if places.contains_key(of) || corrections.contains(of.as_str()) {
                cancelled.insert(of.as_str());
            } else {
                flags.push((
                    entry.ts,
                    flag(entry, format!("there is no event \"{of}\" that could be cancelled")),
                ));
            }
        }
    }
    // All figures first: a correction may itself be put right by a later one.
    let mut right: BTreeMap<usize, Figures> = BTreeMap::new();
    for entry in adjusting {
        let Movement::Correction { of, figures } = &entry.movement else { continue };
        if cancelled.contains(entry.event_id.as_str()) {
            continue;
        }
        match places.get(of) {
            Some(place) => right.entry(*place).or_default().replace(figures),
            None => flags
                .push((entry.ts, flag(entry, format!("there is no event \"{of}\" that could be corrected")))),
        }
    }
    for (place, figures) in right {
        let target = entries[place].to_mut();
        target.movement = target.movement.corrected(&figures).unwrap_or_else(|reason| Movement::Unreadable {
            symbol: target.movement.symbol().to_owned(),
            // Its figures are known to be wrong, so it must not count as it was.
            money: target.movement.money().map(str::to_owned),
            reason: format!("its correction cannot be booked: {reason}"),
        });
    }
    cancelled
}

fn flag(entry: &Entry, reason: String) -> Flag {
    Flag { event_id: entry.event_id.clone(), reason }
}

/// On equal times prices and exchange rates are known first; money moves before splits, these before
/// purchases, purchases before dividends, and sales come last.
fn rank(movement: &Movement) -> u8 {
    match movement {
        Movement::Price { .. } | Movement::Rate { .. } => 0,
        Movement::Money(money) if money.purpose == Purpose::Dividend => 5,
        Movement::Money(_) => 1,
        Movement::Split { .. } => 2,
        Movement::Rename { .. } => 3,
        Movement::Trade(trade) => match trade.side {
            Side::Buy => 4,
            Side::Sell | Side::SellShort => 6,
            Side::BuyToCover => 7,
        },
        Movement::Unreadable { .. } => 8,
        Movement::Correction { .. } | Movement::Cancel { .. } => 9,
    }
}

impl Movement {
    /// The id of the entry that it changes.
    fn adjusts(&self) -> Option<&str> {
        match self {
            Self::Correction { of, .. } | Self::Cancel { of } => Some(of),
            _ => None,
        }
    }
}
