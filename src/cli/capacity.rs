//! `headroom capacity` and `headroom assess`.

use super::demand::StoredArgs;
use clap::{Args, Subcommand, ValueEnum};
use headroom_capacity::costs::CostFiles;
use headroom_capacity::load_test::Format;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum CapacityCommand {
    /// Fit the Universal Scalability Law to a file of loads and throughputs.
    Fit(FitArgs),
    /// Read results of k6, vegeta, wrk2, wrk or JMeter; compare runs, fit a curve.
    LoadTest(LoadTestArgs),
    /// The growth at which each service and resource is full, the nearest first, and what moves it.
    Walls(WallsArgs),
    /// Cost per transaction and per customer by service, from bills or a price table.
    Cost(CostArgs),
    /// What a plan costs against what the incident costs that it avoids.
    Incident(IncidentArgs),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 fitted (the verdict says good or weak), 1 refused (the reasons are told), 2 the file cannot be read.\n\n\
    headroom capacity fit points.csv --output json\n\
    printf 'load,throughput\\n1,20\\n4,78\\n8,130\\n12,170\\n16,190\\n20,200\\n' | headroom capacity fit -"
)]
pub(crate) struct FitArgs {
    /// CSV with the columns load and throughput; `-` reads standard input.
    pub(crate) points: PathBuf,
    /// How load was put on: users who wait for answers (closed), or requests at a rate (open).
    #[arg(long, value_enum)]
    pub(crate) model: Option<Model>,
    /// Resamples behind the bootstrap intervals.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1_000..=100_000))]
    pub(crate) resamples: u32,
    /// The same seed gives the same intervals.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Draw points and curve into this file (.svg).
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
}

/// How load was put on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Model {
    /// Users who wait for an answer before they ask again.
    Closed,
    /// Requests that come at a rate.
    Open,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 read (and with --against: not slower), 1 slower than --against, 2 cannot be read.\n\n\
    headroom capacity load-test results.json\n\
    headroom capacity load-test vegeta-100.json vegeta-200.json vegeta-400.json --fit\n\
    headroom capacity load-test today.jtl --against last-week.jtl"
)]
pub(crate) struct LoadTestArgs {
    /// Results, as the tool wrote them (plain or gzip). Several become steps of one test.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The files' form, where it cannot be told from the contents.
    #[arg(long, value_name = "FORMAT", value_parser = parse_format)]
    pub(crate) format: Option<Format>,
    /// Results of another run to compare with.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) against: Vec<PathBuf>,
    /// Fit a capacity curve to the steps.
    #[arg(long)]
    pub(crate) fit: bool,
}

/// Whose measurements: a node's store, opened here, or a running server's.
#[derive(Debug, Args)]
pub(crate) struct MeasuredArgs {
    #[command(flatten)]
    pub(crate) stored: StoredArgs,
    /// First moment looked at: now-7d, 2026-11-20T09:30:00Z. Default: capacity.history_days before the end.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// First moment no longer looked at. Default: now.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "headroom capacity walls --server http://127.0.0.1:8080 --token hr_sre_...\n\
    echo '{\"pool_size\":{\"order\":40},\"new_market\":0.3}' | headroom capacity walls --change -")]
pub(crate) struct WallsArgs {
    #[command(flatten)]
    pub(crate) measured: MeasuredArgs,
    /// A change to see the walls move, as JSON (`-` reads standard input); docs/capacity.md lists what can
    /// change.
    #[arg(long, value_name = "FILE")]
    pub(crate) change: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CostArgs {
    #[command(flatten)]
    pub(crate) measured: MeasuredArgs,
    /// FOCUS billing file (CSV); may be given several times. Default: capacity.bills.
    #[arg(long, value_name = "FILE")]
    pub(crate) bill: Vec<PathBuf>,
    /// Price table (TOML), where there is no bill. Default: capacity.prices.
    #[arg(long, value_name = "FILE", conflicts_with = "bill")]
    pub(crate) prices: Option<PathBuf>,
}

impl CostArgs {
    /// The files that were named instead of the configured ones.
    pub(crate) fn files(&self) -> Option<CostFiles> {
        let named = !self.bill.is_empty() || self.prices.is_some();
        named.then(|| CostFiles { bills: self.bill.clone(), prices: self.prices.clone() })
    }
}

#[derive(Debug, Args)]
pub(crate) struct IncidentArgs {
    /// JSON with prices, capacities and demand quantiles (`-` reads standard input); docs/capacity.md shows one.
    pub(crate) input: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "headroom assess --out assessment.pdf\n\
    headroom assess --out assessment.html --server http://127.0.0.1:8080 --token hr_sre_... --from now-14d")]
pub(crate) struct AssessArgs {
    #[command(flatten)]
    pub(crate) measured: MeasuredArgs,
    /// File to write: .html or .pdf.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

fn parse_format(text: &str) -> Result<Format, String> {
    Format::ALL.into_iter().find(|format| format.name() == text).ok_or_else(|| {
        let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
        format!("there is no format '{text}': it is one of {}", names.join(", "))
    })
}
