//! `headroom control`: moving the control state.

use super::print;
use crate::cli::{ControlCommand, Output};
use crate::config::load;
use crate::lock::DataLock;
use anyhow::{Context as _, Result};
use chrono::Utc;
use headroom_control::Control;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(command: ControlCommand, output: Output) -> Result<ExitCode> {
    let ControlCommand::Copy { config, from } = command;
    let config = load::load(&config.config)?;
    let to = config
        .control
        .server()?
        .context("there is nowhere to copy to: set control.url to a PostgreSQL database")?;
    let file = from.unwrap_or_else(|| config.control_file());
    // A node that runs on the file would write on into it.
    let folder = file.parent().filter(|folder| folder.join("headroom.lock").exists());
    let _lock = folder.map(DataLock::take).transpose()?;
    let copied = Control::copy(&file, &to)?;
    let detail = serde_json::json!({"tables": copied.tables, "head": copied.audit.hash});
    let control = Control::connect(&to)?;
    control.audit("command line", "control.copy", &name(&file), "", &detail, Utc::now())?;
    print(output, &copied, |copied| {
        let mut text = format!("{} is copied to {to}\n", file.display());
        for (table, rows) in &copied.tables {
            text += &format!("  {table:<18} {rows:>9}\n");
        }
        text + &format!("  the audit chain holds there: {} rows, to {}", copied.audit.rows, copied.audit.hash)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
