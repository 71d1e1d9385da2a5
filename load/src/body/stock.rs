//! The templates of a run and the buffers that they are filled in.

use std::sync::{Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::template::Template;
use super::{logs, metrics, spans};
use crate::options::Options;
use crate::signal::Signal;

/// Templates for each signal: so many bodies go by before durations, errors and operations repeat.
const VARIANTS: usize = 8;

/// What bodies are made from. Which template a body has follows from its number.
#[derive(Debug)]
pub(crate) struct Stock {
    round: Vec<Signal>,
    shelves: Vec<Shelf>,
    seed: u64,
}

#[derive(Debug)]
struct Shelf {
    signal: Signal,
    template: Template,
    /// Copies of the template that no request holds.
    free: Mutex<Vec<BytesMut>>,
}

/// A body that is ready to be sent.
#[derive(Debug)]
pub(crate) struct Filled {
    pub(crate) signal: Signal,
    /// Frame and request.
    pub(crate) bytes: Bytes,
    shelf: usize,
}

impl Stock {
    /// Encodes the templates; takes some milliseconds for each.
    pub(crate) fn new(options: &Options) -> Self {
        let round = options.mix.round();
        let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
        let (records, run) = (options.records_per_body, options.run);
        let mut shelves = Vec::new();
        for signal in Signal::ALL.into_iter().filter(|signal| round.contains(signal)) {
            for _ in 0..VARIANTS {
                let request = match signal {
                    Signal::Traces => spans::request(records, run, &mut rng),
                    Signal::Logs => logs::logs(records, run, &mut rng),
                    Signal::Events => logs::events(records, run, &mut rng),
                    Signal::Metrics => metrics::request(records, run, &mut rng),
                };
                shelves.push(Shelf { signal, template: Template::new(&request), free: Mutex::default() });
            }
        }
        Self { round, shelves, seed: options.seed }
    }

    /// Body number `body`, its records at most [`super::MAX_AGE_NS`] older than `base_ns`.
    pub(crate) fn fill(&self, body: u32, base_ns: u64) -> Filled {
        let number = body as usize;
        let signal = self.round[number % self.round.len()];
        let variant = number / self.round.len() % VARIANTS;
        let first = self.shelves.iter().position(|one| one.signal == signal);
        let index = first.expect("every signal of the round has templates") + variant;
        let shelf = &self.shelves[index];
        let kept = shelf.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut buffer = kept.unwrap_or_else(|| BytesMut::from(shelf.template.bytes.as_slice()));
        shelf.template.fill(&mut buffer, body, base_ns, self.seed);
        Filled { signal, bytes: buffer.freeze(), shelf: index }
    }

    /// The request of body number `body`, without the frame of gRPC.
    pub(crate) fn request(&self, body: u32, base_ns: u64) -> Vec<u8> {
        self.fill(body, base_ns).bytes[super::PREFIX..].to_vec()
    }

    /// Takes a body back for its buffer. Where a connection still holds on to the bytes there is
    /// nothing to take.
    pub(crate) fn give_back(&self, filled: Filled) {
        if let Ok(buffer) = filled.bytes.try_into_mut() {
            let free = &self.shelves[filled.shelf].free;
            free.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
        }
    }
}
