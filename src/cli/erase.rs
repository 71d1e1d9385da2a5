//! `headroom erase`.

use super::ConfigArgs;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0 nothing is left, 1 something is, 2 it could not be done.\n\n\
    The proof is a signed note: `headroom audit verify --proof FILE --key KEY` verifies it. docs/erasure.md says what is\n\
    erased, and what is not.\n\n\
    headroom erase --customer cus-81 --reason 'request of 28 November' --dry-run -c headroom.toml\n\
    headroom erase --customer cus-81 --reason 'request of 28 November' --out cus-81.proof -c headroom.toml")]
pub(crate) struct EraseArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Number of the customer, as events have it in customer.id.
    #[arg(long, value_name = "ID")]
    pub(crate) customer: String,
    /// Why; goes to the audit trail.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Say what would be rewritten, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// File for the signed proof; it must not exist.
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub(crate) out: Option<PathBuf>,
}
