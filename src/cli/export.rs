//! `headroom export`.

use super::ConfigArgs;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    after_help = "Rows come as views show them, personal data left out, in no order unless --sql asks for one. \
    There is no\nlimit on rows: they stream.\n\n\
    headroom export --view spans --from now-30d --to now --out spans.parquet\n\
    headroom export --view events --from 2026-01-01T00:00:00Z --to 2026-02-01T00:00:00Z --tenant acme --out events.csv\n\
    headroom export --sql \"SELECT service, count(*) FROM spans GROUP BY service\" --format csv --out services.txt"
)]
pub(crate) struct ExportArgs {
    /// The view whose rows are written; `headroom` serves them in SQL under this name.
    #[arg(long, value_name = "VIEW", required_unless_present = "sql", conflicts_with = "sql")]
    pub(crate) view: Option<String>,
    /// A SELECT whose answer is written instead.
    #[arg(long, value_name = "SELECT")]
    pub(crate) sql: Option<String>,
    /// First moment of the rows: now-30d, 2026-11-20T09:30:00Z. Without it from the oldest row on.
    #[arg(long, value_name = "TIME", conflicts_with = "sql")]
    pub(crate) from: Option<String>,
    /// First moment no longer written. Without it up to the newest row.
    #[arg(long, value_name = "TIME", conflicts_with = "sql")]
    pub(crate) to: Option<String>,
    /// Whose rows (default: the tenant of the configuration).
    #[arg(long, value_name = "TENANT")]
    pub(crate) tenant: Option<String>,
    /// How the file is written (default: by its ending).
    #[arg(long, value_enum)]
    pub(crate) format: Option<ExportForm>,
    /// The file. It is there when it is whole, and not before.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Write over a file that is there.
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportForm {
    /// Parquet, compressed with zstd.
    Parquet,
    /// With a header; NULL is nothing between two commas, as is a text without characters.
    Csv,
    /// An Arrow IPC stream.
    Arrow,
}
