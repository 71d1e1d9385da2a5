//! `headroom portfolio`.

use chrono::{NaiveDate, TimeDelta};
use clap::{Args, Subcommand};
use headroom_portfolio::book::Method;
use headroom_portfolio::returns::DayCount;
use headroom_portfolio::risk::Frequency;
use headroom_reconcile::parse_length;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum PortfolioCommand {
    /// What a portfolio holds, what it cost, what it made and what it is worth, from a CSV file.
    Value(ValueArgs),
    /// What a portfolio made: returns, risk, contributions, beside a benchmark, from a CSV file of events or of
    /// date,value,flow.
    Returns(ReturnsArgs),
    /// The annual rate at which dated payments balance (XIRR), from lines of date,amount.
    Xirr(XirrArgs),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 valued in full, 1 figures are missing or lines are flagged (the reasons are told), \
    2 the file cannot be read.\n\n\
    headroom portfolio value portfolio.csv --as-of 2026-11-20 --base EUR\n\
    printf 'date,type,symbol,quantity,price,currency\\n2026-01-02,buy,ACME,2,75.8,CHF\\n2026-02-02,sell,ACME,2,85.73,CHF\\n' \
    | headroom portfolio value -"
)]
pub(crate) struct ValueArgs {
    #[command(flatten)]
    pub(crate) file: PortfolioFile,
    /// The moment to value at; of a date its end, in UTC (default: now).
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// Table of what symbols are: a column symbol, and one for each label (asset_class, sector, venue, ...).
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 every figure is there that there can be, 1 figures are missing or lines are flagged (the \
    reasons are told), 2 the file cannot be read.\n\n\
    headroom portfolio returns portfolio.csv --from 2025-12-31 --to 2026-03-31 --benchmark SPY\n\
    headroom portfolio returns own.csv --benchmark-portfolio model.csv --labels sectors.csv --attribute-by sector\n\
    printf 'date,value,flow\\n2026-01-01,177.94,\\n2026-02-01,160.26,\\n2026-03-01,264.57,84\\n2026-04-01,426.82,67\\n' \
    | headroom portfolio returns - --frequency month"
)]
pub(crate) struct ReturnsArgs {
    #[command(flatten)]
    pub(crate) file: PortfolioFile,
    /// The period begins at the close of this day (default: the day before the first booking).
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<NaiveDate>,
    /// And ends at the close of this one (default: the last day of the file).
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<NaiveDate>,
    /// Table of what symbols are, to sum contributions by: a column symbol, and one for each label.
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// How the years of the money-weighted return are counted, as for xirr.
    #[arg(long, default_value_t, value_name = "CONVENTION")]
    pub(crate) day_count: DayCount,
    /// How often risk takes a return: trading-day (252 a year), day (365), week, month, year.
    #[arg(long, default_value = "trading-day", value_name = "FREQUENCY")]
    pub(crate) frequency: Frequency,
    /// What could be had without risk a year: 0.02 or 2%.
    #[arg(long, default_value = "0", value_name = "RATE", value_parser = rate, allow_hyphen_values = true)]
    pub(crate) risk_free: f64,
    /// What to compare with: a CSV file with columns date and value, or a symbol whose prices stand in FILE.
    #[arg(long, value_name = "FILE|SYMBOL")]
    pub(crate) benchmark: Option<String>,
    /// A portfolio to compare with (a model portfolio), as FILE is: the return beyond its own is attributed to segments.
    #[arg(long, value_name = "FILE")]
    pub(crate) benchmark_portfolio: Option<PathBuf>,
    /// The label that segments are named by: a column of --labels, or symbol.
    #[arg(long, default_value = "symbol", value_name = "LABEL", requires = "benchmark_portfolio")]
    pub(crate) attribute_by: String,
    /// The linked return values the portfolio each month, and on a flow of more than this share of it: 0.1 or 10%.
    #[arg(long, default_value = "0.1", value_name = "SHARE", value_parser = share)]
    pub(crate) large_flow: f64,
    /// Annualise returns of less than a year too.
    #[arg(long)]
    pub(crate) annualise_short: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 found (others at which the payments balance too are told), 1 no rate (the reason is told), \
    2 the file cannot be read.\n\n\
    headroom portfolio xirr payments.csv --day-count 30e/360\n\
    printf '2020-01-01,-1000\\n2021-01-01,750\\n2022-01-01,500\\n' | headroom portfolio xirr - --output json"
)]
pub(crate) struct XirrArgs {
    /// Lines of date,amount, in any order, with or without a header: below zero is paid in, above zero received; - is
    /// standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// How the years between payments are counted: act/365, act/360, act/act, act/364, act/365.25, 30/360, 30/360 us,
    /// 30e/360, 30e/360 isda, 30e+/360, nl/365, nl/360.
    #[arg(long, default_value_t, value_name = "CONVENTION")]
    pub(crate) day_count: DayCount,
}

/// The file of a portfolio, and how it is booked and looked at.
#[derive(Debug, Args)]
pub(crate) struct PortfolioFile {
    /// CSV with a line an event, columns date,type,symbol,quantity,price,amount,currency,fee,id,ref,note; - is
    /// standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Which lots a sale closes: fifo, lifo, average, specific (those that it names).
    #[arg(long, default_value = "fifo", value_name = "METHOD")]
    pub(crate) method: Method,
    /// A sale of more than is held opens a short position (sell_short does so without this).
    #[arg(long)]
    pub(crate) may_go_short: bool,
    /// Currency of the totals (default: that of the first money that moved).
    #[arg(long, value_name = "CODE", value_parser = currency)]
    pub(crate) base: Option<String>,
    /// Currency of lines that name none.
    #[arg(long, value_name = "CODE", value_parser = currency)]
    pub(crate) currency: Option<String>,
    /// A price older than this is none (default: the last one counts, however old).
    #[arg(long, value_name = "SPAN", value_parser = length)]
    pub(crate) stale_after: Option<TimeDelta>,
}

fn currency(text: &str) -> Result<String, String> {
    if headroom_portfolio::book::is_currency(text) {
        return Ok(text.to_owned());
    }
    Err(format!("'{text}' is no currency: write three capital letters, as in EUR"))
}

/// `0.1` or `10%`, not below zero.
fn share(text: &str) -> Result<f64, String> {
    number(text)
        .filter(|share| *share >= 0.0)
        .ok_or_else(|| format!("'{text}' is no share: write 0.1 or 10%"))
}

/// `0.02` or `2%`, above -1.
fn rate(text: &str) -> Result<f64, String> {
    number(text).filter(|rate| *rate > -1.0).ok_or_else(|| format!("'{text}' is no rate: write 0.02 or 2%"))
}

fn number(text: &str) -> Option<f64> {
    let number = match text.strip_suffix('%') {
        Some(percent) => percent.trim_end().parse::<f64>().ok()? / 100.0,
        None => text.parse().ok()?,
    };
    Some(number).filter(|number| number.is_finite())
}

fn length(text: &str) -> Result<TimeDelta, String> {
    parse_length(text).ok_or_else(|| {
        format!("'{text}' is not a span of time: write a whole number and ms, s, m, h, d or w, as in 7d")
    })
}
