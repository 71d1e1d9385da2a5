//! Writing a request anew without what the limits take out of it.
//!
//! The rare path: most requests are logged as they came. Fields that are not touched are
//! copied, those that nobody knows too.

use std::hash::BuildHasher as _;

use super::carried::Carried;
use super::contracts::Ruling;
use super::seen::Hashes;
use super::shape::{self, Part, Shape};
use super::value;
use super::watch::Names;
use crate::decode::{Around, Pair, Reason, Refused, Room, Value};
use crate::signal::Signal;
use crate::wire::{Chunk, Field, Reader, Wire, WireError, Writer};

/// The field of a log record's event name.
const EVENT_NAME: u32 = 12;

/// The most names in a message.
const NAMED: usize = 3;

/// What is taken out.
pub(super) struct Rules<'r> {
    pub(super) names: &'r Names,
    /// Keys without a place, and how many have one.
    pub(super) keys: &'r Hashes,
    pub(super) key_limit: usize,
    /// Whether the data point of that number is of a series without a place.
    pub(super) refuses: &'r dyn Fn(usize) -> bool,
    pub(super) series_limit: usize,
    pub(super) max_value: usize,
    /// What becomes of log records, by their number and in its order.
    pub(super) rulings: &'r [(usize, Ruling)],
}

/// A request that was written anew.
#[derive(Debug)]
pub(super) struct Rewritten {
    pub(super) payload: Vec<u8>,
    /// Attributes that were dropped.
    pub(super) dropped: u64,
    /// Values that were cut.
    pub(super) cut: u64,
}

/// Writes `payload` anew under `rules`, with what was taken out behind it.
pub(super) fn rewrite(signal: Signal, payload: &[u8], rules: &Rules<'_>) -> Result<Rewritten, WireError> {
    let mut pass = Pass {
        rules,
        points: 0,
        logs: 0,
        rulings: rules.rulings,
        around: Around::default(),
        room: Room::of(payload.len()),
        refused: Vec::new(),
        quarantined: Vec::new(),
        dropped: 0,
        dropped_keys: Vec::new(),
        cut: 0,
        cut_at: String::new(),
    };
    let mut out = Writer::new();
    pass.message(shape::request(signal), Chunk { bytes: payload, offset: 0 }, &mut out)?;
    pass.carry(&mut out);
    Ok(Rewritten { payload: out.finish(), dropped: pass.dropped, cut: pass.cut })
}

struct Pass<'r, 'p> {
    rules: &'r Rules<'r>,
    points: usize,
    logs: usize,
    /// The rulings that are still to come.
    rulings: &'r [(usize, Ruling)],
    around: Around<'p>,
    /// For `quarantined`.
    room: Room,
    /// Data points that are refused, with the words.
    refused: Vec<(String, &'p [u8])>,
    /// Log records that are refused, each as a request, with the words.
    quarantined: Vec<(&'r str, Vec<u8>)>,
    dropped: u64,
    dropped_keys: Vec<String>,
    cut: u64,
    cut_at: String,
}

impl<'p> Pass<'_, 'p> {
    fn message(&mut self, shape: &Shape, chunk: Chunk<'p>, out: &mut Writer) -> Result<(), WireError> {
        let (mut dropped, mut already) = (0, 0);
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            let part = shape.parts.iter().find(|(number, _)| *number == field.number);
            let (Some((_, part)), Wire::Len(inner)) = (part, field.value) else {
                if field.number == shape.dropped {
                    already = field.varint()?;
                }
                out.field(&field);
                continue;
            };
            match part {
                Part::Log(shape) => self.log(shape, field.number, inner, out)?,
                Part::Around(at, shape) => {
                    self.around(*at, inner)?;
                    let mark = out.open(field.number);
                    self.message(shape, inner, out)?;
                    out.close(mark);
                }
                Part::Inside(shape) => {
                    let mark = out.open(field.number);
                    self.message(shape, inner, out)?;
                    out.close(mark);
                }
                Part::Attribute => {
                    let pair = Pair::read(inner)?;
                    if self.drops(pair.key) {
                        dropped += 1;
                    } else {
                        self.pair(&field, &pair, out);
                    }
                }
                Part::Label => self.pair(&field, &Pair::read(inner)?, out),
                Part::Body => {
                    let value = Value::read(inner)?;
                    if value::is_long(&value, self.rules.max_value) {
                        let mark = out.open(field.number);
                        out.bytes(1, &self.cut("the body", &value));
                        out.close(mark);
                    } else {
                        out.field(&field);
                    }
                }
                Part::Text => {
                    let value = Value::Text(inner.bytes);
                    if value::is_long(&value, self.rules.max_value) {
                        out.bytes(field.number, &self.cut("the status message", &value));
                    } else {
                        out.field(&field);
                    }
                }
                Part::Metric => {
                    let mark = out.open(field.number);
                    self.metric(inner, out)?;
                    out.close(mark);
                }
            }
        }
        if dropped > 0 {
            // Of a field that is there twice the last one counts.
            out.varint(shape.dropped, already.saturating_add(dropped));
            self.dropped += dropped;
        }
        Ok(())
    }

    /// Remembers what is around log records: fields may come in any order.
    fn around(&mut self, level: usize, chunk: Chunk<'p>) -> Result<(), WireError> {
        self.around.begin(level);
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            self.around.keep(level, field);
        }
        Ok(())
    }

    /// A log record, as it was ruled.
    fn log(&mut self, shape: &Shape, number: u32, log: Chunk<'p>, out: &mut Writer) -> Result<(), WireError> {
        let at = self.logs;
        self.logs += 1;
        let ruling = match self.rulings {
            [(of, ruling), rest @ ..] if *of == at => {
                self.rulings = rest;
                Some(ruling)
            }
            _ => None,
        };
        if let Some(Ruling::Quarantine(detail)) = ruling {
            let record = Refused::single(&self.around, log.bytes).kept(&mut self.room).into_owned();
            self.quarantined.push((detail, record));
            return Ok(());
        }
        let mark = out.open(number);
        self.message(shape, log, out)?;
        if let Some(Ruling::Rename(event)) = ruling {
            // Of a field that is there twice the last one counts.
            out.bytes(EVENT_NAME, event.as_bytes());
        }
        out.close(mark);
        Ok(())
    }

    /// Whether the attribute of this key is dropped.
    fn drops(&mut self, key: &[u8]) -> bool {
        let rules = self.rules;
        if rules.keys.is_empty() || !rules.keys.contains(&rules.names.hash_one(key)) {
            return false;
        }
        if self.dropped_keys.len() < NAMED {
            let name = shown(key);
            if !self.dropped_keys.contains(&name) {
                self.dropped_keys.push(name);
            }
        }
        true
    }

    fn pair(&mut self, field: &Field<'_>, pair: &Pair<'_>, out: &mut Writer) {
        if !value::is_long(&pair.value, self.rules.max_value) {
            out.field(field);
            return;
        }
        let text = self.cut(&shown(pair.key), &pair.value);
        let mark = out.open(field.number);
        out.bytes(1, pair.key);
        let value = out.open(2);
        out.bytes(1, &text);
        out.close(value);
        out.close(mark);
    }

    fn cut(&mut self, what: &str, value: &Value<'_>) -> Vec<u8> {
        if self.cut == 0 {
            what.clone_into(&mut self.cut_at);
        }
        self.cut += 1;
        value::cut(value, self.rules.max_value)
    }

    /// A metric: of several kinds of data in it only the last counts, as everywhere.
    fn metric(&mut self, chunk: Chunk<'p>, out: &mut Writer) -> Result<(), WireError> {
        let (mut name, mut counts) = (&b""[..], 0);
        let mut first = Reader::of(chunk);
        while let Some(field) = first.next_field()? {
            match field.number {
                1 => name = field.bytes()?,
                number if shape::points(number).is_some() => counts = field.offset,
                _ => {}
            }
        }
        let mut second = Reader::of(chunk);
        while let Some(field) = second.next_field()? {
            let Some(points) = shape::points(field.number).filter(|_| field.offset == counts) else {
                out.field(&field);
                continue;
            };
            let mark = out.open(field.number);
            self.points(name, points, field.chunk()?, out)?;
            out.close(mark);
        }
        Ok(())
    }

    fn points(
        &mut self,
        metric: &[u8],
        shape: &Shape,
        chunk: Chunk<'p>,
        out: &mut Writer,
    ) -> Result<(), WireError> {
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            if field.number != 1 {
                out.field(&field);
                continue;
            }
            let point = field.chunk()?;
            let number = self.points;
            self.points += 1;
            if (self.rules.refuses)(number) {
                let limit = self.rules.series_limit;
                let detail = format!(
                    "metric {}: a new series, and this tenant has {limit} in this hour already",
                    shown(metric)
                );
                self.refused.push((detail, point.bytes));
            } else {
                let mark = out.open(1);
                self.message(shape, point, out)?;
                out.close(mark);
            }
        }
        Ok(())
    }

    /// Puts behind a request what was taken out of it.
    fn carry(&self, out: &mut Writer) {
        for (detail, record) in &self.refused {
            Carried { reason: Reason::SeriesLimit, refuses: true, detail, record }.write(out);
        }
        for (detail, record) in &self.quarantined {
            Carried { reason: Reason::Contract, refuses: true, detail, record }.write(out);
        }
        let mut warn = |reason, detail: &str| {
            Carried { reason, refuses: false, detail, record: b"" }.write(out);
        };
        for (_, ruling) in self.rules.rulings {
            if let Ruling::Note(detail) = ruling {
                warn(Reason::Contract, detail);
            }
        }
        if self.dropped > 0 {
            let detail = format!(
                "{} attributes with new keys were dropped ({}), this tenant has {} keys today already",
                self.dropped,
                self.dropped_keys.join(", "),
                self.rules.key_limit,
            );
            warn(Reason::AttributeKeys, &detail);
        }
        if self.cut > 0 {
            let detail = format!(
                "{} values longer than {} bytes were cut, the first is {}",
                self.cut, self.rules.max_value, self.cut_at
            );
            warn(Reason::ValueCut, &detail);
        }
    }
}

/// A name for a message: not longer than a line.
fn shown(name: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(name).into_owned();
    if text.len() > 80 {
        text.truncate(text.floor_char_boundary(80));
        text.push('\u{2026}');
    }
    text
}
