//! The schedule as a calendar file for the forecaster.

use std::fmt::Write as _;

use chrono::SecondsFormat;

use super::{Class, MarketEvent, Schedule};
use crate::SampleConfig;

/// The platform's calendar around `cfg.now` as TOML: `[[event]]` tables with
/// class, name, venue, start (RFC 3339), `duration_minutes`, `lead_minutes`,
/// services and source. Past events of the backfill and those of the coming
/// fortnight; the same settings give the same text.
pub fn calendar_toml(cfg: &SampleConfig) -> String {
    let mut text =
        String::from("# Known events of the sample platform. Invented dates, not a real calendar.\n");
    for event in Schedule::new(cfg).events {
        let services: Vec<_> = event.services().iter().map(|s| format!("\"{s}\"")).collect();
        write!(
            text,
            "\n[[event]]\nclass = \"{}\"\nname = \"{}\"\nvenue = \"{}\"\nstart = \"{}\"\n\
             duration_minutes = {}\nlead_minutes = {}\nservices = [{}]\nsource = \"sample\"\n",
            event.class.as_str(),
            event.name,
            event.venue.mic(),
            event.start.to_rfc3339_opts(SecondsFormat::Secs, true),
            event.minutes,
            event.lead_minutes,
            services.join(", "),
        )
        .expect("invariant: writing to a string cannot fail");
    }
    text
}

impl Class {
    /// The class as the calendar file writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RateDecision => "rate_decision",
            Self::Earnings => "earnings",
            Self::Payroll => "payroll",
            Self::Expiry => "expiry",
        }
    }
}

impl MarketEvent {
    /// The services whose demand the event lifts most.
    pub fn services(&self) -> &'static [&'static str] {
        match self.class {
            Class::RateDecision => &[
                "gateway",
                "auth",
                "order",
                "risk",
                "execution",
                "wallet",
                "ledger",
                "portfolio",
                "market-data",
            ],
            Class::Earnings => &["gateway", "auth", "order", "portfolio", "market-data"],
            Class::Payroll => &["gateway", "payments", "wallet", "ledger"],
            Class::Expiry => &["gateway", "order", "risk", "execution", "ledger"],
        }
    }
}
