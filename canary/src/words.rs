//! What was found, in words.

use crate::metric::{Class, Effect, Finding, Importance, Metric, Observed};
use crate::score::Outcome;

/// One metric in a sentence without a full stop.
pub(crate) fn of_finding(metric: &Metric, finding: &Finding, confidence: f64) -> String {
    let name = &metric.name;
    let Some(test) = finding.test else {
        let must = if finding.failed { ", and must have data" } else { "" };
        let missing = match (finding.control_count, finding.experiment_count) {
            (0, 0) => "neither baseline nor canary has data",
            (0, _) => "the baseline has no data",
            _ => "the canary has no data",
        };
        return format!("{name}: {missing}{must}");
    };
    let at = format!("{} %", number(confidence * 100.0));
    let shift = match metric.observed {
        Observed::Values { .. } => format!(
            "shifted by {} (between {} and {} at {at})",
            signed(test.estimate),
            signed(test.lower),
            signed(test.upper)
        ),
        Observed::Buckets { .. } => format!(
            "{} times the baseline (between {} and {} at {at})",
            number(test.estimate.exp2()),
            number(test.lower.exp2()),
            number(test.upper.exp2())
        ),
    };
    let class = match finding.class {
        Class::High => "too high",
        Class::Low => "too low",
        Class::Pass | Class::NoData => "no bad change",
    };
    let effect = match (finding.effect, metric.effect, &metric.observed) {
        (Some(ratio), Effect::MeanRatio, Observed::Values { .. }) => {
            format!(", its mean {} times the baseline's", number(ratio))
        }
        (Some(share), Effect::Cles, _) => {
            format!(", above the baseline in {} % of pairs", number(share * 100.0))
        }
        _ => String::new(),
    };
    format!("{name}: {class}, {shift}{effect}")
}

/// The whole: what is to be done and why, the worst first.
pub(crate) fn of_judgement(outcome: Outcome, score: f64, findings: &[Finding]) -> String {
    let outcome = match outcome {
        Outcome::Pass => "Pass",
        Outcome::Marginal => "Marginal",
        Outcome::Fail => "Fail",
        Outcome::NoData => return "No data: nothing could be compared.".to_owned(),
    };
    let mut failed: Vec<&Finding> = findings.iter().filter(|finding| finding.failed).collect();
    failed.sort_by_key(|finding| (!finding.critical_failure, finding.importance == Importance::ReportOnly));
    let mut text = format!("{outcome}: {} of 100 points.", number(score));
    if failed.is_empty() {
        text.push_str(" No metric is worse than the baseline's.");
    }
    for finding in failed {
        let weight = match (finding.critical_failure, finding.importance) {
            (true, _) => " (critical)",
            (false, Importance::ReportOnly) => " (does not count)",
            _ => "",
        };
        text.push_str(&format!(" {}{weight}.", finding.words));
    }
    text
}

fn signed(value: f64) -> String {
    if value > 0.0 { format!("+{}", number(value)) } else { number(value) }
}

/// Three significant digits, without zeros at the end; whole numbers whole.
fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.abs().to_string();
    }
    let digits = (2 - value.abs().log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits() {
        let shown = [0.0, 98.0, 0.012_345, -22.5, 1_234.5, 1e-6, 99.96].map(number);
        assert_eq!(shown, ["0", "98", "0.0123", "-22.5", "1234", "0.000001", "100"]);
        assert_eq!(signed(2.5), "+2.5");
    }
}
