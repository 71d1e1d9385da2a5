//! What a journey is about: orders, payments and identity checks, and how each stands.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::events::Event;

/// Things that begin, go on and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Flow {
    /// Orders to buy or sell.
    Order,
    /// Money coming in.
    Deposit,
    /// Money going out.
    Withdrawal,
    /// Identity checks.
    Kyc,
}

/// How a subject stands after its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Went through.
    Done,
    /// Ended by the customer, or by agreement.
    Cancelled,
    /// Was refused.
    Failed,
    /// Under way.
    Open,
}

/// One order, payment or check.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) flow: Flow,
    pub(super) stage: Stage,
    /// Its first event: what was wanted.
    pub(super) first: &'a Event,
    /// The event that decided the stage.
    pub(super) decisive: &'a Event,
}

impl Flow {
    /// How long it may take before it counts as stuck.
    pub(super) fn patience(self) -> TimeDelta {
        match self {
            Self::Order => TimeDelta::minutes(5),
            Self::Deposit => TimeDelta::hours(1),
            Self::Withdrawal | Self::Kyc => TimeDelta::hours(24),
        }
    }
}

/// The flow an event belongs to; `None` for those that are only remarks.
pub(super) fn flow(name: &str) -> Option<Flow> {
    match name.split_once('.')?.0 {
        "order" => Some(Flow::Order),
        "deposit" => Some(Flow::Deposit),
        "withdrawal" => Some(Flow::Withdrawal),
        "kyc" => Some(Flow::Kyc),
        _ => None,
    }
}

fn stage(name: &str) -> Stage {
    match name.rsplit('.').next().unwrap_or(name) {
        "filled" | "completed" | "approved" => Stage::Done,
        "cancelled" => Stage::Cancelled,
        "rejected" | "failed" => Stage::Failed,
        _ => Stage::Open,
    }
}

/// The subjects of events, by their last event, latest first. An end once reached stays,
/// also when an earlier step arrives after it.
pub(super) fn subjects(events: &[Event]) -> Vec<Subject<'_>> {
    let mut by_id: BTreeMap<(Flow, &str), Vec<&Event>> = BTreeMap::new();
    for event in events {
        let Some(flow) = flow(&event.name) else { continue };
        let id = match flow {
            Flow::Order => event.order_id.as_str(),
            Flow::Deposit | Flow::Withdrawal => event.attribute("payment.id").unwrap_or_default(),
            Flow::Kyc => event.customer_id.as_str(),
        };
        by_id.entry((flow, id)).or_default().push(event);
    }
    let mut subjects: Vec<Subject<'_>> = by_id
        .into_iter()
        .filter_map(|((flow, _), mut events)| {
            events.sort_by_key(|event| event.ts);
            // A new application after a refused one opens the check again.
            let ends = |event: &&&Event| stage(&event.name) != Stage::Open;
            let decisive = match flow {
                Flow::Kyc => events.last(),
                _ => events.iter().rev().find(ends).or(events.last()),
            }?;
            Some(Subject { flow, stage: stage(&decisive.name), first: events.first()?, decisive })
        })
        .collect();
    subjects.sort_by_key(|subject| std::cmp::Reverse(subject.decisive.ts));
    subjects
}
