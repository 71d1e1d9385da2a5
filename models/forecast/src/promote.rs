//! Which forecaster a service gets: the one that would have done best in the last days.

use chrono::Duration;

use crate::backtest::{self, Report};
use crate::challengers;
use crate::outlook;
use crate::series::Series;
use crate::{CalendarModel, Context, Forecaster, PhaseCalendar, SeasonalNaive, Unavailable};

/// A challenger must be better by this share than the candidates that know every venue's sessions, and the signals where
/// there are any: in days without a holiday a model of the clock does as well by luck, and then meets the holiday
/// unawares; and a day ahead, as the back-test looks, a signal says nothing.
const MARGIN: f64 = 0.1;
/// Origins of the back-test, one day apart.
const ORIGINS: i64 = 4;
/// Back-tests run on steps of so many minutes: ten times less work, and the same answer.
const STEP: u32 = 10;

/// What a promotion came to.
pub struct Promotion {
    /// The forecaster chosen.
    pub forecaster: Box<dyn Forecaster>,
    /// All back-tests, in the order of the candidates; empty when the history is too short for one.
    pub reports: Vec<Report>,
}

/// Every forecaster there is for a calendar: by each venue's sessions, by their blend, by the clock, the
/// ridge regression, and the naive.
/// The first is what a service without enough history for a back-test gets.
pub fn candidates(context: &Context) -> Vec<Box<dyn Forecaster>> {
    let venues = context.calendar.venues();
    let mut all: Vec<Box<dyn Forecaster>> = Vec::new();
    if !venues.is_empty() {
        all.push(Box::new(CalendarModel::new(PhaseCalendar::Venues(venues.to_vec()))));
    }
    if venues.len() > 1 {
        for venue in venues {
            all.push(Box::new(CalendarModel::new(PhaseCalendar::Venues(vec![venue.clone()]))));
        }
    }
    all.push(Box::new(CalendarModel::new(PhaseCalendar::Clock)));
    all.push(Box::new(outlook::forecaster(context)));
    all.push(Box::new(SeasonalNaive { days: 1 }));
    all.push(Box::new(SeasonalNaive { days: 7 }));
    all.extend(challengers::quick());
    all
}

/// Back-tests every candidate over the last days of a history, one day ahead, and picks the best.
pub fn best(history: &Series, context: &Context) -> Result<Promotion, Unavailable> {
    choose(history, context, candidates(context))
}

/// The same with the slow challengers, which cost seconds for each service: for a back-test at night.
pub fn nightly(history: &Series, context: &Context) -> Result<Promotion, Unavailable> {
    let mut all = candidates(context);
    all.extend(challengers::slow());
    choose(history, context, all)
}

fn choose(
    history: &Series,
    context: &Context,
    mut candidates: Vec<Box<dyn Forecaster>>,
) -> Result<Promotion, Unavailable> {
    let coarse = if history.step_minutes < STEP { history.coarser(STEP) } else { history.clone() };
    let days = (coarse.end() - coarse.start).num_days();
    let origins: Vec<_> =
        (1..=ORIGINS.min(days - 1)).rev().map(|back| coarse.end() - Duration::days(back)).collect();
    let own = outlook::forecaster(context).name();
    let mut reports = Vec::new();
    let mut figures = Vec::new();
    if !origins.is_empty() {
        for (number, candidate) in candidates.iter().enumerate() {
            let Ok(report) =
                backtest::run(candidate.as_ref(), &coarse, context, &origins, Duration::days(1), 1)
            else {
                continue;
            };
            let knows_all = (number == 0 && context.signals.is_empty()) || report.name == own;
            let figure = report.figure() * if knows_all { 1.0 } else { 1.0 + MARGIN };
            if figure.is_finite() {
                figures.push((number, figure));
            }
            reports.push(report);
        }
    }
    let chosen = figures.iter().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(number, _)| *number);
    let forecaster = candidates.swap_remove(chosen);
    Ok(Promotion { forecaster, reports })
}
