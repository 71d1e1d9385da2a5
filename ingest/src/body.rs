//! Reading and decompressing a body within bounds of size and memory.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::refusal::{Refusal, Why};

/// The longest time for a body to arrive.
const BODY_TIMEOUT: Duration = Duration::from_mins(1);

/// Memory is granted in steps of this many bytes.
const STEP: usize = 1024;

/// The memory all requests under way share.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    steps: Arc<Semaphore>,
}

impl Memory {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { steps: Arc::new(Semaphore::new((bytes / STEP).max(1))) }
    }

    pub(crate) fn grant(&self) -> Grant {
        Grant { memory: self.clone(), held: None, bytes: 0 }
    }
}

/// What one request holds; given back when dropped.
#[derive(Debug)]
pub(crate) struct Grant {
    memory: Memory,
    held: Option<OwnedSemaphorePermit>,
    bytes: usize,
}

impl Grant {
    /// Asks for `more` bytes.
    pub(crate) fn grow(&mut self, more: usize) -> Result<(), Refusal> {
        self.bytes += more;
        let held = self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = self.bytes.div_ceil(STEP).saturating_sub(held);
        if missing == 0 {
            return Ok(());
        }
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let Ok(permit) = self.memory.steps.clone().try_acquire_many_owned(missing) else {
            return Err(Refusal::new(
                Why::Memory,
                "too many requests are under way for the memory set aside, try again shortly",
            ));
        };
        match &mut self.held {
            Some(held) => held.merge(permit),
            none => *none = Some(permit),
        }
        Ok(())
    }
}

/// Reads a whole body of at most `max` bytes.
pub(crate) async fn read(body: Body, max: usize, grant: &mut Grant) -> Result<Vec<u8>, Refusal> {
    let slow = || Refusal::new(Why::Slow, format!("the body did not arrive within {BODY_TIMEOUT:?}"));
    tokio::time::timeout(BODY_TIMEOUT, read_all(body, max, grant)).await.unwrap_or_else(|_| Err(slow()))
}

async fn read_all(mut body: Body, max: usize, grant: &mut Grant) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|e| Refusal::new(Why::Malformed, format!("the body broke off: {e}")))?;
        let Ok(data) = frame.into_data() else { continue };
        if out.len() + data.len() > max {
            return Err(Refusal::too_large(max, "as it was sent"));
        }
        grant.grow(data.len())?;
        out.extend_from_slice(&data);
    }
    Ok(out)
}

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
    Zstd,
}

impl Encoding {
    /// What is accepted, for the headers that say so.
    pub(crate) const ACCEPTED: &'static str = "gzip, zstd, identity";

    /// The encoding of a header's value.
    pub(crate) fn parse(value: Option<&http::HeaderValue>) -> Result<Self, Refusal> {
        let Some(value) = value else { return Ok(Self::Identity) };
        match value.as_bytes().trim_ascii().to_ascii_lowercase().as_slice() {
            b"" | b"identity" => Ok(Self::Identity),
            b"gzip" | b"x-gzip" => Ok(Self::Gzip),
            b"zstd" => Ok(Self::Zstd),
            other => Err(Refusal::new(
                Why::Encoding,
                format!(
                    "the encoding {:?} is not supported: use {}",
                    String::from_utf8_lossy(other),
                    Self::ACCEPTED
                ),
            )),
        }
    }

    /// Decompresses `body` to at most `max` bytes.
    pub(crate) fn decompress(self, body: Vec<u8>, max: usize, grant: &mut Grant) -> Result<Vec<u8>, Refusal> {
        match self {
            Self::Identity => Ok(body),
            Self::Gzip => inflate("gzip", flate2::read::MultiGzDecoder::new(body.as_slice()), max, grant),
            Self::Zstd => {
                let decoder = zstd::stream::read::Decoder::with_buffer(body.as_slice())
                    .map_err(|e| Refusal::new(Why::Malformed, format!("the body is not zstd: {e}")))?;
                inflate("zstd", decoder, max, grant)
            }
        }
    }
}

fn inflate(name: &str, mut from: impl Read, max: usize, grant: &mut Grant) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    let mut step = vec![0; 64 * 1024];
    loop {
        let n = from
            .read(&mut step)
            .map_err(|e| Refusal::new(Why::Malformed, format!("the body is not {name}: {e}")))?;
        if n == 0 {
            return Ok(out);
        }
        if out.len() + n > max {
            return Err(Refusal::too_large(max, "after decompression"));
        }
        grant.grow(n)?;
        out.extend_from_slice(&step[..n]);
    }
}
