//! From records to a report: partition, judge, look for suspects, count.

mod names;
mod second;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::compare::normal;
use crate::error::{ReconcileError, Result};
use crate::length::nanos;
use crate::mask::Mask;
use crate::number::Number;
use crate::options::{Options, Side};
use crate::record::{Record, Value};
use crate::report::{Event, Report, SideCounts, instant};
use crate::spill::{Limits, Spill};
use crate::suspects::Looks;
use crate::tally::First;
use crate::wire::put_bytes;
use names::Names;

/// How many events may have one key.
pub const MAX_SAME_KEY: usize = 10_000;

/// Bytes of text that an event may have.
const MOST_TEXT: usize = 4 << 20;

/// What an index entry over a block takes.
const INDEXED: usize = 24;

/// Takes the events of both sides in any order, and reports.
#[derive(Debug)]
pub struct Reconciler {
    options: Options,
    mask: Mask,
    looks: Looks,
    names: Names,
    sides: [SideState; 2],
    unkeyed: First<Event>,
    spill: Spill,
}

#[derive(Debug, Default)]
struct SideState {
    counts: SideCounts,
    first: Option<i64>,
    last: Option<i64>,
}

impl SideState {
    fn of(name: &str) -> Self {
        Self { counts: SideCounts { name: name.to_owned(), ..SideCounts::default() }, ..Self::default() }
    }
}

impl Reconciler {
    /// Nothing yet.
    ///
    /// # Errors
    /// The options do not go together.
    pub fn new(options: Options) -> Result<Self> {
        let options = options.checked()?;
        let mask = Mask { more: options.personal.iter().cloned().collect() };
        let looks = Looks::new(&options.suspect_by, nanos(options.suspect_window));
        let limits =
            Limits { buffered: options.memory_bytes / 8, block: options.memory_bytes / 2, each: INDEXED };
        Ok(Self {
            mask,
            looks,
            names: Names::default(),
            sides: [SideState::of(&options.left), SideState::of(&options.right)],
            unkeyed: First::new(options.examples),
            spill: Spill::new(limits, options.spill_dir.as_deref()),
            options,
        })
    }

    /// Takes an event.
    ///
    /// # Errors
    /// It cannot be compared (no time although there is a range, a field with two values), there
    /// are too many fields, or a temporary file cannot be written.
    pub fn add(&mut self, side: Side, mut record: Record) -> Result<()> {
        let options = &self.options;
        let state = &mut self.sides[side as usize];
        let refused = |record: &Record, detail: String| {
            let event = record.id.as_deref().map_or_else(String::new, |id| format!(", event {id}"));
            Err(ReconcileError::input(format!("the {} side{event}", side.word()), detail))
        };
        let most = MOST_TEXT.min(options.memory_bytes / 8);
        if record.size() > most {
            return refused(&record, format!("an event of more than {most} bytes"));
        }
        match record.time.map(chrono::DateTime::from_timestamp_nanos) {
            None if options.from.is_some() || options.to.is_some() => {
                return refused(&record, "no time, and only a range is to be compared".to_owned());
            }
            None => state.counts.untimed += 1,
            Some(time) => {
                if options.from.is_some_and(|from| time < from) || options.to.is_some_and(|to| time >= to) {
                    state.counts.outside += 1;
                    return Ok(());
                }
            }
        }
        state.counts.events += 1;
        state.first = state.first.into_iter().chain(record.time).min();
        state.last = state.last.into_iter().chain(record.time).max();
        let is_key = |name: &str| options.key.iter().any(|key| key == name);
        let comparable = |name: &str| match options.compare.as_slice() {
            [] => !is_key(name) && !options.ignore.iter().any(|ignored| ignored == name),
            compare => compare.iter().any(|compared| compared == name),
        };
        if let Some(name) = record.clash(|name| is_key(name) || comparable(name) || self.looks.needs(name)) {
            return refused(&record, format!("`{name}` has two values, with dots and with underscores"));
        }
        let Some(key) = key(options, &record) else {
            state.counts.unkeyed += 1;
            self.unkeyed.offer(record.time, || {
                let shown = |name: &String| self.mask.shown(name, record.text(name).unwrap_or(""));
                let key = options.key.iter().map(shown).collect();
                Event { side, key, event_id: record.id.clone(), time: record.time.map(instant) }
            });
            return Ok(());
        };
        record.keep(|name| comparable(name) || self.looks.needs(name));
        for name in record.names() {
            self.names.note(name, side, comparable(name))?;
        }
        let mut payload = vec![side as u8];
        put_bytes(&mut payload, &key);
        record.put(&mut payload, |name| self.names.number(name));
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        self.spill.push(hasher.finish(), &payload)
    }

    /// Judges everything.
    ///
    /// # Errors
    /// A field that was asked for is nowhere, too many events share a key, or a temporary file
    /// cannot be read or written.
    pub fn finish(self) -> Result<Report> {
        second::report(self)
    }
}

/// The key of an event as bytes: the text of each field with its length. `None` when one is
/// missing.
fn key(options: &Options, record: &Record) -> Option<Vec<u8>> {
    let mut key = Vec::new();
    for name in &options.key {
        let text = record.text(name)?;
        // 7 and 7.0 are the same number in JSON, "7" and "7.0" are two texts.
        let number = match record.get(name) {
            Some(Value::Number(digits)) => Number::parse(digits).map(|number| number.to_string()),
            _ => None,
        };
        let text = normal(number.as_deref().unwrap_or(text), &options.key_text).into_owned();
        if text.is_empty() {
            return None;
        }
        put_bytes(&mut key, text.as_bytes());
    }
    Some(key)
}

/// Compares two streams that are at hand as iterators.
///
/// # Errors
/// The options do not go together, a stream breaks off, or as [`Reconciler::add`] and
/// [`Reconciler::finish`].
pub fn reconcile(
    left: impl IntoIterator<Item = Result<Record>>,
    right: impl IntoIterator<Item = Result<Record>>,
    options: Options,
) -> Result<Report> {
    let mut reconciler = Reconciler::new(options)?;
    for record in left {
        reconciler.add(Side::Left, record?)?;
    }
    for record in right {
        reconciler.add(Side::Right, record?)?;
    }
    reconciler.finish()
}
