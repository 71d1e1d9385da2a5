//! The second half: partitions are judged one by one, and the report is made.

use std::collections::BTreeMap;

use super::{MAX_SAME_KEY, Reconciler};
use crate::compare::Comparer;
use crate::error::{ReconcileError, Result};
use crate::field::{EVENT_ID, TIME};
use crate::judge::{Edges, Judged, Outcome, judge};
use crate::length::{self, nanos};
use crate::mask::Mask;
use crate::options::{Options, Side};
use crate::record::Record;
use crate::report::{
    Counts, Duplicate, Event, Examples, Fact, Late, Report, Resent, SideCounts, Suspect, Unequal, instant,
};
use crate::spill::{Limits, Spill, payloads};
use crate::suspects::{Entry, Looks};
use crate::tally::First;
use crate::wire::Reader;

/// Grace where the range has ends and nobody said how much.
const GRACE: i64 = 60_000_000_000;
/// What an entry among those that look alike takes.
const ENTRY: usize = 64;

pub(super) fn report(reconciler: Reconciler) -> Result<Report> {
    let Reconciler { options, mask, looks, names, mut sides, unkeyed, spill } = reconciler;
    let mut fields = if options.compare.is_empty() { names.common() } else { options.compare.clone() };
    // It is no field of the record, and has a tolerance of its own.
    fields.retain(|name| name != TIME);
    if sides.iter().any(|side| side.counts.events > side.counts.unkeyed) {
        // A field that is nowhere is equal everywhere: a slip of the pen must not pass.
        let unknown = options
            .compare
            .iter()
            .chain(options.tolerance.keys())
            .find(|name| ![EVENT_ID, TIME].contains(&name.as_str()) && !names.knows(name));
        if let Some(name) = unknown {
            return Err(ReconcileError::Options(format!(
                "no event has the field `{name}`, which is to be compared"
            )));
        }
    }
    let last = sides.iter().filter_map(|side| side.last).max();
    let end = options.to.and_then(|to| to.timestamp_nanos_opt()).or(last.filter(|_| options.grace.is_some()));
    let edges = Edges {
        start: options.from.and_then(|from| from.timestamp_nanos_opt()),
        end,
        grace: options.grace.map_or(GRACE, nanos),
    };
    for (state, side) in sides.iter_mut().zip(Side::BOTH) {
        state.counts.first = state.first.map(instant);
        state.counts.last = state.last.map(instant);
        state.counts.own_fields = if options.compare.is_empty() { names.only(side) } else { Vec::new() };
    }
    let limits = Limits { buffered: options.memory_bytes / 16, block: options.memory_bytes / 2, each: ENTRY };
    let shown = Shown { options: &options, mask: &mask };
    let mut second = Second {
        comparer: Comparer::new(&options, fields, mask.clone()),
        suspects: Spill::new(limits, options.spill_dir.as_deref()),
        sides: sides.map(|state| state.counts),
        found: Found::new(options.examples),
        counts: Counts::default(),
        by_field: BTreeMap::new(),
        names: names.list(),
        late_after: nanos(options.late_after),
        looks: &looks,
        shown,
        edges,
    };
    let same_key = |payload: &[u8], events: u64| shown.too_many(payload, events);
    spill.drain(&mut |block| second.block(block), &same_key)?;
    second.finish(unkeyed)
}

/// Side, key and record of a payload.
fn split(payload: &[u8]) -> Option<(Side, &[u8], Reader<'_>)> {
    let mut reader = Reader::new(payload);
    let side = if reader.byte()? == Side::Right as u8 { Side::Right } else { Side::Left };
    Some((side, reader.bytes()?, reader))
}

/// The key in a payload.
fn key_of(payload: &[u8]) -> Option<&[u8]> {
    split(payload).map(|(_, key, _)| key)
}

/// Keys and events the way the report shows them.
#[derive(Clone, Copy)]
struct Shown<'a> {
    options: &'a Options,
    mask: &'a Mask,
}

impl Shown<'_> {
    fn key(self, key: &[u8]) -> Vec<String> {
        let texts = Reader::new(key).texts().unwrap_or_default();
        self.options.key.iter().zip(texts).map(|(name, text)| self.mask.shown(name, &text)).collect()
    }

    fn event(self, side: Side, key: &[u8], id: Option<&str>, time: Option<i64>) -> Event {
        Event { side, key: self.key(key), event_id: id.map(str::to_owned), time: time.map(instant) }
    }

    fn record(self, side: Side, key: &[u8], record: &Record) -> Event {
        self.event(side, key, record.id.as_deref(), record.time)
    }

    fn entry(self, entry: &Entry<'_>) -> Event {
        self.event(entry.side(), entry.key, entry.id, Some(entry.time))
    }

    fn facts(self, facts: Vec<Fact>) -> Vec<Fact> {
        let shown = |fact: Fact| Fact { value: self.mask.shown(&fact.field, &fact.value), ..fact };
        facts.into_iter().map(shown).collect()
    }

    fn too_many(self, payload: &[u8], events: u64) -> ReconcileError {
        ReconcileError::SameKey { key: self.key(key_of(payload).unwrap_or_default()).join(", "), events }
    }
}

fn damaged() -> ReconcileError {
    ReconcileError::input("temporary files", "what was read is not what was written")
}

struct Second<'a> {
    shown: Shown<'a>,
    looks: &'a Looks,
    names: &'a [String],
    comparer: Comparer,
    edges: Edges,
    late_after: i64,
    suspects: Spill,
    sides: [SideCounts; 2],
    counts: Counts,
    by_field: BTreeMap<String, u64>,
    found: Found,
}

struct Found {
    missing: First<Event>,
    extra: First<Event>,
    different: First<Unequal>,
    late: First<Late>,
    duplicates: First<Duplicate>,
    suspects: First<Suspect>,
    resent: First<Resent>,
    pending: First<Event>,
}

impl Found {
    fn new(most: usize) -> Self {
        Self {
            missing: First::new(most),
            extra: First::new(most),
            different: First::new(most),
            late: First::new(most),
            duplicates: First::new(most),
            suspects: First::new(most),
            resent: First::new(most),
            pending: First::new(most),
        }
    }
}

impl Second<'_> {
    /// Judges the keys of a block. The records stay bytes until their key's turn comes.
    fn block(&mut self, block: &[u8]) -> Result<()> {
        let mut index: Vec<(u64, &[u8])> = Vec::with_capacity(payloads(block).count());
        index.extend(payloads(block));
        index.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| key_of(a.1).cmp(&key_of(b.1))));
        for group in index.chunk_by(|a, b| a.0 == b.0 && key_of(a.1) == key_of(b.1)) {
            let bytes: usize = group.iter().map(|(_, payload)| payload.len()).sum();
            if group.len() > MAX_SAME_KEY || bytes > self.shown.options.memory_bytes / 4 {
                return Err(self.shown.too_many(group[0].1, group.len() as u64));
            }
            let mut records = [Vec::new(), Vec::new()];
            let mut bytes = &[][..];
            for (_, payload) in group {
                let (side, key, record) = split(payload).ok_or_else(damaged)?;
                records[side as usize].push(Record::take(record, self.names).ok_or_else(damaged)?);
                bytes = key;
            }
            self.judged(bytes, &judge(records, &self.comparer, &self.edges, self.late_after))?;
        }
        Ok(())
    }

    fn judged(&mut self, key: &[u8], judged: &Judged) -> Result<()> {
        let [left, right] = &judged.kept;
        let (shown, found) = (self.shown, &mut self.found);
        match &judged.outcome {
            Outcome::Matched => self.counts.matched += 1,
            Outcome::Different(one, other, fields) => {
                self.counts.different += 1;
                for field in fields {
                    *self.by_field.entry(field.field.clone()).or_default() += 1;
                }
                found.different.offer(left[*one].time, || Unequal {
                    left: shown.record(Side::Left, key, &left[*one]),
                    right: shown.record(Side::Right, key, &right[*other]),
                    fields: fields.clone(),
                });
            }
            Outcome::Only(side) | Outcome::Pending(side) => {
                let pending = matches!(judged.outcome, Outcome::Pending(_));
                let (count, examples) = match (pending, side) {
                    (false, Side::Left) => (&mut self.counts.missing, &mut found.missing),
                    (false, Side::Right) => (&mut self.counts.extra, &mut found.extra),
                    (true, Side::Left) => (&mut self.counts.pending_left, &mut found.pending),
                    (true, Side::Right) => (&mut self.counts.pending_right, &mut found.pending),
                };
                *count += 1;
                let first = &judged.kept[*side as usize][0];
                examples.offer(first.time, || shown.record(*side, key, first));
            }
        }
        if let Some(gap) = judged.late_by {
            self.counts.late += 1;
            found.late.offer(left[0].time, || Late {
                left: shown.record(Side::Left, key, &left[0]),
                right: shown.record(Side::Right, key, &right[0]),
                by: length::shown(gap),
            });
        }
        for side in Side::BOTH {
            self.repeated(side, key, judged);
            if let Some(first) = judged.kept[side as usize].first() {
                self.looks.offer(&mut self.suspects, side, key, first)?;
            }
        }
        Ok(())
    }

    /// Duplicates of a side, and what it sent again.
    fn repeated(&mut self, side: Side, key: &[u8], judged: &Judged) {
        let (shown, found, comparer) = (self.shown, &mut self.found, &self.comparer);
        let kept = &judged.kept[side as usize];
        for (record, again) in kept.iter().zip(&judged.resent[side as usize]).filter(|(_, again)| **again > 0)
        {
            self.sides[side as usize].resent += again;
            found
                .resent
                .offer(record.time, || Resent { event: shown.record(side, key, record), again: *again });
        }
        if let [first, second, ..] = kept.as_slice() {
            self.sides[side as usize].duplicates += kept.len() as u64 - 1;
            found.duplicates.offer(first.time, || Duplicate {
                first: shown.record(side, key, first),
                second: shown.record(side, key, second),
                events: kept.len() as u64,
                differ: comparer.unequal(first, second),
            });
        }
    }

    fn finish(self, unkeyed: First<Event>) -> Result<Report> {
        let Self { shown, looks, suspects, mut sides, mut found, comparer, counts, by_field, .. } = self;
        let mut look = |block: &[u8]| {
            let payloads = payloads(block).map(|(_, payload)| payload);
            let pair = |first: &Entry<'_>, second: &Entry<'_>| {
                sides[second.side() as usize].suspects += 1;
                found.suspects.offer(Some(first.time), || Suspect {
                    first: shown.entry(first),
                    second: shown.entry(second),
                    same: shown.facts(second.looks().unwrap_or_default()),
                    apart: length::shown(second.time.saturating_sub(first.time)),
                });
            };
            looks.pairs(payloads, pair).ok_or_else(damaged)
        };
        let seconds = looks.stretch() / 1_000_000_000;
        suspects.drain(&mut look, &|_, events| ReconcileError::SameLooks { events, seconds })?;
        let examples = Examples {
            missing: found.missing.into_vec(),
            extra: found.extra.into_vec(),
            different: found.different.into_vec(),
            late: found.late.into_vec(),
            duplicates: found.duplicates.into_vec(),
            suspects: found.suspects.into_vec(),
            resent: found.resent.into_vec(),
            pending: found.pending.into_vec(),
            unkeyed: unkeyed.into_vec(),
        };
        Ok(Report::of(shown.options, comparer.compared(), sides, counts, by_field, examples))
    }
}
