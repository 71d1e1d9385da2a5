//! How bad an alert is: by burn, duration and impact.
//!
//! | to | when |
//! |---|---|
//! | warning | the budget burns at the rate of a ticket |
//! | major | it burns at the rate of the six-hour rule; or nobody acknowledged a warning for 30 min; or 1 % of customers are hit |
//! | critical | it burns at the rate of the one-hour rule; or it was major for 60 min; or 5 % of customers, 5 % of the day's transactions by number or value, or EUR 50,000; or a critical service is down for 60 min |
//!
//! The limits of critical are half of those of a major incident by EU law ([`crate::dora`]), so that there is time before. An open
//! alert only gets worse: it gets better when it was calm for the recovery window.

use chrono::{DateTime, Utc};
use headroom_delivery::{Count, Labels, Severity};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::config::seconds;

/// The fastest rule that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Burn {
    /// None.
    None,
    /// The slow rules, which open tickets.
    Slow,
    /// The rule of six hours: 6 times too fast at an objective of 30 days.
    Fast,
    /// The rule of one hour: 14.4 times too fast.
    Fastest,
}

/// What holds at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Situation {
    /// How fast the budget burns.
    pub burn: Burn,
    /// Whether somebody took it.
    pub acknowledged: bool,
    /// Customers who met a failure, of those of the service.
    pub customers: Option<Count>,
    /// Failed transactions, of a day's average.
    pub transactions: Option<Count>,
    /// Value of the failed transactions in EUR.
    pub value: Option<Decimal>,
    /// A day's average value of transactions in EUR.
    pub daily_value: Option<Decimal>,
    /// Since when a service that supports a critical function has been down.
    pub down_since: Option<DateTime<Utc>>,
}

/// The limits of the ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ladder {
    /// A warning that nobody acknowledged for so long is major; 30 min.
    pub unacknowledged_seconds: u32,
    /// What was major for so long is critical; 60 min.
    pub major_seconds: u32,
    /// A critical service that is down for so long is critical; 60 min.
    pub down_seconds: u32,
    /// Customers that make it major, in per mille; 10.
    pub major_customers: u32,
    /// Customers that make it critical, in per mille; 50.
    pub critical_customers: u32,
    /// Transactions of a day, by number or value, that make it critical, in per mille; 50.
    pub critical_transactions: u32,
    /// Value in EUR that makes it critical; 50,000.
    pub critical_value: Decimal,
    /// How long it must be calm to get better; 3 min.
    pub recovery_seconds: u32,
}

impl Default for Ladder {
    fn default() -> Self {
        Self {
            unacknowledged_seconds: 1_800,
            major_seconds: 3_600,
            down_seconds: 3_600,
            major_customers: 10,
            critical_customers: 50,
            critical_transactions: 50,
            critical_value: Decimal::from(50_000),
            recovery_seconds: 180,
        }
    }
}

/// Why it is as bad as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The budget burns.
    Burn,
    /// Nobody acknowledged.
    Unacknowledged,
    /// It has lasted.
    Lasting,
    /// Customers are hit.
    Customers,
    /// Transactions fail.
    Transactions,
    /// Money is at stake.
    Value,
    /// A critical service is down.
    Down,
}

/// How bad an alert is, and since when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// How bad; `None` while nothing is open.
    pub severity: Option<Severity>,
    /// Since when it has been so bad.
    pub since: DateTime<Utc>,
    /// Why it became so bad.
    pub causes: Vec<Cause>,
    /// Since when it would be less bad.
    pub calm_since: Option<DateTime<Utc>>,
}

impl Standing {
    /// Nothing is open.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { severity: None, since: now, causes: Vec::new(), calm_since: None }
    }

    /// Goes on to `now`. Returns whether the severity changed.
    pub fn progress(&mut self, ladder: &Ladder, situation: &Situation, now: DateTime<Utc>) -> bool {
        let (severity, causes) = ladder.judge(self, situation, now);
        if severity == self.severity {
            self.calm_since = None;
            return false;
        }
        if severity < self.severity {
            let since = *self.calm_since.get_or_insert(now);
            if now < since + seconds(ladder.recovery_seconds) {
                return false;
            }
        }
        *self = Self { severity, since: now, causes, calm_since: None };
        true
    }
}

impl Ladder {
    /// How bad the situation is now, and why.
    fn judge(
        &self,
        standing: &Standing,
        situation: &Situation,
        now: DateTime<Utc>,
    ) -> (Option<Severity>, Vec<Cause>) {
        let lasted = |limit: u32| now >= standing.since + seconds(limit);
        let burns = situation.burn > Burn::None;
        let was = |severity| burns && standing.severity == Some(severity);
        let by_value = part(situation.value, situation.daily_value, self.critical_transactions);
        let critical = [
            (situation.burn == Burn::Fastest, Cause::Burn),
            // What became critical by lasting stays so while it burns.
            (was(Severity::Major) && lasted(self.major_seconds), Cause::Lasting),
            (was(Severity::Critical) && standing.causes.contains(&Cause::Lasting), Cause::Lasting),
            (share(situation.customers, self.critical_customers), Cause::Customers),
            (share(situation.transactions, self.critical_transactions) || by_value, Cause::Transactions),
            (situation.value.is_some_and(|value| value >= self.critical_value), Cause::Value),
            (
                situation.down_since.is_some_and(|since| now >= since + seconds(self.down_seconds)),
                Cause::Down,
            ),
        ];
        let major = [
            (situation.burn == Burn::Fast, Cause::Burn),
            (
                was(Severity::Warning) && !situation.acknowledged && lasted(self.unacknowledged_seconds),
                Cause::Unacknowledged,
            ),
            (was(Severity::Major) && standing.causes.contains(&Cause::Unacknowledged), Cause::Unacknowledged),
            (share(situation.customers, self.major_customers), Cause::Customers),
        ];
        let warning = [(burns, Cause::Burn)];
        let ladder: [(Severity, &[(bool, Cause)]); 3] =
            [(Severity::Critical, &critical), (Severity::Major, &major), (Severity::Warning, &warning)];
        for (severity, rules) in ladder {
            let causes: Vec<Cause> =
                rules.iter().filter(|(holds, _)| *holds).map(|(_, cause)| *cause).collect();
            if !causes.is_empty() {
                return (Some(severity), causes);
            }
        }
        (None, Vec::new())
    }
}

/// Whether at least so many per mille are hit.
fn share(count: Option<Count>, per_mille: u32) -> bool {
    match count {
        Some(Count { hit, of: Some(of) }) if of > 0 => {
            u128::from(hit) * 1_000 >= u128::from(of) * u128::from(per_mille)
        }
        _ => false,
    }
}

fn part(value: Option<Decimal>, of: Option<Decimal>, per_mille: u32) -> bool {
    match (value, of) {
        (Some(value), Some(of)) if of > Decimal::ZERO => {
            value / of * Decimal::ONE_THOUSAND >= Decimal::from(per_mille)
        }
        _ => false,
    }
}

/// The severity that an alert's label says; a warning if it has none.
pub fn severity_of(labels: &Labels) -> Severity {
    labels.get("severity").map_or(Severity::Warning, |word| severity_named(word))
}

/// The severity of a word of Headroom's or of others; a warning for any other.
pub fn severity_named(word: &str) -> Severity {
    match word.to_ascii_lowercase().as_str() {
        "critical" | "page" | "fatal" | "emergency" => Severity::Critical,
        "major" | "error" | "high" => Severity::Major,
        _ => Severity::Warning,
    }
}

#[cfg(test)]
mod tests;
