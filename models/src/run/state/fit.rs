//! Fitting a series: what takes seconds, and is not done every minute.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use headroom_query::TimeRange;

use super::{Round, SeriesState};
use crate::calendar::Calendar;
use crate::error::Result;
use crate::forecast::{Context, Fitted, Signal, Unavailable};
use crate::read;
use crate::run::choice::Choice;
use crate::series::Series;
use crate::subject::Subject;

/// Minutes between two tries where no model could be fitted: every one reads the whole history.
const AGAIN_MINUTES: u32 = 10;

/// A fitted model.
pub(super) struct Fit {
    pub(super) model: String,
    pub(super) fitted: Box<dyn Fitted>,
    /// The calendar it was fitted with.
    calendar: Arc<Calendar>,
}

impl SeriesState {
    /// When a fit was last tried, if it is time for another; the beginning of time where none was.
    pub(in crate::run) fn due(&self, round: &Round<'_>) -> Option<DateTime<Utc>> {
        let Some(tried) = self.tried else { return Some(DateTime::UNIX_EPOCH) };
        let (known, minutes) = match &self.fit {
            Ok(fit) => (Arc::ptr_eq(&fit.calendar, round.calendar), round.config.refit_minutes),
            Err(_) => (true, round.config.refit_minutes.min(AGAIN_MINUTES)),
        };
        let due = !known || round.now - tried >= Duration::minutes(minutes.into());
        due.then_some(tried)
    }

    /// Fits anew, by all of the history. Where no model can be fitted the reason is kept instead.
    pub(in crate::run) async fn refit(&mut self, round: &Round<'_>) -> Result<()> {
        let days = Duration::days(i64::from(round.config.history_days));
        let range = TimeRange { from: round.until() - days, to: round.until() };
        let history = self.subject.measured(round.store, round.tenant, range).await?;
        let signals = self.signals(round, range).await?;
        let told = match &self.watch {
            None => read::newest(round.store, round.tenant, &self.subject, round.now).await?,
            Some(_) => None,
        };
        self.tried = Some(round.now);
        self.measure(&history, round.until());
        let history = Arc::new(history);
        let context = Context {
            calendar: Arc::clone(round.calendar),
            service: self.subject.scope().to_owned(),
            horizon: Duration::days(i64::from(round.config.horizon_days) + 1),
            signals,
        };
        self.whole = false;
        self.fit = self.fitted(&history, &context, round).await.map_err(|Unavailable(why)| why);
        let Ok(fit) = &mut self.fit else { return Ok(()) };
        fit.fitted.observe(&history);
        self.replay(&history, context.clone(), told, round).await;
        if let Some(choice) = &mut self.choice {
            choice.begin(&history, &context, round.turn, round.now);
        }
        Ok(())
    }

    /// The series that lead it. One that says nothing of late is told: the model goes on as if it were at its usual.
    async fn signals(&self, round: &Round<'_>, range: TimeRange) -> Result<Vec<Signal>> {
        let mut signals = Vec::new();
        for (name, series) in round.config.leading(self.subject.name()) {
            let leading = Subject::Series(name.clone(), series.clone());
            let signal =
                Signal::new(name.as_str(), leading.measured(round.store, round.tenant, range).await?);
            if let Some(doubt) = signal.doubt(range.to) {
                tracing::warn!(series = self.subject.name(), "{doubt}");
            }
            signals.push(signal);
        }
        Ok(signals)
    }

    /// A model of the forecaster in use; without one, the first is chosen.
    async fn fitted(
        &mut self,
        history: &Arc<Series>,
        context: &Context,
        round: &Round<'_>,
    ) -> Result<Fit, Unavailable> {
        let name = self.subject.name();
        if let Some(why) = negative(name, history) {
            return Err(why);
        }
        let first = if self.choice.is_none() {
            let (history, context) = (Arc::clone(history), context.clone());
            Some(apart(name, move || Choice::first(&history, &context)).await?)
        } else {
            None
        };
        let choice = first.as_ref().map(|(choice, _)| choice).or(self.choice.as_ref());
        let forecaster = choice.map(|choice| Arc::clone(choice.forecaster()));
        let forecaster = forecaster.expect("invariant: there is a choice, or the first was just made");
        let (model, history, asked) = (forecaster.name(), Arc::clone(history), context.clone());
        let fitted = apart(name, move || forecaster.fit(&history, &asked)).await?;
        // Without enough history for a fit nothing is chosen: the next try goes by what has come in since.
        if let Some((choice, reports)) = first {
            self.choice = Some(choice);
            self.chosen(round, &reports);
        }
        Ok(Fit { model, fitted, calendar: Arc::clone(round.calendar) })
    }
}

/// Does what takes long apart from the threads that answer.
pub(super) async fn apart<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> Result<T, Unavailable> + Send + 'static,
) -> Result<T, Unavailable> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|broken| Err(Unavailable(format!("the fit of {name} broke off: {broken}"))))
}

/// Why what falls below 0 is not forecast: the forecasters' demand never does.
fn negative(name: &str, history: &Series) -> Option<Unavailable> {
    let below = |index: &usize| history.values[*index].is_some_and(|value| value < 0.0);
    let first = (0..history.values.len()).find(below)?;
    let count = (first..history.values.len()).filter(below).count();
    let at = history.at(first).format("%Y-%m-%d %H:%M UTC");
    Some(Unavailable(format!(
        "{name} was below 0 in {count} minutes, first at {at}: only what never is can be forecast"
    )))
}
