//! The embedded engine as a program of its own: what `headroom engine` is, for tests of
//! the crates below the program.

use std::path::PathBuf;
use std::process::ExitCode;

use headroom_store::engine::{EngineArgs, INHERITED, TOKEN_VARIABLE, run};

fn main() -> ExitCode {
    match parse().and_then(|args| run(&args).map_err(|error| error.to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("headroom-engine: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse() -> Result<EngineArgs, String> {
    let mut engine = EngineArgs {
        data: PathBuf::new(),
        listen: INHERITED.to_owned(),
        token: std::env::var(TOKEN_VARIABLE).unwrap_or_default(),
        libchdb: None,
        connections: 8,
        ephemeral: false,
    };
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        if name == "--ephemeral" {
            engine.ephemeral = true;
            continue;
        }
        let value = args.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--data" => engine.data = value.into(),
            "--listen" => engine.listen = value,
            "--libchdb" => engine.libchdb = Some(value.into()),
            "--connections" => {
                engine.connections =
                    value.parse().map_err(|error| format!("--connections {value}: {error}"))?;
            }
            _ => return Err(format!("{name} is not known")),
        }
    }
    if engine.data.as_os_str().is_empty() {
        return Err("--data needs a folder".to_owned());
    }
    Ok(engine)
}
