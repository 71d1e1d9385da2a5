//! `headroom portfolio`: what a portfolio in a file holds, is worth and made, and the rate of payments.

use super::{open, print};
use crate::cli::{Output, PortfolioCommand, PortfolioFile, ReturnsArgs, ValueArgs, XirrArgs};
use anyhow::{Context as _, Result, bail, ensure};
use chrono::Utc;
use headroom_portfolio::book::{Entry, Labels, Movement, Terms, View, value};
use headroom_portfolio::file::{Contents, moment_or_end, read, read_either, read_labels, read_values};
use headroom_portfolio::performance::{Ask, Benchmark, Model, Portfolio, beside, of_days, performance};
use headroom_portfolio::returns::{ShortPeriods, XirrAnswer, read_payments};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(super) fn run(command: PortfolioCommand, output: Output) -> Result<ExitCode> {
    match command {
        PortfolioCommand::Value(args) => valued(args, output),
        PortfolioCommand::Returns(args) => returns(args, output),
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
    let file = args.file;
    let entries = read(&shown(&file.file), open(&file.file)?, file.currency.as_deref())?;
    let (terms, view) = (terms(&file), view(&file, args.labels.as_ref())?);
    let valuation = value(&entries, as_of, terms, &view);
    print(output, &valuation, ToString::to_string)?;
    Ok(whole(valuation.unavailable.is_empty() && valuation.flags.is_empty()))
}

/// Exit code 0 when nothing that should be known is missing and nothing is flagged, else 1.
fn returns(args: ReturnsArgs, output: Output) -> Result<ExitCode> {
    if let (Some(from), Some(to)) = (args.from, args.to) {
        ensure!(
            from < to,
            "--from {from} is not before --to {to}: a period ends on a later day than it begins"
        );
    }
    let file = args.file;
    let name = shown(&file.file);
    let contents = read_either(&name, open(&file.file)?, file.currency.as_deref())?;
    let ask = Ask {
        from: args.from,
        to: args.to,
        terms: terms(&file),
        view: view(&file, args.labels.as_ref())?,
        day_count: args.day_count,
        short: if args.annualise_short { ShortPeriods::Annualise } else { ShortPeriods::Refuse },
        large_flow: Some(args.large_flow),
        frequency: args.frequency,
        risk_free: args.risk_free,
        benchmark: args.benchmark.map(|named| benchmark(named, &name, &contents)).transpose()?,
        ..Ask::default()
    };
    let told = match (&contents, &args.benchmark_portfolio) {
        (Contents::Entries(entries), None) => performance(&[Portfolio { name: &name, entries }], &ask),
        (Contents::Entries(entries), Some(model)) => {
            let own = Portfolio { name: &name, entries };
            let entries = read(&shown(model), open(model)?, file.currency.as_deref())?;
            let portfolio = Portfolio { name: &shown(model), entries: &entries };
            beside(&[own], Model { portfolio, by: &args.attribute_by }, &ask)
        }
        (Contents::Days(days), None) => of_days(days, &ask),
        (Contents::Days(_), Some(_)) => {
            bail!(
                "{name} tells values of the whole only: a return is attributed to segments where it tells trades"
            )
        }
    };
    print(output, &told, ToString::to_string)?;
    Ok(whole(told.is_whole()))
}

/// Exit code 0 when there is a rate, else 1.
fn xirr(args: &XirrArgs, output: Output) -> Result<ExitCode> {
    let payments = read_payments(&shown(&args.file), open(&args.file)?)?;
    let answer = XirrAnswer::of(&payments, args.day_count);
    print(output, &answer, ToString::to_string)?;
    Ok(whole(answer.rate.is_some()))
}

fn whole(whole: bool) -> ExitCode {
    if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}

/// How a file is booked.
fn terms(file: &PortfolioFile) -> Terms {
    Terms { method: file.method, may_go_short: file.may_go_short }
}

/// And how it is looked at.
fn view(file: &PortfolioFile, labels: Option<&PathBuf>) -> Result<View> {
    let labels = match labels {
        Some(path) => read_labels(&shown(path), open(path)?)?,
        None => Labels::new(),
    };
    Ok(View { base_currency: file.base.clone(), stale_after: file.stale_after, labels })
}

/// A file, or a symbol with prices in the portfolio's own.
fn benchmark(named: String, portfolio: &str, contents: &Contents) -> Result<Benchmark> {
    let path = Path::new(&named);
    if path.is_file() || named == "-" {
        return Ok(Benchmark::Values(read_values(&named, open(path)?)?));
    }
    let priced =
        |entry: &Entry| matches!(&entry.movement, Movement::Price { symbol, .. } if *symbol == named);
    let known = matches!(contents, Contents::Entries(entries) if entries.iter().any(priced));
    ensure!(known, "--benchmark {named} is no file, and there are no prices of such a symbol in {portfolio}");
    Ok(Benchmark::Symbol(named))
}
