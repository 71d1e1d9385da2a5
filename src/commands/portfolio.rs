//! `headroom portfolio`: what a portfolio in a file holds and is worth, and the rate of payments.

use super::{open, print};
use crate::cli::{Output, PortfolioCommand, PortfolioFile, ValueArgs, XirrArgs};
use anyhow::{Context as _, Result};
use chrono::Utc;
use headroom_portfolio::book::{Entry, Terms, View, value};
use headroom_portfolio::file::{moment_or_end, read, read_labels};
use headroom_portfolio::returns::{XirrAnswer, read_payments};
use std::process::ExitCode;

pub(super) fn run(command: PortfolioCommand, output: Output) -> Result<ExitCode> {
    match command {
        PortfolioCommand::Value(args) => valued(args, output),
        PortfolioCommand::Xirr(args) => xirr(&args, output),
    }
}

/// Exit code 0 when every figure is there and nothing is flagged, else 1.
fn valued(args: ValueArgs, output: Output) -> Result<ExitCode> {
    let as_of = match &args.as_of {
        None => Utc::now(),
        Some(text) => moment_or_end(text)
            .with_context(|| format!("'{text}' is no time: write 2026-11-20 or 2026-11-20T09:30:00Z"))?,
    };
    let (entries, terms, mut view) = booked(args.file)?;
    if let Some(path) = &args.labels {
        view.labels = read_labels(&path.display().to_string(), open(path)?)?;
    }
    let valuation = value(&entries, as_of, terms, &view);
    print(output, &valuation, ToString::to_string)?;
    let whole = valuation.unavailable.is_empty() && valuation.flags.is_empty();
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Exit code 0 when there is a rate, else 1.
fn xirr(args: &XirrArgs, output: Output) -> Result<ExitCode> {
    let payments = read_payments(&args.file.display().to_string(), open(&args.file)?)?;
    let answer = XirrAnswer::of(&payments, args.day_count);
    print(output, &answer, ToString::to_string)?;
    Ok(if answer.rate.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The entries of a file, and how they are to be booked and looked at.
fn booked(args: PortfolioFile) -> Result<(Vec<Entry>, Terms, View)> {
    let entries = read(&args.file.display().to_string(), open(&args.file)?, args.currency.as_deref())?;
    let terms = Terms { method: args.method, may_go_short: args.may_go_short };
    let view = View { base_currency: args.base, stale_after: args.stale_after, ..View::default() };
    Ok((entries, terms, view))
}
