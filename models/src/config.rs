//! The settings of forecasts and plans, as they stand under `[models]` in the configuration file.

mod feed;
mod notices;
mod series;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use headroom_calendar::{Calendar, Venue};
use headroom_plan::ServiceCapacity;
use serde::Deserialize;

use crate::error::{ModelsError, Result};
use crate::subject::REQUESTS;

pub use feed::FeedConfig;
pub use notices::NoticesConfig;
pub use series::SeriesConfig;

/// `[models]`: what is forecast, how far, and what the services can carry.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelsConfig {
    /// Whether the forecast loop runs at all.
    pub enabled: bool,
    /// Market identifier codes of the venues the platform serves, the most important one first.
    pub venues: Vec<String>,
    /// Calendars of the operator's own, read in addition to the built-in one and again whenever they change.
    pub calendars: Vec<PathBuf>,
    /// Calendars that others keep.
    pub feeds: Vec<FeedConfig>,
    /// Whether the built-in events (rate decisions, expiries, month ends, payroll days) count.
    pub builtin_events: bool,
    /// How far a forecast reaches, in days.
    pub horizon_days: u32,
    /// How far back history is read, in days.
    pub history_days: u32,
    /// Hours ahead that are stored at one-minute resolution; beyond, every fifth minute is.
    pub fine_hours: u32,
    /// Seconds between two runs of the loop.
    pub interval_seconds: u64,
    /// Minutes after which the models are fitted anew; between fits only the level follows the demand.
    pub refit_minutes: u32,
    /// Capacity of each service; one without an entry is forecast, but not planned.
    pub services: BTreeMap<String, ServiceCapacity>,
    /// What is forecast beside the requests of services, by name.
    pub series: BTreeMap<String, SeriesConfig>,
    /// Who is told before and after each step of a plan that is acted on.
    pub notices: NoticesConfig,
}

impl Default for ModelsConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            venues: vec!["XNYS".into(), "XNSE".into()],
            calendars: Vec::new(),
            feeds: Vec::new(),
            builtin_events: true,
            horizon_days: 14,
            history_days: 35,
            fine_hours: 24,
            interval_seconds: 60,
            refit_minutes: 60,
            services: BTreeMap::new(),
            series: BTreeMap::new(),
            notices: NoticesConfig::default(),
        }
    }
}

impl ModelsConfig {
    /// The calendar these settings ask for: the venues, the built-in events, and the operator's files. Feeds are read by
    /// the [keeper](crate::CalendarKeeper) alone.
    pub fn calendar(&self) -> Result<Calendar> {
        let calendar = Calendar::load(&self.venues, self.builtin_events, &self.calendars)?;
        for (n, feed) in self.feeds.iter().enumerate() {
            let Some(mic) = &feed.venue else { continue };
            if calendar.venue(mic).is_none()
                && let Err(error) = Venue::builtin(mic)
            {
                let (setting, message) = (format!("feeds[{n}].venue"), error.to_string());
                return Err(ModelsError::Config { setting, message });
            }
        }
        Ok(calendar)
    }

    /// The services that are planned, each with its fewest and most replicas.
    pub fn bounds(&self) -> impl Iterator<Item = (String, u32, u32)> + '_ {
        self.services.iter().map(|(name, capacity)| (name.clone(), capacity.least(), capacity.max_replicas))
    }

    /// The series that run ahead of the demand of a service or series, by its name.
    pub(crate) fn leading<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a SeriesConfig)> {
        self.series.iter().filter(move |(_, series)| series.leads.iter().any(|led| led == name))
    }

    /// The loop's interval.
    pub fn interval(&self) -> Duration {
        Duration::from_secs(self.interval_seconds)
    }

    /// Refuses settings that have no meaning, naming the setting.
    pub fn validate(&self) -> Result<()> {
        let refuse = |setting: &str, message: &str| {
            Err(ModelsError::Config { setting: setting.into(), message: message.into() })
        };
        if !(1..=28).contains(&self.horizon_days) {
            return refuse("horizon_days", "must lie between 1 and 28");
        }
        if self.history_days == 0 {
            return refuse("history_days", "must be at least 1");
        }
        if self.interval_seconds == 0 || self.refit_minutes == 0 {
            return refuse("interval_seconds", "the interval and refit_minutes must be at least 1");
        }
        for (n, feed) in self.feeds.iter().enumerate() {
            if let Err((setting, message)) = feed.check() {
                return refuse(&format!("feeds[{n}].{setting}"), &message);
            }
            if self.feeds[..n].iter().any(|other| other.name == feed.name) {
                return refuse(&format!("feeds[{n}].name"), &format!("`{}` is there twice", feed.name));
            }
        }
        if let Err((setting, message)) = self.notices.check() {
            return refuse(&format!("notices.{setting}"), &message);
        }
        for (name, capacity) in &self.services {
            if let Err(message) = capacity.check() {
                return refuse(&format!("services.{name}"), &message);
            }
        }
        for (name, series) in &self.series {
            let setting = format!("series.{name}");
            if let Err((key, message)) = series.check() {
                return refuse(&format!("{setting}.{key}"), message);
            }
            if !feed::is_name(name) {
                return refuse(&setting, feed::NAME);
            }
            if series.leads.contains(name) {
                return refuse(
                    &format!("{setting}.leads"),
                    "a series does not lead itself: leave its name out",
                );
            }
            if name == REQUESTS || self.services.contains_key(name) {
                return refuse(&setting, "this name is taken: give the series another than any service's");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_read_over_the_defaults() {
        let text = "venues = [\"XNSE\"]\n[services.gateway]\nrequests_per_minute = 600\ncost_under = 99\n";
        let config: ModelsConfig = toml::from_str(text).unwrap();
        config.validate().unwrap();
        assert_eq!(config.venues, ["XNSE"]);
        assert_eq!((config.horizon_days, config.interval()), (14, Duration::from_mins(1)));
        let gateway = &config.services["gateway"];
        assert_eq!((gateway.quantile(), gateway.min_replicas, gateway.lead_seconds), (0.99, 1, 120));
    }

    #[test]
    fn what_has_no_meaning_is_refused_by_name() {
        let refused = |text: &str| match toml::from_str::<ModelsConfig>(text) {
            Ok(config) => config.validate().unwrap_err().to_string(),
            Err(error) => error.message().split(", expected").next().unwrap_or_default().to_owned(),
        };
        insta::assert_snapshot!(refused("horizon = 3"), @"unknown field `horizon`");
        insta::assert_snapshot!(refused("horizon_days = 90"), @"models.horizon_days: must lie between 1 and 28");
        let unknown = ModelsConfig { venues: vec!["XXXX".into()], ..ModelsConfig::default() };
        insta::assert_snapshot!(unknown.calendar().unwrap_err(), @"unknown venue `XXXX`: the built-in venues are XNYS, XNAS, XLON, XBOM, XNSE, XASX, XETR, XPAR, XAMS, XBRU, XSWX, XTSE; a [[venue]] table defines another");
        let feed = |text: &str| refused(&format!("[[feeds]]\nname = \"vendor\"\n{text}"));
        insta::assert_snapshot!(feed(""), @"models.feeds[0].url: give either url or path");
        insta::assert_snapshot!(feed("url = \"ftp://example.com/a.ics\""), @"models.feeds[0].url: must begin with http:// or https:// and name a host");
        insta::assert_snapshot!(feed("url = \"http://example.com/a.ics\"\ntoken_env = \"T\""), @"models.feeds[0].token_env: would be sent in clear: use an https:// url");
        insta::assert_snapshot!(feed("path = \"a.ics\"\nrefresh_minutes = 0"), @"models.feeds[0].refresh_minutes: must be at least 1");
        insta::assert_snapshot!(feed("path = \"a.ics\"\nmultiplier = 0"), @"models.feeds[0].multiplier: must lie between 0.01 and 100");
        insta::assert_snapshot!(feed("path = \"a.ics\"\n[[feeds]]\nname = \"vendor\"\npath = \"b.ics\""), @"models.feeds[1].name: `vendor` is there twice");
        insta::assert_snapshot!(refused("[notices]\nchannels = [\"a\", \"a\"]"), @"models.notices.channels: `a` is there twice");
        insta::assert_snapshot!(refused("[services.a]\nrequests_per_minute = 0"), @"models.services.a: requests_per_minute must be above 0");
        let series = |text: &str| refused(&format!("[series.a]\n{text}"));
        insta::assert_snapshot!(series(""), @"models.series.a.metric: give either metric or event");
        insta::assert_snapshot!(series("metric = \"m\"\nevent = \"e\""), @"models.series.a.metric: give either metric or event");
        insta::assert_snapshot!(series("metric = \"\""), @"models.series.a.metric: is empty: leave it out, or give a name");
        insta::assert_snapshot!(series("metric = \"m\"\nvalue = \"v\""), @"models.series.a.value: belongs to an event, and this series is of a metric");
        insta::assert_snapshot!(series("metric = \"m\"\naggregation = \"count\""), @"models.series.a.aggregation: a metric has avg, sum, max, rate or move: count is for events");
        insta::assert_snapshot!(series("event = \"e\"\naggregation = \"rate\""), @"models.series.a.aggregation: an event has count, sum, avg, max or move: rate is for counters");
        insta::assert_snapshot!(series("event = \"e\"\naggregation = \"avg\""), @"models.series.a.value: is missing: the attribute of the event that holds the number");
        insta::assert_snapshot!(series("event = \"e\"\nleads = [\"a\"]"), @"models.series.a.leads: a series does not lead itself: leave its name out");
        insta::assert_snapshot!(series("event = \"e\"\naggregation = \"median\""), @"unknown variant `median`");
        insta::assert_snapshot!(refused("[series.\"a b\"]\nmetric = \"m\""), @"models.series.a b: must have 1 to 63 letters, digits, '-', '_' and '.'");
        insta::assert_snapshot!(refused("[series.requests_per_minute]\nmetric = \"m\""), @"models.series.requests_per_minute: this name is taken: give the series another than any service's");
        insta::assert_snapshot!(refused("[services.a]\nrequests_per_minute = 5\nmin_replicas = 200"), @"models.services.a: min_replicas must not be above max_replicas, which must be at least 1");
    }
}
