//! A file per subcommand.

mod account;
mod archive;
mod audit;
mod bar;
mod capacity;
mod check;
mod conformance;
mod contracts;
mod control;
mod demand;
mod demo;
mod doctor;
mod engine;
mod erase;
mod export;
mod load;
mod migrate;
mod portfolio;
mod probe;
mod rebuild;
mod reconcile;
mod report;
mod sample;
mod serve;
mod server;
mod slo;
mod stored;

use crate::cli::{Cli, Command, Output};
use anyhow::{Context as _, Result, ensure};
use std::fs::File;
use std::future::Future;
use std::io::{Read, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// Runs what was typed.
pub(crate) fn run(cli: Cli) -> Result<ExitCode> {
    let output = cli.output;
    let has_rows = matches!(cli.command, Command::Forecast(_) | Command::Backtest(_));
    ensure!(
        has_rows || !output.is_table(),
        "this command gives no rows: --output csv and parquet are of forecast and backtest"
    );
    match cli.command {
        Command::Serve(args) => on_runtime(serve::run(args)),
        Command::Demo(args) => on_runtime(demo::run(args)),
        Command::Engine(args) => engine::run(args),
        Command::Sample(args) => on_runtime(sample::run(args, output)),
        Command::Migrate(args) => on_runtime(migrate::run(args, output)),
        Command::Rebuild(args) => on_runtime(rebuild::run(args, output)),
        Command::Doctor(args) => on_runtime(doctor::run(args, output)),
        Command::Check(args) => check::run(&args, output),
        Command::Archive(command) => Ok(judged(on_runtime(archive::run(command, output)))),
        Command::Export(args) => on_runtime(export::run(*args, output)),
        Command::Control(command) => control::run(command, output),
        Command::Erase(args) => Ok(judged(on_runtime(erase::run(*args, output)))),
        Command::Audit(command) => Ok(judged(audit::run(*command, output))),
        Command::Token(command) => account::token(command, output),
        Command::User(command) => account::user(command, output),
        Command::Conformance(args) => Ok(judged(on_runtime(conformance::run(*args, output)))),
        Command::Load(args) => Ok(judged(on_runtime(load::run(*args, output)))),
        Command::Contracts(command) => Ok(judged(contracts::run(command, output))),
        Command::Slo(command) => Ok(judged(on_runtime(slo::run(*command, output)))),
        Command::Probe(command) => Ok(judged(on_runtime(probe::run(command, output)))),
        Command::Capacity(command) => Ok(judged(on_runtime(capacity::run(*command, output)))),
        Command::Portfolio(command) => Ok(judged(portfolio::run(*command, output))),
        Command::Forecast(args) => Ok(judged(on_runtime(demand::forecast(*args, output)))),
        Command::Backtest(args) => Ok(judged(on_runtime(demand::backtest(*args, output)))),
        Command::Plan(command) => Ok(judged(on_runtime(demand::plan(*command, output)))),
        Command::Simulate(args) => Ok(judged(on_runtime(demand::simulate(*args, output)))),
        Command::Calendar(command) => Ok(judged(demand::calendar(&command, output))),
        Command::Assess(args) => on_runtime(capacity::assess(*args, output)),
        Command::Report(args) => on_runtime(report::run(*args, output)),
        Command::Reconcile(args) => Ok(judged(on_runtime(reconcile::run(*args, output)))),
    }
}

/// The exit code of a command whose code 1 says that it found something: 2 when it could not look.
fn judged(result: Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        eprintln!("headroom: {}", in_a_line(&error));
        ExitCode::from(2)
    })
}

/// An error and its causes, without those that the words before them tell already.
fn in_a_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if line.is_empty() {
            line = cause;
        } else if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line
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
        Output::Text | Output::Csv | Output::Parquet => text(value),
    };
    match writeln!(std::io::stdout().lock(), "{}", shown.trim_end()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write the answer")
        }
        _ => Ok(()),
    }
}

/// Standard input for `-`, else the file.
fn open(path: &Path) -> Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdin()));
    }
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Box::new(file))
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
