//! What is wanted, for Prometheus (text exposition format 0.0.4).

use std::fmt::Write as _;

use crate::ask::Ask;
use crate::desk::{Answer, Desk, Source};
use crate::plans::Target;

/// The gauges of all that is planned. A service without an answer has `headroom_plan_missing` 1 and no number of
/// replicas: a gauge of 0 would be one.
pub fn gauges(desk: &Desk) -> String {
    let told: Vec<(Target, Option<Answer>)> = desk
        .services()
        .into_iter()
        .map(|target| {
            let answer = desk.answer(&Ask::of(target.clone())).ok();
            (target, answer)
        })
        .collect();
    let now = desk.now();
    let mut text = String::new();
    family(&mut text, &told, "headroom_desired_replicas", "Replicas to run now.", |answer| {
        Some(answer.replicas.to_string())
    });
    family(&mut text, &told, "headroom_planned_replicas", "Replicas planned, before bounds.", |answer| {
        Some(answer.planned.to_string())
    });
    family(&mut text, &told, "headroom_plan_age_seconds", "Age of the plan that is told.", |answer| {
        answer.made_at.map(|made| (now - made).num_seconds().max(0).to_string())
    });
    family(&mut text, &told, "headroom_plan_fallback", "1 when no fresh plan is told.", |answer| {
        Some(u8::from(answer.source != Source::Plan).to_string())
    });
    head(&mut text, "headroom_plan_missing", "1 when nothing can be told.");
    for (target, answer) in &told {
        line(
            &mut text,
            "headroom_plan_missing",
            target,
            answer.as_ref(),
            &u8::from(answer.is_none()).to_string(),
        );
    }
    text
}

fn family(
    text: &mut String,
    told: &[(Target, Option<Answer>)],
    name: &str,
    help: &str,
    value: impl Fn(&Answer) -> Option<String>,
) {
    head(text, name, help);
    for (target, answer) in told {
        if let Some(value) = answer.as_ref().and_then(&value) {
            line(text, name, target, answer.as_ref(), &value);
        }
    }
}

fn head(text: &mut String, name: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
}

/// One sample. The quantile is the one asked for; without one, the plan's own.
fn line(text: &mut String, name: &str, target: &Target, answer: Option<&Answer>, value: &str) {
    let quantile = target.quantile.or_else(|| answer.and_then(|a| a.quantile));
    let quantile = quantile.map_or_else(String::new, |q| format!(",quantile=\"{q}\""));
    let _ = writeln!(text, "{name}{{service=\"{}\"{quantile}}} {value}", escaped(&target.service));
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
