//! `headroom probe`.

use super::ConfigArgs;
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum ProbeCommand {
    /// Run probes once, here and now: each step, how long it took, and what was not as expected.
    Run(ProbeRunArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  headroom probe run
  headroom probe run test-trade -c headroom.toml --output json

Nothing is stored: the run is no part of any objective. Secrets are read from where the configuration says, and are not
shown.

Exit code: 0 all passed or were left out, 1 one failed, 2 it could not be run: no such probe, a secret is missing.")]
pub(crate) struct ProbeRunArgs {
    /// The probe's name (default: all, one after the other).
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Run it although its market is closed or maintenance is announced.
    #[arg(long)]
    pub(crate) anyway: bool,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}
