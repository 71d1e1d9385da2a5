//! Whether an incident is *major* under the EU's Digital Operational Resilience Act: Commission Delegated Regulation
//! (EU) 2024/1772, Articles 8 and 9, with the clocks of (EU) 2025/301 for telling the authority.
//!
//! An incident is major if it hits critical services **and** either data were accessed maliciously (Article 9(5)(b)) or two
//! or more of the other criteria are met. This counts; a person decides and reports.

use chrono::{DateTime, Months, TimeDelta, Utc};
use headroom_delivery::Count;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What is known of an incident. What is not known meets no criterion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Whether services that support critical or important functions are hit.
    pub critical_service: bool,
    /// Clients hit, of those of the service.
    pub clients: Option<Count>,
    /// Financial counterparts hit, of those of the service.
    pub counterparts: Option<Count>,
    /// Whether clients or counterparts are hit whom the firm has found relevant.
    pub relevant_clients: bool,
    /// Whether its reputation suffers: media, complaints, clients lost, duties to the authority missed.
    pub reputation: bool,
    /// Transactions hit, of a day's average number.
    pub transactions: Option<Count>,
    /// Value of the transactions hit, EUR.
    pub value: Option<Decimal>,
    /// A day's average value of transactions, EUR.
    pub daily_value: Option<Decimal>,
    /// Seconds from the beginning to the end, or to now.
    pub duration_seconds: u64,
    /// Seconds for which services that support critical functions were down.
    pub downtime_seconds: u64,
    /// Member States in which there was an impact.
    pub member_states: u32,
    /// Costs and losses, gross, EUR.
    pub losses: Option<Decimal>,
    /// Whether availability, authenticity, integrity or confidentiality of data was lost with an adverse impact.
    pub data_losses: bool,
    /// Whether somebody accessed systems maliciously and without authorisation, so that data may be lost.
    pub malicious_access: bool,
}

/// A criterion of Article 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Clients, counterparts or transactions, 9(1): above 10 % or 100,000 of clients, 30 % of counterparts, 10 % of a day's
    /// transactions by number or value, or any whom the firm has found relevant.
    Clients,
    /// Any impact on the reputation, 9(2).
    Reputation,
    /// Duration above 24 h, or downtime of critical functions above 2 h, 9(3).
    Duration,
    /// Impact in two Member States or more, 9(4).
    Geography,
    /// Data losses with an adverse impact, 9(5)(a).
    DataLosses,
    /// Malicious access, 9(5)(b): it alone makes an incident of a critical service major.
    MaliciousAccess,
    /// Costs and losses above EUR 100,000, 9(6).
    Losses,
}

impl Criterion {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clients => "clients, counterparts or transactions",
            Self::Reputation => "reputation",
            Self::Duration => "duration or downtime",
            Self::Geography => "two or more member states",
            Self::DataLosses => "data losses",
            Self::MaliciousAccess => "malicious access",
            Self::Losses => "economic impact",
        }
    }
}

/// What the facts amount to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// Whether it is a candidate for a major incident.
    pub major: bool,
    /// Which criteria are met.
    pub met: Vec<Criterion>,
    /// In words.
    pub words: String,
}

/// Until when the authority is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// Initial notification: 4 h after it was classified, and 24 h after it was known, whichever is first.
    pub initial: DateTime<Utc>,
    /// Intermediate report: 72 h after the initial notification.
    pub intermediate: DateTime<Utc>,
    /// Final report: a month after the intermediate report.
    pub r#final: DateTime<Utc>,
}

/// Counts the criteria.
pub fn assess(facts: &Facts) -> Assessment {
    let clients = above(facts.clients, 10)
        || facts.clients.is_some_and(|clients| clients.hit > 100_000)
        || facts.relevant_clients
        || above(facts.counterparts, 30)
        || above(facts.transactions, 10)
        || matches!((facts.value, facts.daily_value), (Some(value), Some(daily)) if daily > Decimal::ZERO && value * Decimal::TEN > daily);
    let criteria = [
        (clients, Criterion::Clients),
        (facts.reputation, Criterion::Reputation),
        (facts.duration_seconds > 24 * 3_600 || facts.downtime_seconds > 2 * 3_600, Criterion::Duration),
        (facts.member_states >= 2, Criterion::Geography),
        (facts.data_losses, Criterion::DataLosses),
        (facts.malicious_access, Criterion::MaliciousAccess),
        (facts.losses.is_some_and(|losses| losses > Decimal::from(100_000)), Criterion::Losses),
    ];
    let met: Vec<Criterion> =
        criteria.iter().filter(|(met, _)| *met).map(|(_, criterion)| *criterion).collect();
    let others = met.iter().filter(|criterion| **criterion != Criterion::MaliciousAccess).count();
    let major = facts.critical_service && (facts.malicious_access || others >= 2);
    Assessment { major, words: words(facts.critical_service, major, &met), met }
}

/// Whether incidents that began at these moments, all of one root cause, recur: two or more within six months up to `now`
/// (Article 8(2)). If they do, judge their facts together.
pub fn recurs(began: &[DateTime<Utc>], now: DateTime<Utc>) -> bool {
    let Some(since) = now.checked_sub_months(Months::new(6)) else { return false };
    began.iter().filter(|at| (since..=now).contains(at)).count() >= 2
}

/// The clocks of an incident that was known at `aware` and classified as major at `classified`, each report told at its last
/// moment.
pub fn clocks(aware: DateTime<Utc>, classified: DateTime<Utc>) -> Clocks {
    let initial = (classified + TimeDelta::hours(4)).min(aware + TimeDelta::hours(24));
    let intermediate = initial + TimeDelta::hours(72);
    Clocks {
        initial,
        intermediate,
        r#final: intermediate.checked_add_months(Months::new(1)).unwrap_or(intermediate),
    }
}

/// Whether more than so many per cent are hit.
fn above(count: Option<Count>, per_cent: u128) -> bool {
    matches!(count, Some(Count { hit, of: Some(of) }) if of > 0 && u128::from(hit) * 100 > u128::from(of) * per_cent)
}

fn words(critical_service: bool, major: bool, met: &[Criterion]) -> String {
    let list: Vec<&str> = met.iter().map(|criterion| criterion.as_str()).collect();
    let list = if list.is_empty() { "no criterion".to_owned() } else { list.join("; ") };
    match (major, critical_service) {
        (true, _) => format!("Candidate for a major incident (DORA): {list}"),
        (false, true) => format!("No major incident (DORA) so far: {list}"),
        (false, false) => format!("No major incident (DORA), as no critical service is hit: {list}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(facts: &Facts) -> Vec<Criterion> {
        assess(facts).met
    }

    fn count(hit: u64, of: u64) -> Option<Count> {
        Some(Count { hit, of: Some(of) })
    }

    /// Each threshold on either side of its edge.
    #[test]
    fn clients_counterparts_and_transactions() {
        let none: [Facts; 6] = [
            Facts { clients: count(100, 1_000), ..Facts::default() },
            Facts { clients: Some(Count { hit: 100_000, of: None }), ..Facts::default() },
            Facts { counterparts: count(30, 100), ..Facts::default() },
            Facts { transactions: count(10, 100), ..Facts::default() },
            Facts {
                value: Some(Decimal::new(10_000, 2)),
                daily_value: Some(Decimal::from(1_000)),
                ..Facts::default()
            },
            Facts { value: Some(Decimal::ONE), daily_value: Some(Decimal::ZERO), ..Facts::default() },
        ];
        for facts in none {
            assert_eq!(met(&facts), [], "{facts:?}");
        }
        let some: [Facts; 5] = [
            Facts { clients: count(101, 1_000), ..Facts::default() },
            Facts { clients: Some(Count { hit: 100_001, of: None }), ..Facts::default() },
            Facts { counterparts: count(31, 100), ..Facts::default() },
            Facts { transactions: count(11, 100), ..Facts::default() },
            Facts {
                value: Some(Decimal::new(10_001, 2)),
                daily_value: Some(Decimal::from(1_000)),
                ..Facts::default()
            },
        ];
        for facts in some {
            assert_eq!(met(&facts), [Criterion::Clients], "{facts:?}");
        }
    }

    #[test]
    fn relevant_clients_and_reputation() {
        assert_eq!(met(&Facts { relevant_clients: true, ..Facts::default() }), [Criterion::Clients]);
        assert_eq!(met(&Facts { reputation: true, ..Facts::default() }), [Criterion::Reputation]);
    }

    #[test]
    fn duration_and_downtime() {
        assert_eq!(met(&Facts { duration_seconds: 86_400, downtime_seconds: 7_200, ..Facts::default() }), []);
        assert_eq!(met(&Facts { duration_seconds: 86_401, ..Facts::default() }), [Criterion::Duration]);
        assert_eq!(met(&Facts { downtime_seconds: 7_201, ..Facts::default() }), [Criterion::Duration]);
    }

    #[test]
    fn geography_and_losses() {
        assert_eq!(met(&Facts { member_states: 1, ..Facts::default() }), []);
        assert_eq!(met(&Facts { member_states: 2, ..Facts::default() }), [Criterion::Geography]);
        let losses = |cents| met(&Facts { losses: Some(Decimal::new(cents, 2)), ..Facts::default() });
        assert_eq!(losses(10_000_000), []);
        assert_eq!(losses(10_000_001), [Criterion::Losses]);
    }

    #[test]
    fn two_criteria_or_malicious_access_of_a_critical_service() {
        let two = Facts { member_states: 2, data_losses: true, ..Facts::default() };
        assert!(!assess(&two).major, "no critical service");
        assert!(assess(&Facts { critical_service: true, ..two }).major);
        let one = Facts { critical_service: true, data_losses: true, ..Facts::default() };
        assert!(!assess(&one).major);
        let malicious = Facts { critical_service: true, malicious_access: true, ..Facts::default() };
        assert!(assess(&malicious).major);
        assert!(!assess(&Facts { critical_service: false, ..malicious }).major);
        assert_eq!(
            assess(&Facts {
                critical_service: true,
                data_losses: true,
                downtime_seconds: 8_000,
                ..Facts::default()
            })
            .words,
            "Candidate for a major incident (DORA): duration or downtime; data losses"
        );
    }

    #[test]
    fn twice_in_six_months_recurs() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let now = at("2026-08-31T12:00:00Z");
        assert!(recurs(&[at("2026-02-28T12:00:00Z"), at("2026-08-30T00:00:00Z")], now));
        assert!(!recurs(&[at("2026-02-28T11:59:59Z"), at("2026-08-30T00:00:00Z")], now));
        assert!(!recurs(&[at("2026-08-30T00:00:00Z")], now));
    }

    #[test]
    fn clocks_run_from_the_earlier() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let soon = clocks(at("2026-01-30T00:00:00Z"), at("2026-01-30T10:00:00Z"));
        assert_eq!(soon.initial, at("2026-01-30T14:00:00Z"));
        assert_eq!(soon.intermediate, at("2026-02-02T14:00:00Z"));
        assert_eq!(soon.r#final, at("2026-03-02T14:00:00Z"));
        let late = clocks(at("2026-01-30T00:00:00Z"), at("2026-01-30T23:00:00Z"));
        assert_eq!(late.initial, at("2026-01-31T00:00:00Z"));
    }
}
