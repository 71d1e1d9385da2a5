//! `headroom forecast`, `headroom backtest` and what else speaks of demand to come.

use super::{ConfigArgs, Output};
use chrono_tz::Tz;
use clap::{Args, Subcommand};
use headroom_models::forecast::evaluate::Horizon;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 forecast (what is weak about it is told on standard error), 1 there can be none (the reason is told), \
    2 the file cannot be read.\n\n\
    headroom forecast requests.csv --calendar xnys --tz America/New_York --horizon 1d\n\
    headroom forecast requests.csv --calendar xnse,holidays.ics --horizon 3session --plot out.svg --output json\n\
    headroom forecast requests.csv --calendar xnys --signal vix.csv --signal index.csv --horizon 1h\n\
    headroom forecast --series order --server http://127.0.0.1:8080 --token hr_sre_..."
)]
pub(crate) struct ForecastArgs {
    #[command(flatten)]
    pub(crate) demand: DemandArgs,
    /// How far ahead: 14d, 4h, 60m, or sessions of the first venue, as in 1session.
    #[arg(long, default_value = "1d", value_name = "SPAN")]
    pub(crate) horizon: Horizon,
    /// Draw the forecast behind the last of the history into this file (.svg).
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
    /// Write the forecast to this file: .csv, .json or .parquet.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "A forecast is issued every --horizon from what was known then, and each is set beside what came.\n\
    text tells the scores; csv a line per point; json and parquet both.\n\n\
    Exit code: 0 evaluated, 1 it cannot be (the reason is told), 2 the file cannot be read.\n\n\
    headroom backtest requests.csv --calendar xnys --tz America/New_York --horizon 1session --from 2026-06 --to 2026-10\n\
    headroom backtest requests.csv --horizon 4h --output csv > points.csv"
)]
pub(crate) struct BacktestArgs {
    #[command(flatten)]
    pub(crate) demand: DemandArgs,
    /// How far ahead each forecast is issued: 1session, 1d, 4h, 60m.
    #[arg(long, default_value = "1d", value_name = "SPAN")]
    pub(crate) horizon: Horizon,
    /// First moment forecast: 2026-06, 2026-06-15 or RFC 3339 (default: the last quarter of the series).
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Last one, all of that month or day included (default: the end of the series).
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
}

/// A series of demand, and the calendar that explains it.
#[derive(Debug, Args)]
pub(crate) struct DemandArgs {
    /// CSV (plain or gzip) or Parquet with the columns ts and value; - is standard input.
    #[arg(value_name = "FILE", required_unless_present = "series", conflicts_with = "series")]
    pub(crate) file: Option<PathBuf>,
    /// A stored series instead of a file: one of models.series in the configuration, or the requests a minute of this
    /// service.
    #[arg(long, value_name = "NAME")]
    pub(crate) series: Option<String>,
    #[command(flatten)]
    pub(crate) origin: OriginArgs,
    /// Take this model instead of the regression: one of the names that a wrong one is answered with.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
}

/// Where a series comes from, and what explains it.
#[derive(Debug, Clone, Args)]
pub(crate) struct OriginArgs {
    #[command(flatten)]
    pub(crate) stored: StoredArgs,
    #[command(flatten)]
    pub(crate) calendar: CalendarArgs,
    /// A series that moves before demand does, as a volatility index, a price or its returns: CSV or Parquet with the
    /// columns ts and value, in steps of its own. May be given several times. A value counts once its step is over;
    /// one that says nothing about the demand is left aside, one that has ended is taken to be as usual.
    #[arg(long, value_name = "FILE")]
    pub(crate) signal: Vec<PathBuf>,
    /// Wall clock of times that have no offset, such as America/New_York (default: UTC).
    #[arg(long, value_name = "ZONE")]
    pub(crate) tz: Option<Tz>,
}

/// Where what is stored is asked for: a node's store, opened here, or a running server.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoredArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Ask this running server instead of opening the store, such as http://127.0.0.1:8080.
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// Token for the server.
    #[arg(long, env = "HEADROOM_TOKEN", hide_env_values = true, requires = "server")]
    pub(crate) token: Option<String>,
}

/// Venues and events.
#[derive(Debug, Clone, Args)]
pub(crate) struct CalendarArgs {
    /// Venues (xnys, xnas, xlon, xbom, xnse, xasx, xetr, xpar, xams, xbru, xswx, xtse) and calendar files (.toml,
    /// .ics, .csv, .json), the main venue first.
    #[arg(long, value_name = "VENUE|FILE", value_delimiter = ',')]
    pub(crate) calendar: Vec<String>,
    /// Leave out the built-in events: rate decisions, expiries, month ends, payroll days.
    #[arg(long)]
    pub(crate) no_builtin_events: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CalendarCommand {
    /// Sessions and events of some days, with what is not covered or doubtful.
    Show(CalendarShowArgs),
    /// Check calendar files: each fault with its line and what to do.
    Check(CalendarCheckArgs),
    /// Read calendar files of any format and write them as one, without what is wrong in them.
    Import(CalendarImportArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "headroom calendar show --calendar xnys,xlon --from 2026-12-21 --to 2027-01-04\n\
    headroom calendar show --calendar xnse,own.toml --output json")]
pub(crate) struct CalendarShowArgs {
    #[command(flatten)]
    pub(crate) calendar: CalendarArgs,
    /// First day (default: today, UTC).
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<chrono::NaiveDate>,
    /// Last day (default: a fortnight after the first).
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<chrono::NaiveDate>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 nothing is wrong (warnings may be told), 1 something is, 2 a file cannot be read."
)]
pub(crate) struct CalendarCheckArgs {
    /// Calendar files: .toml, .ics, .csv, .json.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 all of it was taken, 1 some entries were left out (they are told), 2 a file cannot be read.\n\n\
    headroom calendar import earnings.ics --class earnings --venue XNYS --source \"investor relations\" --out calendars/earnings.toml"
)]
pub(crate) struct CalendarImportArgs {
    /// Calendar files: .toml, .ics, .csv, .json.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// File to write: .toml or .ics (default: TOML to standard output).
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Class of entries that name none.
    #[arg(long, value_name = "CLASS")]
    pub(crate) class: Option<String>,
    /// Venue of entries that name none.
    #[arg(long, value_name = "MIC")]
    pub(crate) venue: Option<String>,
    /// Where the entries are from, for those that do not say.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) source: String,
}

impl Output {
    /// Whether this is a format of rows, which only commands that give rows have.
    pub(crate) fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Parquet)
    }
}
