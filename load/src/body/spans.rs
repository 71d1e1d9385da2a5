//! `ExportTraceServiceRequest`: traces of ten spans through eight services.

use rand::Rng;
use rand_distr::{Distribution, LogNormal};

use super::platform::{CALLS, Call, INTERNAL, SERVICES, by_service};
use super::wire::Message;
use crate::run_id::RunId;

const AGENTS: [&str; 4] = [
    "okhttp/5.1.0 (Android 16; Pixel)",
    "Headroom-iOS/8.2 CFNetwork/3826",
    "python-httpx/0.28.1 (algo-desk)",
    "Mozilla/5.0 Firefox/145.0 (X11)",
];

/// The longest request, in nanoseconds: a lognormal tail has no end of its own.
const LONGEST: u64 = 20_000_000_000;

/// How long before the body is filled a span began and ended, in nanoseconds.
#[derive(Clone, Copy)]
struct Life {
    start: u64,
    end: u64,
}

/// A request with `records` spans of `run`.
pub(super) fn request(records: usize, run: RunId, rng: &mut impl Rng) -> Message {
    let mut by = [const { Vec::new() }; SERVICES.len()];
    let traces = records.div_ceil(CALLS.len());
    for trace in 0..traces {
        let lives = lives(rng);
        let amount = rng.random_range(100..5_000_000_u32);
        let agent = AGENTS[rng.random_range(0..AGENTS.len())];
        let first = trace * CALLS.len();
        for (n, call) in CALLS.iter().enumerate().take(records - first) {
            let one =
                Span { run, trace: trace as u32, first: first as u32, call, life: lives[n], amount, agent };
            by[call.service].push(one.encode(n as u32, rng));
        }
    }
    by_service(&by, |_| {})
}

/// When the spans of a trace were, children inside their parents.
fn lives(rng: &mut impl Rng) -> [Life; CALLS.len()] {
    // A median of 40 ms for the whole request and of 8 ms for a step.
    let whole = LogNormal::new(40e6_f64.ln(), 0.7).expect("finite");
    let step = LogNormal::new(8e6_f64.ln(), 0.9).expect("finite");
    let mut lives = [Life { start: 0, end: 0 }; CALLS.len()];
    for (n, call) in CALLS.iter().enumerate() {
        lives[n] = if let Some(parent) = call.parent {
            let Life { start, end } = lives[parent];
            let room = start - end;
            let duration = (step.sample(rng) as u64).clamp(1, (room / 10 * 9).max(1));
            let start = start - rng.random_range(0..=room - duration);
            Life { start, end: start - duration }
        } else {
            let duration = (whole.sample(rng) as u64).clamp(10_000, LONGEST);
            let end = rng.random_range(0..1_000_000_000);
            Life { start: end + duration, end }
        };
    }
    lives
}

struct Span {
    run: RunId,
    trace: u32,
    /// The number of the trace's first record in the body.
    first: u32,
    call: &'static Call,
    life: Life,
    amount: u32,
    agent: &'static str,
}

impl Span {
    fn encode(&self, n: u32, rng: &mut impl Rng) -> Message {
        let service = &SERVICES[self.call.service];
        let (name, method, path) = service.operations[rng.random_range(0..service.operations.len())];
        let failed = rng.random_bool(0.01);
        let mut span = Message::default();
        span.id(1, &self.run.bytes(), self.trace);
        span.id(2, &[], self.first + n + 1);
        if let Some(parent) = self.call.parent {
            span.id(4, &[], self.first + parent as u32 + 1);
        }
        span.text(5, name);
        span.varint(6, self.call.kind);
        span.time(7, self.life.start);
        span.time(8, self.life.end);
        span.text_attribute(9, "http.request.method", method);
        span.text_attribute(9, "url.path", path);
        span.int_attribute(9, "http.response.status_code", if failed { 503 } else { 200 });
        span.text_attribute(9, "server.address", service.host);
        if self.call.kind == INTERNAL {
            span.bool_attribute(9, "journal.synced", !failed);
        } else {
            span.text_attribute(9, "network.protocol.version", "1.1");
        }
        span.customer(9, self.trace);
        span.order(9, self.run, self.trace);
        span.text_attribute(9, "user_agent.original", self.agent);
        span.int_attribute(9, "thread.id", rng.random_range(1..=64));
        span.double_attribute(9, "app.amount", f64::from(self.amount) / 100.0);
        if failed {
            let mut status = Message::default();
            status.text(2, "upstream did not answer in time");
            status.varint(3, 2);
            span.message(15, &status);
        }
        span.fixed32(16, 0x101);
        span
    }
}
