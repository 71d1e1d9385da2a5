//! `headroom contracts`: what business events must carry.

use super::print;
use crate::cli::{ContractsCheckArgs, ContractsCommand, Output};
use anyhow::{Context as _, Result};
use headroom_contracts::BuiltIn;
use std::process::ExitCode;

pub(super) fn run(command: ContractsCommand, output: Output) -> Result<ExitCode> {
    match command {
        ContractsCommand::Check(args) => check(&args, output),
        ContractsCommand::List => {
            print(output, &headroom_contracts::list_built_in(), |all| all.iter().map(line).collect())?;
            Ok(ExitCode::SUCCESS)
        }
        ContractsCommand::Show { event, version } => show(&event, version, output),
    }
}

/// Exit code 0 when nothing was found, 1 when something was.
fn check(args: &ContractsCheckArgs, output: Output) -> Result<ExitCode> {
    let report = match &args.dir {
        Some(dir) => headroom_contracts::check(dir, args.mode, args.against.as_deref())?,
        None => headroom_contracts::check_built_in(args.mode),
    };
    print(output, &report, ToString::to_string)?;
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn show(event: &str, version: Option<u32>, output: Output) -> Result<ExitCode> {
    let all = headroom_contracts::list_built_in();
    let found = all
        .iter()
        .rfind(|one| {
            (one.event == event || one.aliases.iter().any(|alias| alias == event))
                && version.is_none_or(|version| one.version == version)
        })
        .with_context(|| {
            let version = version.map_or(String::new(), |version| format!(" in version {version}"));
            format!("no built-in contract is called {event:?}{version}; headroom contracts list shows them")
        })?;
    let document: serde_json::Value = serde_json::from_str(found.text).context("a built-in contract")?;
    print(output, &document, |_| found.text.to_owned())?;
    Ok(ExitCode::SUCCESS)
}

fn line(contract: &BuiltIn) -> String {
    format!("{:<24} {:>2}  {}\n", contract.event, contract.version, contract.aliases.join(", "))
}
