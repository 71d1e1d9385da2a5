//! `ExportLogsServiceRequest`.

use std::borrow::Cow;

use super::any::{Pair, Value};
use super::check::{self, Reason, Refusal, Window};
use super::common::{Names, each_record, find, push_pair};
use super::{Event, Sink};
use crate::signal::Signal;
use crate::wire::{Chunk, Reader, WireError};

/// A log record borrowed from a request.
#[derive(Debug, Default)]
pub struct Log<'a> {
    /// Its time, or when it was observed, or when it was received; nanoseconds.
    pub time: u64,
    /// When it was observed, or its time; nanoseconds.
    pub observed: u64,
    /// Severity number 0 to 24; others are read as 0.
    pub severity: u8,
    /// Severity in the source's words.
    pub severity_text: &'a [u8],
    /// The name of the event it is, or empty.
    pub event_name: Cow<'a, [u8]>,
    /// The body.
    pub body: Value<'a>,
    /// The trace, zeros without one.
    pub trace_id: [u8; 16],
    /// The span, zeros without one.
    pub span_id: [u8; 8],
    /// Flags as they came.
    pub flags: u32,
    /// Attributes the client dropped.
    pub dropped_attributes: u32,
    /// Attributes.
    pub attributes: Vec<Pair<'a>>,
    /// The business event in it, when it has an event name and no probe made it come about.
    pub event: Option<Event<'a>>,
    /// The record's bytes.
    pub bytes: &'a [u8],
    ids: (&'a [u8], &'a [u8]),
}

/// The attribute by which a record says that it came about because of a probe.
const PROBE: &[u8] = b"headroom.probe";

const NAMES: Names = Names { resources: "resource_logs", scopes: "scope_logs", records: "log_records" };

pub(super) fn walk(
    payload: &[u8],
    window: Window,
    received_ns: i64,
    sink: &mut impl Sink,
) -> Result<(), WireError> {
    let mut log = Log::default();
    each_record(payload, &NAMES, |origin, chunk| {
        log.read(chunk)?;
        match log.check(window, received_ns) {
            Ok(()) => {
                log.resolve_event();
                if let Some(event) = &log.event {
                    for detail in event.bad_decimals() {
                        sink.warn(Signal::Logs, Reason::Decimal, &detail, origin.refused(chunk));
                    }
                }
                sink.log(origin, &log);
            }
            Err((reason, detail)) => sink.reject(Signal::Logs, reason, &detail, origin.refused(chunk)),
        }
        Ok(())
    })
}

impl<'a> Log<'a> {
    fn read(&mut self, chunk: Chunk<'a>) -> Result<(), WireError> {
        let mut attributes = std::mem::take(&mut self.attributes);
        attributes.clear();
        *self = Self { attributes, bytes: chunk.bytes, ..Self::default() };
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            match field.number {
                1 => self.time = field.fixed64().map_err(|e| e.inside("time_unix_nano"))?,
                2 => {
                    let number = field.varint().map_err(|e| e.inside("severity_number"))?;
                    self.severity = u8::try_from(number).ok().filter(|n| *n <= 24).unwrap_or(0);
                }
                3 => self.severity_text = field.bytes().map_err(|e| e.inside("severity_text"))?,
                5 => {
                    let body = field.chunk().and_then(Value::read);
                    self.body = body.map_err(|e| e.inside("body"))?;
                }
                6 => push_pair(&mut self.attributes, &field, "attributes")?,
                7 => {
                    let dropped = field.varint().map_err(|e| e.inside("dropped_attributes_count"))?;
                    self.dropped_attributes = dropped as u32;
                }
                8 => self.flags = field.fixed32().map_err(|e| e.inside("flags"))?,
                9 => self.ids.0 = field.bytes().map_err(|e| e.inside("trace_id"))?,
                10 => self.ids.1 = field.bytes().map_err(|e| e.inside("span_id"))?,
                11 => self.observed = field.fixed64().map_err(|e| e.inside("observed_time_unix_nano"))?,
                12 => {
                    let name = field.bytes().map_err(|e| e.inside("event_name"))?;
                    self.event_name = Cow::Borrowed(name);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check(&mut self, window: Window, received_ns: i64) -> Result<(), Refusal> {
        self.trace_id = check::optional_id(Reason::TraceId, "trace_id", self.ids.0)?;
        self.span_id = check::optional_id(Reason::SpanId, "span_id", self.ids.1)?;
        if self.time == 0 {
            self.time = if self.observed == 0 { received_ns.max(0) as u64 } else { self.observed };
        }
        if self.observed == 0 {
            self.observed = self.time;
        }
        check::time(window, "time", self.time)
    }

    fn resolve_event(&mut self) {
        if self.event_name.is_empty()
            && let Some(name) = find(&self.attributes, b"event.name")
        {
            self.event_name = name;
        }
        // What a probe does is no business: a test trade is in nobody's figures.
        if !self.event_name.is_empty() && !self.is_of_a_probe() {
            self.event = Some(Event::read(&self.attributes));
        }
    }

    /// Whether it was written while a probe was served; baggage makes a text of what is true.
    fn is_of_a_probe(&self) -> bool {
        find(&self.attributes, PROBE).is_some_and(|value| &*value == b"true")
    }
}
