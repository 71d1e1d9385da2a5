//! `[models.series.NAME]`: what is forecast beside the requests of services.

use std::collections::BTreeMap;

use headroom_query::measures::{Measure, Of, Statistic};
use serde::Deserialize;

/// A metric or a kind of business event that is forecast, by the minute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SeriesConfig {
    /// The metric's name.
    pub metric: Option<String>,
    /// Or the name of the events, such as `order.filled`.
    pub event: Option<String>,
    /// The attribute of the events that holds a number, such as `amount`.
    pub value: Option<String>,
    /// What a minute comes to; absent: the mean of a metric, the sum of a value, the number of events.
    pub aggregation: Option<Statistic>,
    /// Only points or events with these attributes; `service.name` is the service that sends them.
    pub attributes: BTreeMap<String, String>,
    /// The service whose calendar events move it; absent: those that concern every service.
    pub service: Option<String>,
    /// Services and series whose demand it runs ahead of: it is a leading signal of their forecasts.
    pub leads: Vec<String>,
}

impl SeriesConfig {
    /// How it is measured.
    pub fn measure(&self) -> Measure {
        let (of, usual) = match (&self.metric, &self.event) {
            (Some(metric), _) => (Of::Metric(metric.clone()), Statistic::Avg),
            (None, event) => {
                let usual = if self.value.is_some() { Statistic::Sum } else { Statistic::Count };
                (Of::Events { name: event.clone().unwrap_or_default(), value: self.value.clone() }, usual)
            }
        };
        Measure { of, attributes: self.attributes.clone(), statistic: self.aggregation.unwrap_or(usual) }
    }

    /// What is wrong with these settings: which one, and what to do.
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        use Statistic::{Count, Rate};
        let texts = [
            ("metric", &self.metric),
            ("event", &self.event),
            ("value", &self.value),
            ("service", &self.service),
        ];
        if let Some((key, _)) =
            texts.iter().find(|(_, text)| text.as_ref().is_some_and(|text| text.trim().is_empty()))
        {
            return Err((key, "is empty: leave it out, or give a name"));
        }
        match (&self.metric, &self.event, self.aggregation) {
            (Some(_), Some(_), _) | (None, None, _) => Err(("metric", "give either metric or event")),
            (Some(_), _, _) if self.value.is_some() => {
                Err(("value", "belongs to an event, and this series is of a metric"))
            }
            (Some(_), _, Some(Count)) => {
                Err(("aggregation", "a metric has avg, sum, max, rate or move: count is for events"))
            }
            (None, _, Some(Rate)) => {
                Err(("aggregation", "an event has count, sum, avg, max or move: rate is for counters"))
            }
            (None, _, Some(sum)) if sum != Count && self.value.is_none() => {
                Err(("value", "is missing: the attribute of the event that holds the number"))
            }
            _ => Ok(()),
        }
    }
}
