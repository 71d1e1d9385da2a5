//! What is sent.

use std::collections::VecDeque;
use std::io;
use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt as _;
use futures::stream;
use http_body_util::StreamBody;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Frame;
use serde_json::Value;

use crate::message::{self, proto};
use crate::report::RequestShown;
use crate::wire::{Signal, Wire};

/// The most bytes of padding in one frame.
const FILL: usize = 64 * 1024;

/// The most bytes of a body that a report shows.
const SHOWN: usize = 256;

/// A body as hyper wants it.
pub(crate) type HyperBody = UnsyncBoxBody<Bytes, io::Error>;

/// A part of a body; large ones are never held as a whole.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Bytes(Bytes),
    /// So many times this byte.
    Fill(u8, usize),
    Pause(Duration),
    /// The sender goes away in the middle.
    Break,
}

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credentials {
    Own,
    Nobody,
    Wrong,
}

/// A request to one of the target's two ports.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) wire: Wire,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<Piece>,
    /// Whether `content-length` is sent; over HTTP/1.1 the body is chunked otherwise.
    pub(crate) declared: bool,
    pub(crate) credentials: Credentials,
}

impl Request {
    /// A request whose body is sent as it is.
    pub(crate) fn raw(wire: Wire, signal: Signal, body: impl Into<Bytes>) -> Self {
        let mut headers = vec![("content-type", wire.content_type().to_owned())];
        if wire == Wire::Grpc {
            headers.push(("te", "trailers".to_owned()));
        }
        Self {
            wire,
            method: "POST",
            path: signal.path(wire).to_owned(),
            headers,
            body: vec![Piece::Bytes(body.into())],
            declared: wire != Wire::Grpc,
            credentials: Credentials::Own,
        }
    }

    /// A request that carries `message`, which is encoded already.
    pub(crate) fn message(wire: Wire, signal: Signal, message: &[u8]) -> Self {
        match wire {
            Wire::Grpc => Self::raw(wire, signal, frame(0, message)),
            Wire::HttpProtobuf | Wire::HttpJson => Self::raw(wire, signal, message.to_vec()),
        }
    }

    /// An export request.
    pub(crate) fn export(wire: Wire, signal: Signal, request: &Value) -> Self {
        Self::message(wire, signal, &message::encode(wire, signal, request))
    }

    /// A request whose message was compressed.
    pub(crate) fn compressed(wire: Wire, signal: Signal, encoding: &str, compressed: &[u8]) -> Self {
        let request = match wire {
            Wire::Grpc => Self::raw(wire, signal, frame(1, compressed)),
            Wire::HttpProtobuf | Wire::HttpJson => Self::raw(wire, signal, compressed.to_vec()),
        };
        request.with(wire.encoding_header(), encoding)
    }

    /// An export request of exactly `total` bytes: padded with an unknown field, or with white
    /// space, so that a receiver has to read it but not to keep it. The first bytes are followed
    /// by a pause, in which a receiver that goes by `content-length` can answer already.
    pub(crate) fn padded(wire: Wire, signal: Signal, request: &Value, total: usize) -> Self {
        let mut out = Self::raw(wire, signal, Bytes::new());
        let (head, fill, count) = padded(wire, signal, request, total);
        let length = head.len() + count;
        let head = if wire == Wire::Grpc { [&prefix(0, length)[..], &head].concat() } else { head };
        out.body = vec![
            Piece::Bytes(head.into()),
            Piece::Pause(Duration::from_millis(200)),
            Piece::Fill(fill, count),
        ];
        out
    }

    /// The same message as [`Self::padded`], compressed with gzip: small on its way.
    pub(crate) fn padded_gzip(wire: Wire, signal: Signal, request: &Value, total: usize) -> Self {
        let (head, fill, count) = padded(wire, signal, request, total);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let block = vec![fill; FILL];
        let mut write = |bytes: &[u8]| encoder.write_all(bytes).expect("memory takes all");
        write(&head);
        for from in (0..count).step_by(FILL) {
            write(&block[..FILL.min(count - from)]);
        }
        let compressed = encoder.finish().expect("memory takes all");
        Self::compressed(wire, signal, "gzip", &compressed)
    }

    /// Sets a header, in place of one of this name.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(n, _)| *n != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Leaves a header out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(n, _)| *n != name);
        self
    }

    pub(crate) fn to(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    pub(crate) fn by(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    /// Sends the body without saying how long it is.
    pub(crate) fn chunked(mut self) -> Self {
        self.declared = false;
        self
    }

    pub(crate) fn of(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// Cuts a body that is in memory into pieces of `size` bytes, with pauses after some.
    pub(crate) fn in_pieces(mut self, size: usize, pause: Duration) -> Self {
        let mut pieces = Vec::new();
        for piece in self.body {
            let Piece::Bytes(bytes) = piece else { continue };
            for (place, at) in (0..bytes.len()).step_by(size).enumerate() {
                pieces.push(Piece::Bytes(bytes.slice(at..bytes.len().min(at + size))));
                if place < 3 {
                    pieces.push(Piece::Pause(pause));
                }
            }
        }
        self.body = pieces;
        self
    }

    pub(crate) fn length(&self) -> usize {
        self.body
            .iter()
            .map(|piece| match piece {
                Piece::Bytes(bytes) => bytes.len(),
                Piece::Fill(_, count) => *count,
                Piece::Pause(_) | Piece::Break => 0,
            })
            .sum()
    }

    /// The body for one sending.
    pub(crate) fn hyper_body(&self) -> HyperBody {
        let pieces: VecDeque<Piece> = self.body.iter().cloned().collect();
        let stream = stream::unfold(pieces, |mut pieces| async move {
            loop {
                match pieces.pop_front()? {
                    Piece::Bytes(bytes) if bytes.is_empty() => {}
                    Piece::Bytes(bytes) => return Some((Ok(Frame::data(bytes)), pieces)),
                    Piece::Fill(_, 0) => {}
                    Piece::Fill(byte, count) => {
                        let now = count.min(FILL);
                        pieces.push_front(Piece::Fill(byte, count - now));
                        return Some((Ok(Frame::data(vec![byte; now].into())), pieces));
                    }
                    Piece::Pause(pause) => tokio::time::sleep(pause).await,
                    Piece::Break => return Some((Err(io::Error::other("the sender goes away")), pieces)),
                }
            }
        });
        UnsyncBoxBody::new(StreamBody::new(stream.boxed()))
    }

    /// For the report.
    pub(crate) fn shown(&self) -> RequestShown {
        let mut start = Vec::new();
        for piece in &self.body {
            let room = SHOWN - start.len();
            match piece {
                Piece::Bytes(bytes) => start.extend_from_slice(&bytes[..bytes.len().min(room)]),
                Piece::Fill(byte, count) => start.resize(start.len() + room.min(*count), *byte),
                Piece::Pause(_) | Piece::Break => {}
            }
        }
        let mut headers: Vec<_> =
            self.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        match self.credentials {
            Credentials::Own => {}
            Credentials::Nobody => headers.push(("(authorization)".to_owned(), "none".to_owned())),
            Credentials::Wrong => headers.push(("authorization".to_owned(), "(a wrong token)".to_owned())),
        }
        RequestShown {
            method: self.method.to_owned(),
            path: self.path.clone(),
            headers,
            body_bytes: self.length(),
            body: crate::report::shown_bytes(&start),
        }
    }
}

/// A gRPC message with its prefix.
pub(crate) fn frame(flag: u8, message: &[u8]) -> Vec<u8> {
    [&prefix(flag, message.len())[..], message].concat()
}

/// The five bytes before a gRPC message.
pub(crate) fn prefix(flag: u8, length: usize) -> [u8; 5] {
    let [a, b, c, d] = (length as u32).to_be_bytes();
    [flag, a, b, c, d]
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

/// Head of a padded message, the byte it is padded with, and how often.
fn padded(wire: Wire, signal: Signal, request: &Value, total: usize) -> (Vec<u8>, u8, usize) {
    let mut head = message::encode(wire, signal, request);
    if wire == Wire::HttpJson {
        let count = total.saturating_sub(head.len());
        return (head, b' ', count);
    }
    let (field, count) = proto::padding(&head, total);
    head.extend_from_slice(&field);
    (head, b'a', count)
}
