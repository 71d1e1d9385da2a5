//! What a journey is about: orders, payments and identity checks, and how each stands.

mod states;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::events::Event;
pub(super) use states::state;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Debug, Clone)]
pub(super) struct Subject<'a> {
    pub(super) flow: Flow,
    /// The number it goes by; '' when its events name none.
    pub(super) id: &'a str,
    pub(super) stage: Stage,
    /// Its first event: what was wanted.
    pub(super) first: &'a Event,
    /// The event that decided the stage.
    pub(super) decisive: &'a Event,
    /// All of its events, oldest first.
    pub(super) events: Vec<&'a Event>,
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

    /// Several of them.
    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Order => "orders",
            Self::Deposit => "deposits",
            Self::Withdrawal => "withdrawals",
            Self::Kyc => "identity checks",
        }
    }
}

impl Subject<'_> {
    /// How long nothing has happened.
    pub(super) fn waits(&self, now: DateTime<Utc>) -> TimeDelta {
        (now - self.decisive.ts).max(TimeDelta::zero())
    }

    /// Whether it should be further by now.
    pub(super) fn is_stuck(&self, now: DateTime<Utc>) -> bool {
        self.stage == Stage::Open && self.waits(now) > self.flow.patience()
    }

    /// The requests it happened in.
    pub(super) fn traces(&self) -> BTreeSet<&str> {
        self.events.iter().filter_map(|event| event.trace_id.as_deref()).collect()
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

/// What a name says; where it leaves it open, a state by FIX or ISO 20022 does.
fn stage(event: &Event) -> Stage {
    match event.name.rsplit('.').next().unwrap_or(&event.name) {
        "filled" | "completed" | "approved" => Stage::Done,
        "cancelled" => Stage::Cancelled,
        "rejected" | "failed" => Stage::Failed,
        _ => state(event).map_or(Stage::Open, |state| state.stage),
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
        .filter_map(|((flow, id), mut events)| {
            events.sort_by_key(|event| event.ts);
            // A new application after a refused one opens the check again.
            let ends = |event: &&&Event| stage(event) != Stage::Open;
            let decisive = *match flow {
                Flow::Kyc => events.last(),
                _ => events.iter().rev().find(ends).or(events.last()),
            }?;
            Some(Subject { flow, id, stage: stage(decisive), first: events.first()?, decisive, events })
        })
        .collect();
    subjects.sort_by_key(|subject| std::cmp::Reverse(subject.decisive.ts));
    subjects
}

/// What a look-up comes down to. Of each kind of thing the latest counts: a deposit that failed and was then repeated
/// with success is no trouble. Trouble comes first, then what is stuck, then what is under way.
pub(super) fn in_question(events: &[Event], now: DateTime<Utc>) -> Option<Subject<'_>> {
    let mut latest: Vec<Subject<'_>> = Vec::new();
    for subject in subjects(events) {
        if latest.iter().all(|other| other.flow != subject.flow) {
            latest.push(subject);
        }
    }
    latest.into_iter().min_by_key(|subject| match subject.stage {
        Stage::Failed => 0,
        Stage::Open if subject.is_stuck(now) => 1,
        Stage::Open => 2,
        Stage::Done | Stage::Cancelled => 3,
    })
}
