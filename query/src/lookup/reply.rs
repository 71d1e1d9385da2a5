//! A text to send to the customer: polite, plain, without what is ours to know. Pure.

use chrono::{DateTime, Utc};

use super::catalog::Fault;
use super::subject::{Flow, Stage, Subject};
use super::verdict::{clock, length, reason, thing};
use super::{Catalog, KnownIncident, Verdict, VerdictState};

const SORRY: &str = "We are sorry for that.";

/// The reply to a customer whose question is about `subject`, or about requests alone.
pub(super) fn reply(
    catalog: &Catalog,
    subject: Option<&Subject<'_>>,
    verdict: &Verdict,
    incidents: &[KnownIncident],
    now: DateTime<Utc>,
) -> String {
    let mut said = match subject {
        Some(subject) => of_subject(catalog, subject, now),
        None => of_requests(verdict),
    };
    if incidents.iter().any(|incident| incident.until.is_none()) {
        said.push("We know of a problem at the moment and are working on it.".to_owned());
    }
    format!("Hello,\n\n{}\n\nKind regards", said.join(" "))
}

fn of_subject(catalog: &Catalog, subject: &Subject<'_>, now: DateTime<Utc>) -> Vec<String> {
    let yours = thing(subject).replacen("The", "Your", 1);
    let at = clock(subject.decisive.ts, now);
    let nothing = "There is nothing that you need to do.".to_owned();
    match subject.stage {
        Stage::Done => {
            let how = match subject.flow {
                Flow::Order => "was carried out",
                Flow::Deposit => "arrived",
                Flow::Withdrawal => "was paid out",
                Flow::Kyc => "was passed",
            };
            vec![format!("{yours} {how} at {at}."), nothing]
        }
        Stage::Cancelled => vec![format!("{yours} was cancelled at {at}."), nothing],
        Stage::Open if subject.is_stuck(now) => vec![
            format!("{yours} takes longer than it should."),
            SORRY.to_owned(),
            "We are looking into it and will tell you what we find.".to_owned(),
        ],
        Stage::Open => vec![
            format!("{yours} is under way. This can take up to {}.", length(subject.flow.patience())),
            nothing,
        ],
        Stage::Failed => refused(catalog, subject, &yours, &at),
    }
}

fn refused(catalog: &Catalog, subject: &Subject<'_>, yours: &str, at: &str) -> Vec<String> {
    let reason = reason(catalog, subject);
    let says = to_you(&reason.says);
    let how = if subject.flow == Flow::Kyc { "was not passed" } else { "did not go through" };
    let mut said = match reason.fault {
        Some(Fault::Ours) => {
            vec![format!("{yours} {how} at {at}, because of a fault on our side."), SORRY.to_owned()]
        }
        Some(Fault::Upstream) => vec![format!("{yours} {how} at {at}: {says}."), SORRY.to_owned()],
        Some(Fault::Customer | Fault::Market) => vec![format!("{yours} {how} at {at}: {says}.")],
        Some(Fault::NotSaid) => vec![
            format!("{yours} {how} at {at}."),
            "We cannot tell more about it here. If we need anything from you, we will write to you."
                .to_owned(),
        ],
        None => vec![
            format!("{yours} {how} at {at}."),
            "We are looking into it and will tell you what we find.".to_owned(),
        ],
    };
    said.extend(reason.tell);
    said
}

fn of_requests(verdict: &Verdict) -> Vec<String> {
    let said: &[&str] = match verdict.state {
        VerdictState::Failed => &[
            "Something failed on our side when you used the platform.",
            SORRY,
            "Please try again; our engineers have been told.",
        ],
        VerdictState::Unknown => &["Please send us the number of the order or payment that you ask about."],
        VerdictState::Ok | VerdictState::InProgress => {
            &["We found nothing that failed.", "Please tell us what you did and what you expected to see."]
        }
    };
    said.iter().map(|text| (*text).to_owned()).collect()
}

/// Words about the customer become words to the customer.
fn to_you(says: &str) -> String {
    says.replace("the customer's", "your").replace("the customer", "you")
}
