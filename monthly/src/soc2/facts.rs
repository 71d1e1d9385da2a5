//! The facts of a month.

mod read;

use std::collections::BTreeMap;

use headroom_capacity::money::Figure;

use super::Item;
use crate::month::Period;
use crate::report::Kind;

/// A fact that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fact {
    AccessChanges,
    Accounts,
    Acknowledged,
    Alerts,
    Anomalies,
    Archive,
    Availability,
    Checkpoints,
    Clocks,
    ConfigChanges,
    Deliveries,
    Deployments,
    Doors,
    Erasures,
    Exports,
    Forecasts,
    Freezes,
    Gaps,
    Inventory,
    LockOuts,
    Objectives,
    Plans,
    PostMortems,
    Probes,
    Receivers,
    Refused,
    Remedies,
    Resolved,
    Restores,
    Retention,
    Reveals,
    SignIns,
    Sql,
    Trail,
}

impl Fact {
    /// Every fact.
    #[cfg(test)]
    pub(super) const ALL: [Self; 34] = [
        Self::AccessChanges,
        Self::Accounts,
        Self::Acknowledged,
        Self::Alerts,
        Self::Anomalies,
        Self::Archive,
        Self::Availability,
        Self::Checkpoints,
        Self::Clocks,
        Self::ConfigChanges,
        Self::Deliveries,
        Self::Deployments,
        Self::Doors,
        Self::Erasures,
        Self::Exports,
        Self::Forecasts,
        Self::Freezes,
        Self::Gaps,
        Self::Inventory,
        Self::LockOuts,
        Self::Objectives,
        Self::Plans,
        Self::PostMortems,
        Self::Probes,
        Self::Receivers,
        Self::Refused,
        Self::Remedies,
        Self::Resolved,
        Self::Restores,
        Self::Retention,
        Self::Reveals,
        Self::SignIns,
        Self::Sql,
        Self::Trail,
    ];

    /// What it is, and where it is asked for.
    fn named(self) -> (&'static str, Source) {
        use Source::{Report, Setting, Time, Whole};
        match self {
            Self::AccessChanges => ("Accounts and tokens made, changed and revoked", Report(Kind::Audit)),
            Self::Accounts => (
                "Accounts and tokens by role",
                Whole("headroom token list; table users of the control state"),
            ),
            Self::Acknowledged => ("Incidents that somebody took", Report(Kind::Uptime)),
            Self::Alerts => ("Alerts that fired", Time("/api/v1/alerts")),
            Self::Anomalies => ("Anomalies that were told", Time("/api/v1/anomalies")),
            Self::Archive => {
                ("Copies of days outside of the store", Setting("[archive]; headroom archive list"))
            }
            Self::Availability => ("Objectives that kept their targets", Report(Kind::Uptime)),
            Self::Checkpoints => ("Signed heads of the audit trail", Report(Kind::Audit)),
            Self::Clocks => ("How well clocks are set", Setting("none")),
            Self::ConfigChanges => ("Changes of silences, the calendar and remedies", Report(Kind::Audit)),
            Self::Deliveries => ("Messages about alerts that arrived", Time("/api/v1/deliveries")),
            Self::Deployments => ("Deployments seen or told", Time("/api/v1/delivery")),
            Self::Doors => ("Doors that are reached from other machines", Setting("[web], [ingest], [sql]")),
            Self::Erasures => ("Customers erased on request", Report(Kind::Audit)),
            Self::Exports => ("Exports of rows to files", Report(Kind::Audit)),
            Self::Forecasts => ("Demand forecast", Time("/api/v1/forecasts/subjects")),
            Self::Freezes => ("Steps of error-budget policies", Report(Kind::Slo)),
            Self::Gaps => ("Time without data, named", Report(Kind::Uptime)),
            Self::Inventory => ("Services that sent telemetry", Time("/api/v1/services")),
            Self::LockOuts => ("Names and addresses locked out", Report(Kind::Audit)),
            Self::Objectives => ("Objectives with alert rules and runbooks", Whole("GET /api/v1/slos")),
            Self::Plans => ("Capacity planned", Time("/api/v1/plan")),
            Self::PostMortems => ("Reviews of incidents", Setting("none")),
            Self::Probes => ("Requests that look at the platform from outside", Setting("[[probes]]")),
            Self::Receivers => ("Receivers of alerts", Setting("[alerts]")),
            Self::Refused => ("Sign-ins that were refused", Report(Kind::Audit)),
            Self::Remedies => ("Remedies that machines were asked for", Report(Kind::Audit)),
            Self::Resolved => ("Incidents that are over", Report(Kind::Uptime)),
            Self::Restores => ("Tests that bring data back", Setting("none")),
            Self::Retention => ("How long data is kept", Setting("[retention]; headroom doctor")),
            Self::Reveals => {
                ("Personal data shown in the clear, each for a reason on record", Report(Kind::Audit))
            }
            Self::SignIns => ("Sign-ins by name", Report(Kind::Audit)),
            Self::Sql => ("SQL statements on record", Report(Kind::Audit)),
            Self::Trail => ("The audit trail, recomputed", Whole("headroom audit verify")),
        }
    }
}

/// Where a fact is asked for.
enum Source {
    /// Another report of the month.
    Report(Kind),
    /// The API, for the month's time.
    Time(&'static str),
    /// The present state.
    Whole(&'static str),
    /// The configuration.
    Setting(&'static str),
}

/// What is known of each fact.
pub(super) struct Facts {
    found: BTreeMap<Fact, Figure<String>>,
    period: Period,
}

impl Facts {
    /// A fact with the question that gives it.
    pub(super) fn item(&self, fact: Fact) -> Item {
        let (what, source) = fact.named();
        let source = match source {
            Source::Report(kind) => crate::page::origin(kind, &self.period, "").query,
            Source::Time(path) => crate::page::origin_of(path, &self.period, "").query,
            Source::Whole(how) => format!("{how}, as of {}", crate::page::moment(self.period.made_at)),
            Source::Setting("none") => "nothing that Headroom keeps".to_owned(),
            Source::Setting(keys) => format!("configuration: {keys}"),
        };
        let unknown = || Figure::unavailable("it was not looked for");
        Item { what, fact: self.found.get(&fact).cloned().unwrap_or_else(unknown), source }
    }
}
