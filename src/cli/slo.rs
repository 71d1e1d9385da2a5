//! `headroom slo`.

use super::demand::StoredArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum SloCommand {
    /// Check OpenSLO v1 files: each fault with its line and what to do (for CI).
    Lint(SloLintArgs),
    /// Status, budget and burn of every objective, or of one.
    Show(SloShowArgs),
    /// How often each alert rule would have fired over the stored history.
    Backtest(SloBacktestArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  headroom slo lint slos/
  headroom slo lint slos/orders.yaml slos/payments.yaml --output json

What is valid and cannot be computed here, such as a source of another system, is told as a note and is no fault.

Exit code: 0 nothing is wrong (notes may be told), 1 something is, 2 a file cannot be read.")]
pub(crate) struct SloLintArgs {
    /// Files, or folders whose *.yaml and *.yml are read. References between them are followed.
    #[arg(required = true, value_name = "FILE|FOLDER")]
    pub(crate) files: Vec<PathBuf>,
    /// Calendar files with venues of your own, which headroom.io/session may name.
    #[arg(long, value_name = "FILE", value_delimiter = ',')]
    pub(crate) calendar: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  headroom slo show
  headroom slo show order-availability --server http://127.0.0.1:8080 --token hr_sre_... --output json

Exit code: 0 shown, 1 there is no such objective, 2 the store or server cannot be asked.")]
pub(crate) struct SloShowArgs {
    /// The objective's name (default: all).
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) stored: StoredArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  headroom slo backtest order-availability
  headroom slo backtest order-availability --from 2026-10-01T00:00:00Z --to 2026-11-01T00:00:00Z --output json

Each rule is stepped over every stored minute with what was known then, alone and together with the others: a page
hides the tickets beside it.

Exit code: 0 tested, 2 it cannot be: no such objective, one without figures, no store or server (the reason is told).")]
pub(crate) struct SloBacktestArgs {
    /// The objective's name.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// First moment, RFC 3339 (default: the objective's window before --to).
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Last moment, RFC 3339 (default: now).
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) stored: StoredArgs,
}
