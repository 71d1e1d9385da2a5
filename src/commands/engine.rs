//! `headroom engine`: the supervised child that loads libchdb.

use crate::cli;
use anyhow::{Context as _, Result};
use headroom_store::engine::{EngineArgs, TOKEN_VARIABLE, run as serve};
use std::process::ExitCode;

pub(super) fn run(args: cli::EngineArgs) -> Result<ExitCode> {
    let token = std::env::var(TOKEN_VARIABLE)
        .with_context(|| format!("the password of the engine's only user is expected in {TOKEN_VARIABLE}"))?;
    let cli::EngineArgs { data, listen, libchdb, connections, ephemeral } = args;
    serve(&EngineArgs { data, listen, token, libchdb, connections, ephemeral })?;
    Ok(ExitCode::SUCCESS)
}
