//! What a portfolio made on each day of its life.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::history::Day;
use super::options::{Ask, Portfolio};
use super::unavailable::Figure;
use super::walk;
use crate::returns::{self, daily, daily_growth};

/// A portfolio day by day, from its first booking on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DailyReturns {
    /// Currency of all money; none where nothing was booked that has one.
    pub base_currency: Option<String>,
    /// Every day of the calendar, in the order of time.
    pub days: Vec<DayReturn>,
}

/// A day of a portfolio. What cannot be had is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct DayReturn {
    /// In UTC.
    pub date: NaiveDate,
    /// Positions and cash at its close.
    pub value: Option<Decimal>,
    /// From outside, where moments are netted.
    pub inflow: Option<Decimal>,
    /// To outside, without a sign.
    pub outflow: Option<Decimal>,
    /// The time-weighted return of the day: 0.01 is 1 %.
    pub return_of_day: Option<f64>,
    /// The time-weighted return from the first booking to the close of this day, not annualised.
    pub return_since_start: Option<f64>,
    /// Why a figure is missing; the first of the reasons.
    pub unavailable: Option<String>,
}

/// Every day of a portfolio's life to the one of `ask.to`; no day before the first booking. Only the end of the period,
/// the base currency, the age of prices and how it is booked are looked at in `ask`.
pub fn daily_returns(portfolio: Portfolio<'_>, ask: &Ask) -> DailyReturns {
    let ask = Ask { from: None, quiet_days: true, benchmark: None, segments: None, ..ask.clone() };
    // Nothing was booked by then.
    let Ok(history) = walk::history(&[portfolio], &ask) else { return DailyReturns::default() };
    let days: Vec<Figure<returns::Day>> = history.days.iter().map(of_returns).collect();
    // A flow that cannot be told ends what can be told of all later days.
    let known: Vec<returns::Day> = days.iter().map_while(|day| day.clone().ok()).collect();
    let growth = daily_growth(&known);
    let told = history.days.windows(2).zip(1..).map(|(pair, at)| {
        // What came and went on the day before is in its value.
        let before = of_returns(&Day { value: pair[0].value.clone(), ..Day::empty(pair[0].date) });
        let of_day = before.and_then(|before| Ok([before, days[at].clone()?]));
        let of_day = of_day.and_then(|pair| daily(&pair).map_err(|why| history.explained(why)));
        let since_start = match (growth.get(at), days.iter().find_map(|day| day.as_ref().err())) {
            (Some(growth), _) => growth.clone().map_err(|why| history.explained(why)),
            (None, why) => Err(why.cloned().unwrap_or_else(|| returns::NoReturn::TooFewValues.into())),
        };
        tell(&pair[1], of_day.map(|found| found.total), since_start.map(|growth| growth - 1.0))
    });
    DailyReturns { days: told.collect(), base_currency: history.base_currency.clone() }
}

fn of_returns(day: &Day) -> Figure<returns::Day> {
    let (inflow, outflow) = (day.inflow.clone()?, day.outflow.clone()?);
    Ok(returns::Day { date: day.date, value: day.value.clone().ok(), inflow, outflow })
}

fn tell(day: &Day, of_day: Figure<f64>, since_start: Figure<f64>) -> DayReturn {
    let reasons = [day.value.as_ref().err(), day.inflow.as_ref().err(), of_day.as_ref().err()];
    let why = reasons.into_iter().chain([since_start.as_ref().err()]).flatten().next();
    let money = |figure: &Figure<Decimal>| figure.as_ref().ok().map(Decimal::normalize);
    DayReturn {
        date: day.date,
        value: money(&day.value),
        inflow: money(&day.inflow),
        outflow: money(&day.outflow),
        unavailable: why.map(|why| why.reason.clone()),
        return_of_day: of_day.ok(),
        return_since_start: since_start.ok(),
    }
}
