//! Whose it is, and what says so. Pure.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::calls::{Call, root};
use super::catalog::Fault;
use super::safe::hints;
use super::subject::{Stage, Subject};
use super::verdict::{clock, reason};
use super::{Attribution, Catalog, Party, Verdict, VerdictState};

/// What is known of a look-up when it is to be said whose it is.
pub(super) struct Known<'a> {
    /// What it is about; `None` when only requests are known.
    pub(super) subject: Option<&'a Subject<'a>>,
    pub(super) verdict: &'a Verdict,
    pub(super) calls: &'a [Call],
    /// The requests of the subject, or all where there is none.
    pub(super) traces: &'a BTreeSet<&'a str>,
    /// Every service that took part.
    pub(super) services: &'a BTreeSet<&'a str>,
    pub(super) now: DateTime<Utc>,
}

/// Says whose it is. A reason that is in the catalog decides; else the call that failed does.
pub(super) fn attribute(catalog: &Catalog, known: &Known<'_>) -> Attribution {
    let mut evidence = Vec::new();
    let failed = root(known.calls, known.traces);
    let mut party = match failed {
        Some(call) if call.is_outward(known.services) => Party::Upstream,
        Some(_) => Party::Us,
        None => Party::None,
    };
    let troubled = match known.subject {
        Some(subject) => {
            let event = subject.decisive;
            let name = if hints(&event.name) { "an event" } else { &event.name };
            let mut said = format!("{name} of {} at {}", event.service, clock(event.ts, known.now));
            if subject.stage == Stage::Failed {
                let reason = reason(catalog, subject);
                match reason.fault {
                    Some(Fault::Ours) => party = Party::Us,
                    Some(Fault::Upstream) => party = Party::Upstream,
                    Some(Fault::Customer) => party = Party::Customer,
                    Some(Fault::Market) => party = Party::Market,
                    Some(Fault::NotSaid) => party = Party::NotSaid,
                    None => {}
                }
                said += &reason.code.map(|code| format!(" gave the reason {code}")).unwrap_or_default();
            }
            evidence.push(said);
            subject.stage == Stage::Failed || subject.is_stuck(known.now)
        }
        None => known.verdict.state == VerdictState::Failed,
    };
    if !troubled {
        party = Party::None;
    } else if !matches!(party, Party::NotSaid | Party::Customer | Party::Market) {
        // A refusal is no failed call's doing, even where a call says so by its status.
        evidence.extend(failed.map(Call::words).filter(|words| !hints(words)));
    }
    Attribution { party, sentence: words(party, troubled).to_owned(), evidence }
}

fn words(party: Party, troubled: bool) -> &'static str {
    match party {
        Party::Us => "It is ours: something failed on our side.",
        Party::Upstream => "It is a partner's that we rely on; neither the customer nor we caused it.",
        Party::Customer => "It is on the customer's side: what was asked for, their account, bank or papers.",
        Party::Market => "It is the market's; neither the customer nor we caused it.",
        Party::NotSaid => "Whose it is must not be told.",
        Party::None if troubled => "Nothing that is stored says whose it is.",
        Party::None => "Nothing failed, so it is nobody's.",
    }
}
