//! One trace by its id.

use chrono::TimeDelta;
use headroom_store::Store;

use super::{MAX_SPANS, Trace, arrange, load};
use crate::error::{QueryError, Result};
use crate::range::TimeRange;

/// A trace with its spans and logs. Three queries, each within the bounds the one before
/// it gave: bounds by key, spans of those hours, logs of those minutes and services.
pub async fn get(store: &Store, tenant: &str, trace_id: &str) -> Result<Trace> {
    let trace_id = trace_id.trim().to_ascii_lowercase();
    if trace_id.len() != 32 || hex::decode(&trace_id).is_err() {
        return Err(QueryError::bad_request(
            format!("`{trace_id}` is not a trace id"),
            "a trace id has 32 digits of 0-9 and a-f",
        ));
    }
    let unknown = || {
        QueryError::not_found(
            format!("no span of trace {trace_id} is stored"),
            "it may be older than spans are kept, not sampled, or still on its way: try again in a few seconds",
        )
    };
    let bounds = load::bounds(store, tenant, &[&trace_id]).await?;
    let (start, end) = bounds.get(&trace_id).copied().ok_or_else(unknown)?;
    let range = TimeRange { from: start, to: end + TimeDelta::nanoseconds(1) };
    let mut spans = load::spans(store, tenant, &trace_id, &range).await?;
    if spans.is_empty() {
        return Err(unknown());
    }
    let truncated = spans.len() > MAX_SPANS;
    spans.truncate(MAX_SPANS);
    let mut services: Vec<String> = Vec::new();
    for span in &spans {
        if !services.contains(&span.service) {
            services.push(span.service.clone());
        }
    }
    let logs = load::logs(store, tenant, &trace_id, &range, &services).await?;
    Ok(Trace {
        trace_id,
        start,
        duration_ns: (end - start).num_nanoseconds().unwrap_or(0).max(0) as u64,
        services,
        truncated,
        spans: arrange(spans),
        logs,
    })
}
