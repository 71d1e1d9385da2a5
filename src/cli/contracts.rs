//! `headroom contracts`.

use clap::{Args, Subcommand};
use headroom_contracts::Mode;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum ContractsCommand {
    /// Check contracts, and whether their versions go together (for CI).
    Check(ContractsCheckArgs),
    /// List the built-in contracts.
    List,
    /// Print a built-in contract, for example to write your own after it.
    #[command(disable_version_flag = true)]
    Show {
        /// The event's name on the wire, or another name of it: order.placed, OrderPlaced.
        event: String,
        /// Which version (default: the latest).
        #[arg(long, value_name = "N")]
        version: Option<u32>,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  headroom contracts check contracts/
  headroom contracts check contracts/ --against ../published/contracts
      and no published version may have changed or gone
  headroom contracts check contracts/ --mode backward --output json

Exit code: 0 when all is well, 1 when something was found, 2 when the files could not be read.")]
pub(crate) struct ContractsCheckArgs {
    /// Folder with <event>/<version>.json (default: the built-in contracts).
    pub(crate) dir: Option<PathBuf>,
    /// Which changes are allowed: backward, forward or full, or backward-transitive, forward-transitive or
    /// full-transitive against every older version and not only the one before.
    #[arg(long, default_value_t)]
    pub(crate) mode: Mode,
    /// Folder of the contracts as they were published; what is in it must not have changed.
    #[arg(long, value_name = "DIR", requires = "dir")]
    pub(crate) against: Option<PathBuf>,
}
