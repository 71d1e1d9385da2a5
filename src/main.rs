//! The `headroom` program: command line, configuration and wiring. No logic lives here: each subcommand
//! reads its configuration, starts the parts it needs and reports in plain words.
//!
//! - [`cli`] what can be typed
//! - [`config`] one TOML file with environment overrides
//! - [`node`] the parts of a running node, started in order and drained in reverse
//! - [`monthly`] what monthly reports are made of
//! - [`commands`] a file per subcommand

mod cli;
mod commands;
mod config;
mod doors;
mod lock;
mod monthly;
mod node;
mod telemetry;

use clap::Parser as _;
use std::process::ExitCode;

// glibc's arenas contend when memory is allocated on one thread and freed on another, which is what a
// pipeline of decoding threads does all day.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::run(cli) {
        Ok(code) => code,
        Err(error) => {
            // One line, causes included: `{:#}` joins them with colons.
            eprintln!("headroom: {error:#}");
            ExitCode::FAILURE
        }
    }
}
