//! What lifts demand beyond an ordinary day.

use std::fmt;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// The kind of an event; what was learned from one counts for all of its kind at the same venue.
///
/// The order is the order of the classes in a step that several touch: what is rare and moves demand much tells more
/// about it than what comes each week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventClass {
    /// A central bank's decision.
    RateDecision,
    /// A session that the venue's table does not have, such as Mumbai's hour of trading at Diwali.
    SpecialSession,
    /// A session with an early close.
    HalfDay,
    /// A company's first day of trading.
    Ipo,
    /// Company results.
    Earnings,
    /// Anything else, such as a campaign.
    Custom,
    /// Index changes that take effect after a session's close; on top of the expiry of the same day.
    IndexRebalance,
    /// The quarter's last session; on top of its month end.
    QuarterEnd,
    /// Monthly expiry of options or futures.
    Expiry,
    /// The month's last session.
    MonthEnd,
    /// Weekly expiry of options, where the month's is not on that day.
    WeeklyExpiry,
    /// A day on which wages arrive.
    Payroll,
    /// A session's opening: part of the session's shape, kept for explanations.
    Open,
    /// A session's close: part of the session's shape, kept for explanations.
    Close,
}

impl EventClass {
    /// Every class, in the order of the enum.
    pub const ALL: [Self; 14] = [
        Self::RateDecision,
        Self::SpecialSession,
        Self::HalfDay,
        Self::Ipo,
        Self::Earnings,
        Self::Custom,
        Self::IndexRebalance,
        Self::QuarterEnd,
        Self::Expiry,
        Self::MonthEnd,
        Self::WeeklyExpiry,
        Self::Payroll,
        Self::Open,
        Self::Close,
    ];

    /// The class of a name as it is written in files, or of the class in words, in any case.
    pub fn named(text: &str) -> Option<Self> {
        let wanted = text.trim();
        let is = |word: &str| word.eq_ignore_ascii_case(wanted);
        Self::ALL.into_iter().find(|class| is(class.id()) || is(class.words()))
    }

    /// The multiplier assumed before any event of the class was seen.
    ///
    /// Measured, as medians of hourly SPY volume from 2013 to 2021 against the same hour of the 20 sessions before:
    /// rate decision 2.7 in the hour of the statement, expiry 1.28, month end 1.05, half day 0.84; as medians of days against the 20 before,
    /// quarterly rebalancing 1.3 beyond the expiry of its day and quarter end 0.9 beyond the month end. Volume stands
    /// in for demand. All others are guesses; that of a
    /// special session is against an hour without one. Each loses its weight with the first events measured.
    pub fn prior(self) -> f64 {
        match self {
            Self::RateDecision => 2.5,
            Self::Earnings | Self::Ipo => 1.8,
            Self::Expiry => 1.3,
            Self::WeeklyExpiry => 1.1,
            Self::Payroll | Self::IndexRebalance => 1.2,
            Self::QuarterEnd => 0.9,
            Self::MonthEnd => 1.05,
            Self::HalfDay => 0.85,
            Self::SpecialSession => 3.0,
            Self::Open | Self::Close | Self::Custom => 1.0,
        }
    }

    /// Whether the session's shape already holds the effect, so that no multiplier is learned.
    pub fn in_shape(self) -> bool {
        matches!(self, Self::Open | Self::Close)
    }

    /// The class in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::RateDecision => "rate decision",
            Self::Earnings => "earnings",
            Self::Ipo => "IPO",
            Self::Expiry => "expiry",
            Self::WeeklyExpiry => "weekly expiry",
            Self::IndexRebalance => "index rebalancing",
            Self::Payroll => "payroll day",
            Self::MonthEnd => "month end",
            Self::QuarterEnd => "quarter end",
            Self::HalfDay => "half day",
            Self::SpecialSession => "special session",
            Self::Open => "open",
            Self::Close => "close",
            Self::Custom => "event",
        }
    }

    /// The class as it is written in files and bodies.
    pub fn id(self) -> &'static str {
        match self {
            Self::RateDecision => "rate_decision",
            Self::Earnings => "earnings",
            Self::Ipo => "ipo",
            Self::Expiry => "expiry",
            Self::WeeklyExpiry => "weekly_expiry",
            Self::IndexRebalance => "index_rebalance",
            Self::Payroll => "payroll",
            Self::MonthEnd => "month_end",
            Self::QuarterEnd => "quarter_end",
            Self::HalfDay => "half_day",
            Self::SpecialSession => "special_session",
            Self::Open => "open",
            Self::Close => "close",
            Self::Custom => "custom",
        }
    }
}

impl fmt::Display for EventClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// One entry of the calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its kind.
    pub class: EventClass,
    /// Its name in words.
    pub name: String,
    /// Market identifier code of the venue it belongs to.
    pub venue: Option<String>,
    /// When it starts.
    pub start: DateTime<Utc>,
    /// How long it lifts demand.
    pub duration: Duration,
    /// How long before the start demand begins to rise.
    pub lead: Duration,
    /// The services it concerns; empty means all.
    pub services: Vec<String>,
    /// The multiplier expected of this one, instead of its class's prior.
    pub multiplier: Option<f64>,
    /// Where the date is from.
    pub source: String,
    /// Since when it is known; a back-test from before does not see it.
    pub known_since: Option<DateTime<Utc>>,
    /// How sure the date is, from 0 to 1.
    pub confidence: f64,
    /// Whether it follows from a venue's sessions, so that it only concerns services that follow the venue.
    pub follows_venue: bool,
}

impl Event {
    /// When its effect is over.
    pub fn end(&self) -> DateTime<Utc> {
        self.start + self.duration
    }

    /// When its effect begins: the start less the lead.
    pub fn effect_start(&self) -> DateTime<Utc> {
        self.start - self.lead
    }

    /// Whether it says for all services what a built-in event says.
    pub(crate) fn replaces(&self, builtin: &Self) -> bool {
        let of = |event: &Self| (event.start, event.class, event.venue.clone());
        self.services.is_empty() && of(self) == of(builtin)
    }

    /// Whether it concerns a service.
    pub fn concerns(&self, service: &str) -> bool {
        self.services.is_empty() || self.services.iter().any(|s| s == service)
    }

    /// The multiplier assumed before any of its class was seen, weighed down by doubt about its date.
    pub fn prior(&self) -> f64 {
        self.multiplier.unwrap_or_else(|| self.class.prior()).powf(self.confidence)
    }
}
