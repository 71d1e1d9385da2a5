//! `ExportTraceServiceRequest`.

use std::ops::Range;

use super::Sink;
use super::any::Pair;
use super::check::{self, Reason, Refusal, Window};
use super::common::{Names, each_record, push_pair};
use crate::signal::Signal;
use crate::wire::{Chunk, Reader, WireError};

/// A span borrowed from a request.
#[derive(Debug, Default)]
pub struct Span<'a> {
    /// The trace, never all zero.
    pub trace_id: [u8; 16],
    /// The span, never all zero.
    pub span_id: [u8; 8],
    /// The parent, zeros for a root.
    pub parent_span_id: [u8; 8],
    /// W3C trace state.
    pub trace_state: &'a [u8],
    /// The operation.
    pub name: &'a [u8],
    /// `SpanKind`, unknown ones as they came.
    pub kind: u64,
    /// Start, nanoseconds since the epoch.
    pub start: u64,
    /// End, never before the start or behind the acceptance window.
    pub end: u64,
    /// Flags as they came.
    pub flags: u32,
    /// Attributes the client dropped.
    pub dropped_attributes: u32,
    /// `StatusCode`, unknown ones as they came.
    pub status: u64,
    /// The status message.
    pub status_message: &'a [u8],
    /// Attributes.
    pub attributes: Vec<Pair<'a>>,
    /// Events.
    pub events: Vec<SpanEvent<'a>>,
    /// Links.
    pub links: Vec<Link>,
    /// Attributes of events and links; each points to its own.
    pub nested: Vec<Pair<'a>>,
    ids: RawIds<'a>,
}

/// An event of a span.
#[derive(Debug)]
pub struct SpanEvent<'a> {
    /// Nanoseconds since the epoch.
    pub time: u64,
    /// The name.
    pub name: &'a [u8],
    /// Its attributes in [`Span::nested`].
    pub attributes: Range<usize>,
}

/// A link of a span. An id of the wrong length is zeros.
#[derive(Debug)]
pub struct Link {
    /// The linked trace.
    pub trace_id: [u8; 16],
    /// The linked span.
    pub span_id: [u8; 8],
    /// Its attributes in [`Span::nested`].
    pub attributes: Range<usize>,
}

#[derive(Debug, Default)]
struct RawIds<'a> {
    trace: &'a [u8],
    span: &'a [u8],
    parent: &'a [u8],
}

const NAMES: Names = Names { resources: "resource_spans", scopes: "scope_spans", records: "spans" };

pub(super) fn walk(payload: &[u8], window: Window, sink: &mut impl Sink) -> Result<(), WireError> {
    let mut span = Span::default();
    each_record(payload, &NAMES, |origin, chunk| {
        span.read(chunk)?;
        match span.check(window) {
            Ok(()) => sink.span(origin, &span),
            Err((reason, detail)) => sink.reject(Signal::Traces, reason, &detail, origin.refused(chunk)),
        }
        Ok(())
    })
}

impl<'a> Span<'a> {
    /// Forgets the last span; the lists keep their memory.
    fn clear(&mut self) {
        self.attributes.clear();
        self.events.clear();
        self.links.clear();
        self.nested.clear();
        (self.trace_state, self.name, self.status_message) = (b"", b"", b"");
        (self.kind, self.status, self.start, self.end) = (0, 0, 0, 0);
        (self.flags, self.dropped_attributes) = (0, 0);
        self.ids = RawIds::default();
    }

    fn read(&mut self, chunk: Chunk<'a>) -> Result<(), WireError> {
        self.clear();
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            match field.number {
                1 => self.ids.trace = field.bytes().map_err(|e| e.inside("trace_id"))?,
                2 => self.ids.span = field.bytes().map_err(|e| e.inside("span_id"))?,
                3 => self.trace_state = field.bytes().map_err(|e| e.inside("trace_state"))?,
                4 => self.ids.parent = field.bytes().map_err(|e| e.inside("parent_span_id"))?,
                5 => self.name = field.bytes().map_err(|e| e.inside("name"))?,
                6 => self.kind = field.varint().map_err(|e| e.inside("kind"))?,
                7 => self.start = field.fixed64().map_err(|e| e.inside("start_time_unix_nano"))?,
                8 => self.end = field.fixed64().map_err(|e| e.inside("end_time_unix_nano"))?,
                9 => push_pair(&mut self.attributes, &field, "attributes")?,
                10 => {
                    let dropped = field.varint().map_err(|e| e.inside("dropped_attributes_count"))?;
                    self.dropped_attributes = dropped as u32;
                }
                11 => {
                    let read = field.chunk().and_then(|c| self.event(c));
                    read.map_err(|e| e.inside_at("events", self.events.len()))?;
                }
                13 => {
                    let read = field.chunk().and_then(|c| self.link(c));
                    read.map_err(|e| e.inside_at("links", self.links.len()))?;
                }
                15 => field.chunk().and_then(|c| self.status(c)).map_err(|e| e.inside("status"))?,
                16 => self.flags = field.fixed32().map_err(|e| e.inside("flags"))?,
                _ => {}
            }
        }
        Ok(())
    }

    fn event(&mut self, chunk: Chunk<'a>) -> Result<(), WireError> {
        let begin = self.nested.len();
        let mut event = SpanEvent { time: 0, name: b"", attributes: begin..begin };
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            match field.number {
                1 => event.time = field.fixed64().map_err(|e| e.inside("time_unix_nano"))?,
                2 => event.name = field.bytes().map_err(|e| e.inside("name"))?,
                3 => push_pair(&mut self.nested, &field, "attributes")?,
                _ => {}
            }
        }
        event.attributes.end = self.nested.len();
        self.events.push(event);
        Ok(())
    }

    fn link(&mut self, chunk: Chunk<'a>) -> Result<(), WireError> {
        let begin = self.nested.len();
        let mut link = Link { trace_id: [0; 16], span_id: [0; 8], attributes: begin..begin };
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            match field.number {
                1 => link.trace_id = check::lenient_id(field.bytes().map_err(|e| e.inside("trace_id"))?),
                2 => link.span_id = check::lenient_id(field.bytes().map_err(|e| e.inside("span_id"))?),
                4 => push_pair(&mut self.nested, &field, "attributes")?,
                _ => {}
            }
        }
        link.attributes.end = self.nested.len();
        self.links.push(link);
        Ok(())
    }

    fn status(&mut self, chunk: Chunk<'a>) -> Result<(), WireError> {
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            match field.number {
                2 => self.status_message = field.bytes().map_err(|e| e.inside("message"))?,
                3 => self.status = field.varint().map_err(|e| e.inside("code"))?,
                _ => {}
            }
        }
        Ok(())
    }

    fn check(&mut self, window: Window) -> Result<(), Refusal> {
        self.trace_id = check::id(Reason::TraceId, "trace_id", self.ids.trace)?;
        self.span_id = check::id(Reason::SpanId, "span_id", self.ids.span)?;
        self.parent_span_id = check::optional_id(Reason::ParentSpanId, "parent_span_id", self.ids.parent)?;
        check::time(window, "start time", self.start)?;
        check::end(window, self.start, self.end)
    }
}
