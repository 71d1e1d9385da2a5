//! A file per subcommand.

mod account;
mod check;
mod demo;
mod doctor;
mod engine;
mod migrate;
mod sample;
mod serve;

use crate::cli::{Cli, Command, Output};
use anyhow::{Context as _, Result};
use std::future::Future;
use std::io::Write as _;
use std::process::ExitCode;

/// Runs what was typed.
pub(crate) fn run(cli: Cli) -> Result<ExitCode> {
    let output = cli.output;
    match cli.command {
        Command::Serve(args) => on_runtime(serve::run(args)),
        Command::Demo(args) => on_runtime(demo::run(args)),
        Command::Engine(args) => engine::run(args),
        Command::Sample(args) => on_runtime(sample::run(args, output)),
        Command::Migrate(args) => on_runtime(migrate::run(args, output)),
        Command::Doctor(args) => on_runtime(doctor::run(args, output)),
        Command::Check(args) => check::run(&args, output),
        Command::Token(command) => account::token(command, output),
        Command::User(command) => account::user(command, output),
    }
}

fn on_runtime(work: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the I/O threads")?;
    let result = runtime.block_on(work);
    // Blocking calls that are still under way must not hold up the end of the program.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    result
}

/// Prints `value` as JSON, or as the lines that `text` makes of it. A reader that has seen enough and closed
/// the pipe is no error.
fn print<T: serde::Serialize>(output: Output, value: &T, text: impl FnOnce(&T) -> String) -> Result<()> {
    let shown = match output {
        Output::Json => serde_json::to_string_pretty(value)?,
        Output::Text => text(value),
    };
    match writeln!(std::io::stdout().lock(), "{}", shown.trim_end()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write the answer")
        }
        _ => Ok(()),
    }
}

/// Completes on Ctrl-C or SIGTERM.
async fn interrupted() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result.context("cannot listen for Ctrl-C"),
        _ = terminate.recv() => Ok(()),
    }
}
