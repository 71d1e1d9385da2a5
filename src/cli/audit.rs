//! `headroom audit`.

use super::ConfigArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
#[command(after_help = "Exit code: 0 the trail holds, 1 it does not, 2 it could not be looked at.\n\n\
    headroom audit verify -c headroom.toml                   the trail of a node, running or not\n\
    headroom audit export -c headroom.toml --out rows.ndjson\n\
    headroom audit verify --file rows.ndjson --checkpoints audit-checkpoints.txt --key KEY")]
pub(crate) enum AuditCommand {
    /// Recompute the trail, and compare it with its signed checkpoints: names the first row that does not fit.
    Verify(VerifyTrailArgs),
    /// Write every row with its hashes, a JSON object in a line, for an auditor who verifies it elsewhere.
    Export {
        #[command(flatten)]
        config: ConfigArgs,
        /// File to write; `-` is standard output.
        #[arg(long, default_value = "-", value_name = "FILE")]
        out: PathBuf,
    },
    /// Print the proof that a row is among those that the newest checkpoint covers, as JSON.
    Prove {
        #[command(flatten)]
        config: ConfigArgs,
        /// Number of the row.
        #[arg(value_name = "SEQ", required_unless_present = "since")]
        row: Option<i64>,
        /// Instead, prove that the newest checkpoint begins with the one over so many rows.
        #[arg(long, value_name = "SIZE", conflicts_with = "row")]
        since: Option<i64>,
    },
    /// Print the public key that checkpoints are verified with.
    Key(ConfigArgs),
    /// Sign the rows since the last checkpoint now.
    Checkpoint(ConfigArgs),
}

#[derive(Debug, Args)]
pub(crate) struct VerifyTrailArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Exported rows to verify instead of those of the node; `-` is standard input.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) file: Option<PathBuf>,
    /// Checkpoints that were kept outside of the store.
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoints: Option<PathBuf>,
    /// Public key, as `headroom audit key` prints it; the node's own when absent.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// A proof of `headroom audit prove`, or of `headroom erase`, to verify instead of the trail.
    #[arg(long, value_name = "FILE", requires = "key", conflicts_with_all = ["file", "checkpoints"])]
    pub(crate) proof: Option<PathBuf>,
}
