//! From a text to a journey.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_store::Store;

use super::keys::KnownAs;
use super::{
    CustomerCard, Lookup, LookupTrace, Match, Verdict, VerdictState, catalog, identity, judge, keys, tell,
};
use crate::error::{QueryError, Result};
use crate::events::Event;
use crate::range::TimeRange;
use crate::traces::{self, TraceSummary};

/// Longest text that is looked up.
const LONGEST: usize = 200;
/// Events of a request are looked for so long before it: clocks differ.
const BEFORE: TimeDelta = TimeDelta::minutes(1);
/// And so long after it: what it set off may answer late.
const AFTER: TimeDelta = TimeDelta::hours(2);

/// Finds what a customer can name and tells what happened. See the module's head for what
/// it reads. `now` decides what is stuck.
pub async fn find(store: &Store, tenant: &str, text: &str, now: DateTime<Utc>) -> Result<Lookup> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return Err(QueryError::bad_request(
            format!("a look-up takes 1 to {LONGEST} letters"),
            "type a customer, order, trade, payment, account, invoice or session number, an e-mail or a trace id",
        ));
    }
    let lower = text.to_lowercase();
    let known = keys::known_as(store, tenant, &[text, &lower]).await?;
    let matches = known.iter().map(|row| Match { kind: row.kind(), value: row.value().to_owned() }).collect();
    let journey = async {
        match known.first() {
            Some(first) => read(store, tenant, &first.kind(), first.value(), first.customer_id()).await,
            None if is_trace_id(&lower) => request(store, tenant, &lower).await,
            None => Ok(Found::default()),
        }
    };
    // The index mostly knows whose it is: then the card is read beside the journey.
    let owner = known.first().and_then(KnownAs::customer_id);
    let (found, mut customer) = tokio::try_join!(journey, card(store, tenant, owner))?;
    if customer.is_none() {
        customer = card(store, tenant, found.customer_id()).await?;
    }
    let kind = match known.first() {
        Some(first) => first.kind(),
        None if !found.traces.is_empty() => "trace".to_owned(),
        None => "unknown".to_owned(),
    };
    let verdict = if kind == "unknown" { nothing(text) } else { judge(&found.events, &found.traces, now) };
    Ok(Lookup {
        query: text.to_owned(),
        kind,
        customer,
        verdict,
        journey: found.events.iter().map(tell).collect(),
        traces: found.traces.iter().map(line).collect(),
        truncated: found.truncated,
        matches,
    })
}

async fn card(store: &Store, tenant: &str, customer_id: Option<&str>) -> Result<Option<CustomerCard>> {
    match customer_id {
        Some(id) => identity::card(store, tenant, id).await.map(Some),
        None => Ok(None),
    }
}

#[derive(Debug, Default)]
struct Found {
    events: Vec<Event>,
    traces: Vec<TraceSummary>,
    truncated: bool,
}

impl Found {
    fn customer_id(&self) -> Option<&str> {
        self.events.iter().map(|event| event.customer_id.as_str()).find(|id| !id.is_empty())
    }
}

/// Reads the journey of one thing. An e-mail stands for its customer, a trade for its order.
async fn read(store: &Store, tenant: &str, kind: &str, value: &str, owner: Option<&str>) -> Result<Found> {
    let (key, value) = match (kind, owner) {
        ("email", Some(customer_id)) => ("customer.id".to_owned(), customer_id.to_owned()),
        ("email", None) => ("email".to_owned(), value.to_owned()),
        ("trade", _) => order_of_trade(store, tenant, value).await?,
        _ => (format!("{kind}.id"), value.to_owned()),
    };
    let events = keys::events_of(store, tenant, &key, &value);
    let requests = async {
        let ids = if key == "trace" {
            vec![value.clone()]
        } else {
            keys::traces_of(store, tenant, &key, &value).await?
        };
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        if ids.is_empty() { Ok(Vec::new()) } else { traces::summaries(store, tenant, &ids).await }
    };
    let ((events, truncated), traces) = tokio::try_join!(events, requests)?;
    Ok(Found { events, traces, truncated })
}

/// The journey of one request: what it did, and what happened in it.
async fn request(store: &Store, tenant: &str, trace_id: &str) -> Result<Found> {
    let traces = traces::summaries(store, tenant, &[trace_id]).await?;
    let Some(trace) = traces.first() else {
        return Ok(Found::default());
    };
    let length = TimeDelta::nanoseconds(i64::try_from(trace.duration_ns).unwrap_or(i64::MAX));
    let range = TimeRange { from: trace.start - BEFORE, to: trace.start + length + AFTER };
    let events = keys::events_of_trace(store, tenant, trace_id, &range).await?;
    Ok(Found { events, traces, truncated: false })
}

/// The key of the order a trade belongs to, or of the trade itself when no order is named.
async fn order_of_trade(store: &Store, tenant: &str, trade_id: &str) -> Result<(String, String)> {
    let (events, _) = keys::events_of(store, tenant, "trade.id", trade_id).await?;
    let order = events.into_iter().map(|event| event.order_id).find(|id| !id.is_empty());
    Ok(order.map_or_else(|| ("trade.id".to_owned(), trade_id.to_owned()), |id| ("order.id".to_owned(), id)))
}

fn line(trace: &TraceSummary) -> LookupTrace {
    LookupTrace {
        trace_id: trace.trace_id.clone(),
        ts: trace.start,
        operation: if catalog::hints(&trace.root_operation) {
            "internal".to_owned()
        } else {
            trace.root_operation.clone()
        },
        duration_ns: trace.duration_ns,
        status: if trace.errors > 0 { "error" } else { "ok" }.to_owned(),
    }
}

fn nothing(text: &str) -> Verdict {
    Verdict {
        state: VerdictState::Unknown,
        sentence: format!("Nothing is stored under \"{text}\"."),
        next_step: "Check the spelling, or ask the customer for an order, payment or customer number."
            .to_owned(),
    }
}

fn is_trace_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|c| c.is_ascii_hexdigit())
}
