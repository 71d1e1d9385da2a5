//! What an engineer gets who goes on from here. Pure.

use super::{Escalation, Lookup, Outcome, StepKind, mask_email};

/// Latest steps and requests that are written down.
const STEPS: usize = 12;
const REQUESTS: usize = 5;

/// A title and a text with everything that is known of a look-up; no personal data, for the look-up has none, and an
/// address that was typed is masked.
pub(super) fn escalate(found: &Lookup) -> Escalation {
    // It goes to systems that mask nothing.
    let typed = if found.query.contains('@') { mask_email(&found.query) } else { found.query.clone() };
    let sentence = found.verdict.sentence.replace(&found.query, &typed);
    let about = format!("{} {typed}", found.kind);
    let mut lines = vec![
        sentence.clone(),
        format!("Next: {}", found.verdict.next_step),
        String::new(),
        format!("Asked for: {about}"),
    ];
    lines.extend(found.customer.iter().map(|customer| format!("Customer: {}", customer.customer_id)));
    lines.push(format!("Whose: {}", found.attribution.sentence));
    lines.extend(found.attribution.evidence.iter().map(|evidence| format!("- {evidence}")));
    lines.push(format!("Others: {}", found.cohort.sentence));
    lines.extend(found.incidents.iter().map(|one| format!("{} (alert {})", one.sentence, one.alert_id)));
    lines.push(String::new());
    lines.push("Journey:".to_owned());
    let from = found.journey.len().saturating_sub(STEPS);
    lines.extend(found.journey[from..].iter().map(|step| {
        let failed =
            if step.outcome == Outcome::Failed && step.kind != StepKind::Error { " FAILED" } else { "" };
        let detail = if step.detail.is_empty() { String::new() } else { format!(": {}", step.detail) };
        let time = step.ts.format("%Y-%m-%d %H:%M:%S%.3f UTC");
        format!("- {time} {} [{}] {}{failed}{detail}", step.service, step.event, step.title)
    }));
    if !found.traces.is_empty() {
        lines.push(String::new());
        lines.push("Requests:".to_owned());
    }
    lines.extend(
        found
            .traces
            .iter()
            .take(REQUESTS)
            .map(|trace| format!("- /traces/{} {} ({})", trace.trace_id, trace.operation, trace.status)),
    );
    Escalation { title: format!("{about}: {sentence}"), text: lines.join("\n"), url: None }
}
