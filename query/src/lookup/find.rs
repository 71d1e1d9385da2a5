//! From a text to a journey.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_store::Store;

use super::around::Trouble;
use super::attribution::{Known, attribute};
use super::escalation::escalate;
use super::keys::KnownAs;
use super::reply::reply;
use super::safe::hints;
use super::subject::{Stage, Subject, in_question};
use super::verdict::reason;
use super::{
    Alert, Catalog, Cohort, CustomerCard, JourneyStep, Lookup, LookupTrace, Match, Verdict, VerdictState,
    around, calls, cohort, identity, judge, keys, phrase, tell,
};
use crate::error::{QueryError, Result};
use crate::events::Event;
use crate::range::TimeRange;
use crate::traces::{self, TraceSummary};

/// Words of a sentence that are looked up.
const WORDS: usize = 8;
/// A shorter word is no id.
const SHORTEST_ID: usize = 4;
/// Longest text that is looked up.
const LONGEST: usize = 200;
/// Events of a request are looked for so long before it: clocks differ.
const BEFORE: TimeDelta = TimeDelta::minutes(1);
/// And so long after it: what it set off may answer late.
const AFTER: TimeDelta = TimeDelta::hours(2);

/// What is asked, and what is to be known beside the store to answer it.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What was typed.
    pub text: &'a str,
    /// What reason codes mean.
    pub catalog: &'a Catalog,
    /// The tenant's latest alerts, over or not.
    pub alerts: &'a [Alert],
    /// Decides what is stuck.
    pub now: DateTime<Utc>,
}

/// Finds what a customer can name and tells what happened. See the module's head for what
/// it reads.
pub async fn find(store: &Store, tenant: &str, question: Question<'_>) -> Result<Lookup> {
    let text = question.text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return Err(QueryError::bad_request(
            format!("a look-up takes 1 to {LONGEST} letters"),
            "type a customer, order, trade, payment, account, invoice or session number, an e-mail or a trace id",
        ));
    }
    let lower = text.to_lowercase();
    let mut named = vec![text, lower.as_str()];
    named.extend(ids_in(text).chain(ids_in(&lower)));
    let known = keys::known_as(store, tenant, &named).await?;
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
        None => return unknown(store, tenant, Question { text, ..question }).await,
    };
    let matches = known.iter().map(|row| Match { kind: row.kind(), value: row.value().to_owned() }).collect();
    let told = explain(store, tenant, &found, question).await?;
    Ok(finish(Lookup { query: text.to_owned(), kind, customer, matches, truncated: found.truncated, ..told }))
}

/// Words of a sentence that may be ids or addresses, as they stand in a ticket or a mail: "order ord_1 failed, why?".
fn ids_in(text: &str) -> impl Iterator<Item = &str> {
    let words = if text.contains(char::is_whitespace) { text } else { "" }.split_whitespace();
    let bare = words.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let likely = |word: &&str| word.contains(|c: char| c.is_ascii_digit() || c == '@');
    bare.filter(likely).filter(|word| word.chars().count() >= SHORTEST_ID).take(WORDS)
}

/// Everything that follows from events and requests: what bears on the one in question is read at once.
async fn explain(store: &Store, tenant: &str, found: &Found, question: Question<'_>) -> Result<Lookup> {
    let Question { catalog, alerts, now, .. } = question;
    let Found { events, traces, .. } = found;
    let verdict = judge(catalog, events, traces, now);
    let subject = in_question(events, now);
    let of_subject = subject.as_ref().map(Subject::traces).filter(|ids| !ids.is_empty());
    let ids = of_subject.unwrap_or_else(|| traces.iter().map(|trace| trace.trace_id.as_str()).collect());
    let taking_part = traces.iter().filter(|trace| ids.contains(trace.trace_id.as_str()));
    let mut services: BTreeSet<&str> =
        taking_part.flat_map(|trace| trace.services.iter().map(String::as_str)).collect();
    services
        .extend(subject.iter().flat_map(|subject| subject.events.iter().map(|event| event.service.as_str())));

    let requests = traces.iter().map(|trace| trace.start);
    let first = subject.as_ref().map(|subject| subject.first.ts).or(requests.clone().min()).unwrap_or(now);
    let last = subject.as_ref().map(|subject| subject.decisive.ts).or(requests.max()).unwrap_or(now);
    let until = if verdict.state == VerdictState::InProgress { now } else { last };
    let (calls, deployments, cohort) = tokio::try_join!(
        calls::of(store, tenant, traces),
        around::deployments(store, tenant, &services, around::window(first, until)),
        compare(store, tenant, subject.as_ref(), traces, question),
    )?;

    let known = Known {
        subject: subject.as_ref(),
        verdict: &verdict,
        calls: &calls,
        traces: &ids,
        services: &services,
        now,
    };
    let attribution = attribute(catalog, &known);
    let failed = calls.iter().filter(|call| call.failed && ids.contains(call.trace_id.as_str()));
    let trouble = Trouble {
        at: last,
        until,
        services: &services,
        failed: &failed.map(|call| call.service.as_str()).collect(),
        party: attribution.party,
    };
    let troubled = matches!(verdict.state, VerdictState::Failed | VerdictState::InProgress);
    let incidents = if troubled { around::incidents(alerts, &trouble, now) } else { Vec::new() };

    let mut journey: Vec<JourneyStep> = events.iter().map(|event| tell(catalog, event)).collect();
    journey.extend(calls::steps(&calls));
    journey.extend(deployments);
    journey.extend(incidents.iter().map(around::incident_step));
    journey.sort_by_key(|step| step.ts);
    Ok(Lookup {
        reply: reply(catalog, subject.as_ref(), &verdict, &incidents, now),
        verdict,
        attribution,
        cohort,
        incidents,
        journey,
        traces: traces.iter().map(line).collect(),
        ..Lookup::default()
    })
}

/// How others fared, where something failed or hangs.
async fn compare(
    store: &Store,
    tenant: &str,
    subject: Option<&Subject<'_>>,
    traces: &[TraceSummary],
    Question { catalog, now, .. }: Question<'_>,
) -> Result<Cohort> {
    let broken = traces.iter().find(|trace| trace.errors > 0);
    match (subject, broken) {
        (Some(subject), _) if subject.stage == Stage::Failed || subject.is_stuck(now) => {
            let confidential = subject.stage == Stage::Failed && reason(catalog, subject).is_confidential();
            cohort::of_subject(store, tenant, subject, confidential, now).await
        }
        (None, Some(trace)) => cohort::of_request(store, tenant, trace).await,
        _ => Ok(cohort::none("Nothing failed or hangs, so there is nothing to compare.")),
    }
}

/// No key: a phrase that programs wrote, or nothing.
async fn unknown(store: &Store, tenant: &str, question: Question<'_>) -> Result<Lookup> {
    let Question { text, catalog, now, .. } = question;
    let said = phrase::find(store, tenant, text, now).await?;
    let kind = if said.is_some() { "phrase" } else { "unknown" };
    let (verdict, matches) =
        said.map_or_else(|| (nothing(text), Vec::new()), |said| (said.verdict, said.matches));
    Ok(finish(Lookup {
        query: text.to_owned(),
        kind: kind.to_owned(),
        reply: reply(catalog, None, &verdict, &[], now),
        verdict,
        matches,
        ..Lookup::default()
    }))
}

fn finish(found: Lookup) -> Lookup {
    Lookup { escalation: escalate(&found), ..found }
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
        operation: if hints(&trace.root_operation) {
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
