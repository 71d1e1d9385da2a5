//! What an answer means. Pure: no network, no clock.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::answer::Answer;
use crate::config::{Assertion, Extract, Part, StepConfig, Test};
use crate::run::Failure;
use crate::variables::Variables;

/// Most characters of a value that are told.
const TOLD: usize = 100;
/// The status that is expected where nothing is said of it.
const GOOD: Assertion = Assertion::Status(200, 299);

/// A variable that an answer tells: its name, its text, and whether it must not be shown.
pub(crate) type Learnt = (String, String, bool);

/// What is to be done after an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// The step is over, and these variables are known.
    Done(Vec<Learnt>),
    /// What is waited for is not there yet.
    Again,
    /// The step failed. What its answer tells all the same is known: an order that was placed too late is to be
    /// cancelled, and what must not be shown is not to be shown as what was found.
    Failed(Failure, Vec<Learnt>),
}

/// What follows from the answer to a step's request number `attempt`, counted from 1.
pub(crate) fn decide(
    step: &StepConfig,
    attempt: u32,
    answer: &Answer,
    variables: &Variables,
    now: DateTime<Utc>,
) -> Next {
    let (mut learnt, mut missing) = (Vec::new(), None);
    for (name, extract) in &step.extract {
        match extracted(extract, answer) {
            Ok(text) => learnt.push((name.clone(), text, extract.secret)),
            Err(why) => missing = missing.or_else(|| Some(format!("{name} cannot be extracted: {why}"))),
        }
    }
    let holds = |assertion: &Assertion| hold(assertion, answer, variables, now);
    let says_status = step.expect.iter().any(|assertion| matches!(assertion, Assertion::Status(..)));
    let implied = (!says_status).then_some(&GOOD);
    let mut failed = implied.into_iter().chain(&step.expect).try_for_each(holds);
    if failed.is_ok()
        && let Some(repeat) = &step.repeat
    {
        failed = repeat.until.iter().try_for_each(holds);
        if failed.is_err() && attempt < repeat.at_most {
            return Next::Again;
        }
        failed = failed.map_err(|reason| format!("after {attempt} requests {reason}"));
    }
    match failed.err().or(missing) {
        None => Next::Done(learnt),
        Some(reason) => {
            let kind = if answer.status >= 400 { answer.status.to_string() } else { "assertion".to_owned() };
            Next::Failed(Failure { kind, reason }, learnt)
        }
    }
}

/// Whether an assertion holds; why not, as `expected $.status = filled, found rejected`.
fn hold(
    assertion: &Assertion,
    answer: &Answer,
    variables: &Variables,
    now: DateTime<Utc>,
) -> Result<(), String> {
    let but = |found: String| Err(format!("expected {assertion}, found {found}"));
    match assertion {
        Assertion::Status(from, to) if (*from..=*to).contains(&answer.status) => Ok(()),
        Assertion::Status(..) => but(answer.status.to_string()),
        Assertion::DurationBelow(limit) if answer.duration < limit.get() => Ok(()),
        Assertion::DurationBelow(_) => but(format!("{}ms", answer.duration.as_millis())),
        Assertion::CertificateDays(days) => match answer.certificate_until {
            Some(until) if until - now >= TimeDelta::days(i64::from(*days)) => Ok(()),
            Some(until) => but(format!("one until {}", until.format("%Y-%m-%d %H:%M UTC"))),
            None => but("none: the answer came over plain HTTP".to_owned()),
        },
        Assertion::Header(name, test) => {
            let values: Vec<_> =
                answer.headers.get_all(name).iter().map(|v| String::from_utf8_lossy(v.as_bytes())).collect();
            let value = (!values.is_empty()).then(|| Value::from(values.join(", ")));
            pass(test, value.as_ref(), &format!("header {name}"), variables)
        }
        Assertion::Body(test) => pass(test, Some(&answer.text().into()), "body", variables),
        Assertion::Json(path, test) => match answer.json() {
            Ok(json) => pass(test, path.get(json), &path.to_string(), variables),
            Err(why) => but(format!("an answer that is not JSON: {why}")),
        },
    }
}

/// Whether the value of what is called `what` passes a test.
fn pass(test: &Test, value: Option<&Value>, what: &str, variables: &Variables) -> Result<(), String> {
    let passes = match (test, value) {
        (Test::Exists(wanted), value) => value.is_some() == *wanted,
        (_, None) => false,
        (Test::Text(template), Some(value)) => text(value) == variables.fill(template),
        (Test::Number(wanted), Some(value)) => number(value) == Some(*wanted),
        (Test::Bool(wanted), Some(value)) => value.as_bool() == Some(*wanted),
        (Test::Matches(regex), Some(value)) => regex.is_match(&text(value)),
        (Test::Contains(template), Some(value)) => text(value).contains(&variables.fill(template)),
        (Test::Above(bound), Some(value)) => number(value).is_some_and(|number| number > *bound),
        (Test::Below(bound), Some(value)) => number(value).is_some_and(|number| number < *bound),
        (Test::AtLeast(bound), Some(value)) => number(value).is_some_and(|number| number >= *bound),
        (Test::AtMost(bound), Some(value)) => number(value).is_some_and(|number| number <= *bound),
    };
    if passes {
        return Ok(());
    }
    let wanted = match test {
        Test::Text(template) => format!("= {}", variables.fill(template)),
        Test::Contains(template) => format!("to contain {}", variables.fill(template)),
        other => other.to_string(),
    };
    let found = value.map_or(Cow::Borrowed("nothing"), |value| cut(text(value)));
    Err(format!("expected {what} {wanted}, found {found}"))
}

/// A value as text: a text as it is, anything else as JSON.
fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

/// A number, or a text that is one: amounts are sent as text.
fn number(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Number(number) => Cow::Owned(number.to_string()),
        _ => return None,
    };
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

/// The beginning of a text.
fn cut(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.char_indices().nth(TOLD) {
        Some((at, _)) => Cow::Owned(format!("{}…", &text[..at])),
        None => text,
    }
}

fn extracted(extract: &Extract, answer: &Answer) -> Result<String, String> {
    let (whole, place) = match &extract.from {
        Part::Json(path) => {
            let json = answer.json().map_err(|why| format!("the answer is not JSON: {why}"))?;
            let value = path.get(json).filter(|value| !value.is_null());
            let value = value.ok_or_else(|| format!("there is nothing at {path}"))?;
            if value.is_object() || value.is_array() {
                return Err(format!("{path} is no single value"));
            }
            (text(value).into_owned(), path.to_string())
        }
        Part::Header(name) => {
            let value = answer.headers.get(name).ok_or_else(|| format!("there is no header {name}"))?;
            (String::from_utf8_lossy(value.as_bytes()).into_owned(), format!("header {name}"))
        }
    };
    let Some(regex) = &extract.matches else { return Ok(whole) };
    let group = regex.captures(&whole).and_then(|captures| captures.get(1));
    // Not the value: it may be what must not be shown.
    group.map(|group| group.as_str().to_owned()).ok_or_else(|| format!("{place} does not match {regex}"))
}

#[cfg(test)]
mod tests;
