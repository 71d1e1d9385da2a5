//! `headroom forecast`, `backtest`, `calendar`, `plan` and `simulate`: demand to come and replicas for it, with or
//! without a server.

mod backtest;
mod calendar;
mod forecast;
mod plan;
mod plot;
mod simulate;
mod source;
mod table;

pub(super) use backtest::run as backtest;
pub(super) use calendar::run as calendar;
pub(super) use forecast::run as forecast;
pub(super) use plan::run as plan;
pub(super) use simulate::run as simulate;

use anyhow::{Result, anyhow};
use headroom_models::forecast::{Context, Forecaster, Unavailable, outlook, promote};
use std::process::ExitCode;

/// The model that was named; for a series on its own the one that [`outlook`] takes.
fn model(named: Option<&str>, context: &Context) -> Result<Box<dyn Forecaster>> {
    let Some(name) = named else { return Ok(Box::new(outlook::forecaster(context))) };
    let all = promote::candidates(context);
    let names: Vec<String> = all.iter().map(|model| model.name()).collect();
    let found = all.into_iter().find(|model| model.name() == name);
    found.ok_or_else(|| anyhow!("there is no model '{name}': it is one of {}", names.join(", ")))
}

/// What is weak about an answer, on standard error.
fn tell(notes: &[String]) {
    for note in notes {
        eprintln!("headroom: {note}");
    }
}

/// There can be no answer, and why.
fn none(why: &Unavailable) -> ExitCode {
    eprintln!("headroom: {why}");
    ExitCode::FAILURE
}
