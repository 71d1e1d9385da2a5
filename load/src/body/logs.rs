//! `ExportLogsServiceRequest`: log records, and log records that are business events.

use rand::Rng;

use super::platform::{CALLS, SERVICES, by_service};
use super::wire::Message;
use crate::run_id::RunId;

/// Severity number and text, and how many of a hundred records have it.
const SEVERITIES: [(u64, &str, u32); 4] =
    [(9, "INFO", 90), (5, "DEBUG", 5), (13, "WARN", 4), (17, "ERROR", 1)];

const SYMBOLS: [&str; 8] = ["AAPL", "MSFT", "NVDA", "AMZN", "SAP", "ASML", "VWCE", "SPY"];

/// A request with `records` log records of `run`.
pub(super) fn logs(records: usize, run: RunId, rng: &mut impl Rng) -> Message {
    request(records, run, rng, |log, _, trace, rng| {
        let (number, text) = severity(rng);
        log.varint(2, number);
        log.text(3, text);
        let mut body = Message::default();
        let milliseconds = rng.random_range(1..900);
        body.text(
            1,
            &format!("order checked against limits, buying power is enough, took {milliseconds} ms"),
        );
        log.message(5, &body);
        log.customer(6, trace);
        log.order(6, run, trace);
        log.text_attribute(6, "logger.name", "com.example.orders.LimitCheck");
        log.text_attribute(6, "thread.name", "worker-17");
        log.int_attribute(6, "attempt", rng.random_range(1..4));
    })
}

/// A request with `records` events of `run`: orders that are placed, as many purchases, and one price in twenty.
pub(super) fn events(records: usize, run: RunId, rng: &mut impl Rng) -> Message {
    request(records, run, rng, |log, record, trace, rng| {
        log.varint(2, 9);
        let name = match record % 20 {
            0 => "price.updated",
            odd if odd % 2 == 1 => "order.filled",
            _ => "order.placed",
        };
        log.text(12, name);
        log.event_id(6, run, record);
        log.customer(6, trace);
        log.order(6, run, trace);
        let portfolio = rng.random_range(0..50_000);
        log.text_attribute(6, "account.id", &format!("acc-{portfolio:05}"));
        log.text_attribute(6, "portfolio.id", &format!("pf-{portfolio:05}"));
        log.text_attribute(6, "symbol", SYMBOLS[rng.random_range(0..SYMBOLS.len())]);
        // Nobody sells what was never bought.
        log.text_attribute(6, "side", "buy");
        if name == "order.filled" {
            log.text_attribute(6, "trade.id", &format!("trd-{:08x}", rng.random::<u32>()));
        }
        log.text_attribute(6, "quantity", &rng.random_range(1..500).to_string());
        let cents: u32 = rng.random_range(500..90_000);
        log.text_attribute(6, "price", &format!("{}.{:02}", cents / 100, cents % 100));
        log.text_attribute(6, "currency", "USD");
    })
}

fn severity(rng: &mut impl Rng) -> (u64, &'static str) {
    let mut drawn = rng.random_range(0..100);
    for (number, text, share) in SEVERITIES {
        if drawn < share {
            return (number, text);
        }
        drawn -= share;
    }
    (0, "")
}

/// Ten records in a trace, as spans have them; `rest` writes what is its own of a record.
fn request<R: Rng>(
    records: usize,
    run: RunId,
    rng: &mut R,
    mut rest: impl FnMut(&mut Message, u32, u32, &mut R),
) -> Message {
    let mut by = [const { Vec::new() }; SERVICES.len()];
    for record in 0..records {
        let (trace, call) = ((record / CALLS.len()) as u32, &CALLS[record % CALLS.len()]);
        let before = rng.random_range(0..1_000_000_000);
        let mut log = Message::default();
        log.time(1, before);
        rest(&mut log, record as u32, trace, rng);
        log.fixed32(8, 1);
        log.id(9, &run.bytes(), trace);
        log.id(10, &[], record as u32 + 1);
        log.time(11, before);
        by[call.service].push(log);
    }
    by_service(&by, |_| {})
}
