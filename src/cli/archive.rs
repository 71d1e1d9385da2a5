//! `headroom archive`.

use super::ConfigArgs;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
#[command(
    after_help = "Exit code: 0 well, 1 something is damaged or was not archived, 2 it could not be looked at.\n\n\
    A running node with the role alerts archives by itself, each hour. docs/archive.md says how it works and how\n\
    rows come back.\n\n\
    headroom archive status -c headroom.toml\n\
    headroom archive verify -c headroom.toml && echo sound"
)]
pub(crate) enum ArchiveCommand {
    /// Archive the days that are old enough now, and those anew to which rows came late.
    Run(ConfigArgs),
    /// How far the archive of each tenant and view reaches, how large it is, and what is behind.
    Status(ConfigArgs),
    /// Read every file and compare it with what was written.
    Verify(ConfigArgs),
}
