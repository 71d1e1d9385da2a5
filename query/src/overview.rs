//! How things stand: in one sentence, made from the list of services, and in the platform's golden signals.

mod signals;

use crate::services::ServiceRow;
pub use signals::{Signals, signals};

/// A service that fails more of its calls than this is named.
const TROUBLED: f64 = 0.01;
/// Most services named in the sentence.
const NAMED: usize = 3;

/// The services that fail more than one call in a hundred, those with the most failures first.
pub fn troubled(services: &[ServiceRow]) -> Vec<&ServiceRow> {
    let mut troubled: Vec<&ServiceRow> =
        services.iter().filter(|row| row.error_rate.is_some_and(|rate| rate > TROUBLED)).collect();
    troubled.sort_by(|a, b| (b.errors, &a.service).cmp(&(a.errors, &b.service)));
    troubled
}

/// `payments fails 12.5 % of its calls (25 of 200). 2 other services are well.`
pub fn sentence(services: &[ServiceRow]) -> String {
    if services.is_empty() {
        return "No service has sent anything in this time.".to_owned();
    }
    let troubled = troubled(services);
    let well = services.len() - troubled.len();
    if troubled.is_empty() {
        let calls: u64 = services.iter().map(|row| row.calls).sum();
        return format!(
            "{} {} well: no more than 1 % of calls failed in any of them, {calls} calls in all.",
            count(services.len(), "service"),
            if services.len() == 1 { "is" } else { "are" }
        );
    }
    let named = troubled.iter().take(NAMED).map(|row| {
        let percent = row.error_rate.unwrap_or_default() * 100.0;
        format!("{} fails {percent:.1} % of its calls ({} of {})", row.service, row.errors, row.calls)
    });
    let mut text = named.collect::<Vec<_>>().join(", ");
    if troubled.len() > NAMED {
        text += &format!(", and {} more fail over 1 %", troubled.len() - NAMED);
    }
    match well {
        0 => text + ".",
        1 => text + ". 1 other service is well.",
        _ => format!("{text}. {well} other services are well."),
    }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(service: &str, calls: u64, errors: u64) -> ServiceRow {
        ServiceRow {
            service: service.to_owned(),
            calls,
            errors,
            error_rate: (calls > 0).then(|| errors as f64 / calls as f64),
            calls_per_second: 0.0,
            p50_ns: None,
            p95_ns: None,
            p99_ns: None,
            p99_low_ns: None,
            p99_high_ns: None,
            trend: Vec::new(),
        }
    }

    #[test]
    fn names_who_fails_and_counts_who_does_not() {
        assert_eq!(sentence(&[]), "No service has sent anything in this time.");
        let calm = [row("order", 1000, 10), row("idle", 0, 0)];
        assert_eq!(
            sentence(&calm),
            "2 services are well: no more than 1 % of calls failed in any of them, 1000 calls in all."
        );
        let trouble = [row("order", 1000, 20), row("payments", 200, 25), row("wallet", 10, 0)];
        assert_eq!(
            sentence(&trouble),
            "payments fails 12.5 % of its calls (25 of 200), order fails 2.0 % of its calls (20 of 1000). 1 other service is well."
        );
    }
}
