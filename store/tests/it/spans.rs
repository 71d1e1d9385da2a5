//! Blocks of spans for the tests.

use headroom_store::native::{Array, Block, Fixed, Map, Numbers, Strings};

/// The middle of a minute, a day ago: within every retention.
pub(crate) fn base_ns() -> i64 {
    let day_ago = chrono::Utc::now() - chrono::TimeDelta::days(1);
    day_ago.timestamp() / 3600 * 3_600_000_000_000 + 30_000_000_000
}

/// One span per duration, each in a trace of its own, `step_ns` apart, numbered from
/// `first`.
pub(crate) fn block(first: u64, durations: &[u64], step_ns: i64) -> Block<'static> {
    let n = durations.len();
    let texts = |value: &str| {
        let mut column = Strings::new();
        for _ in 0..n {
            column.push(value);
        }
        column
    };
    let (mut trace, mut span, mut parent) = (Fixed::<16>::new(), Fixed::<8>::new(), Fixed::<8>::new());
    let mut ts = Numbers::nanoseconds();
    let mut attributes = Map::new(Strings::new(), Strings::new());
    let mut customer = Strings::new();
    let mut event_names = Array::new(Strings::new());
    let base = base_ns();
    for i in 0..n as u64 {
        let id = first + i;
        let mut trace_id = [7u8; 16];
        trace_id[8..].copy_from_slice(&id.to_be_bytes());
        trace.push(&trace_id);
        span.push(&id.to_be_bytes());
        parent.push(&[0; 8]);
        ts.push(base + i as i64 * step_ns);
        attributes.push("order.id", &format!("ord-{id}"));
        attributes.push("http.request.method", "GET");
        attributes.end_row();
        customer.push_display(format_args!("cus-{}", id % 10));
        event_names.inner.push("exception");
        event_names.end_row();
    }
    Block::new()
        .with("tenant", texts("t"))
        .with("service", texts("order"))
        .with("operation", texts("POST /orders"))
        .with("kind", texts("server"))
        .with("status", texts("ok"))
        .with("ts", ts)
        .with("duration_ns", durations.iter().copied().collect::<Numbers<u64>>())
        .with("trace_id", trace)
        .with("span_id", span)
        .with("parent_span_id", parent)
        .with("customer_id", customer)
        .with("attributes", attributes)
        .with("events_name", event_names)
}
