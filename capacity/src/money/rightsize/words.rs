//! Advice and risk in plain words.

use super::history::History;
use super::{Advice, Change, RightsizeSettings, Rightsizing};
use crate::money::amount::{Figure, grouped};
use crate::money::period::words;

/// An advice with its risk, in a few sentences.
pub(super) fn sentence(advice: &Advice, settings: &RightsizeSettings, history: &History) -> String {
    let risk = &advice.risk;
    let (most, mean) = (history.replicas_max(), history.replicas_mean());
    let replicas = |count: u32| if count == 1 { "1 replica".to_owned() } else { format!("{count} replicas") };
    let mut text = match advice.change {
        Change::Keep => format!(
            "Keep up to {} of {}: nothing cheaper would have carried the history.",
            replicas(most),
            settings.class
        ),
        Change::FewerReplicas => format!(
            "At most {} of {} instead of up to {most} ({mean:.1} on average) save {} a month.",
            replicas(advice.replicas),
            advice.class,
            advice.saving_per_month
        ),
        Change::SmallerClass | Change::FewerOfSmallerClass => format!(
            "At most {} of {} instead of up to {most} of {} ({mean:.1} on average) save {} a month, if a core of the \
             one does as much as a core of the other.",
            replicas(advice.replicas),
            advice.class,
            settings.class,
            advice.saving_per_month
        ),
    };
    let would = if advice.change == Change::Keep { "was" } else { "would have been" };
    text.push_str(&format!(
        " CPU {would} at {} at its 99 % quantile and at {} at most, for a target of {}; {} of {} minutes {} above it.",
        percent(risk.cpu_p99),
        percent(risk.cpu_max),
        percent(risk.target),
        grouped(&risk.minutes_above_target.to_string()),
        grouped(&risk.minutes.to_string()),
        if advice.change == Change::Keep { "were" } else { "would have been" },
    ));
    text.push_str(&format!(
        " A replica needs {:.1} GiB of its {:.1} GiB of memory with a margin of {}.",
        risk.memory_needed_gib,
        risk.memory_gib,
        percent(settings.memory_margin)
    ));
    text.push_str(&match (&risk.covers_busy_day, &risk.cpu_at_peak) {
        (Figure::Known(true), _) => " The history holds a day as busy as the peak to expect.".into(),
        (Figure::Known(false), Figure::Known(used)) => format!(
            " The history holds no day as busy as the peak to expect, at which CPU would be at {}{}.",
            percent(*used),
            if *used > risk.target { ", above the target: the peak needs more than this" } else { "" }
        ),
        (Figure::Known(false), Figure::Unavailable { why }) => {
            format!(" The history holds no day as busy as the peak to expect: {why}.")
        }
        (Figure::Unavailable { why }, _) => {
            format!(" Whether the history holds a busy day is not known: {why}.")
        }
    });
    text
}

impl Rightsizing {
    /// The finding in plain words, for a terminal.
    pub fn text(&self) -> String {
        let mut text = format!("{} on {}\n", self.service, self.class);
        if let Some(history) = &self.history {
            text.push_str(&format!(
                "  {:.1} days from {} to {}: {:.1} replicas on average, {} at most.\n",
                history.days,
                words(history.from),
                words(history.to),
                history.replicas_mean,
                history.replicas_max
            ));
        }
        match &self.over_provisioned {
            Figure::Known(idle) => text.push_str(&format!(
                "  Beyond what was needed, on average: {:.1} replicas, {:.1} cores, {:.1} GiB; {} a month.\n",
                idle.replicas, idle.cores, idle.memory_gib, idle.per_month
            )),
            Figure::Unavailable { why } => {
                text.push_str(&format!("  What was needed is not known: {why}.\n"))
            }
        }
        match &self.advice {
            Figure::Known(advice) => text.push_str(&format!("  {}\n", advice.sentence)),
            Figure::Unavailable { why } => text.push_str(&format!("  No advice: {why}.\n")),
        }
        for note in &self.notes {
            text.push_str(&format!("  {note}\n"));
        }
        text
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
