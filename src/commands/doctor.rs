//! `headroom doctor`: what the store and the control state really have, read back from them.

mod archive;
mod control;

use super::print;
use crate::cli::{ConfigArgs, Output};
use crate::config::load;
use crate::lock::DataLock;
use crate::node::StoreHandle;
use anyhow::Result;
use headroom_store::doctor::{Check, Status};
use std::process::ExitCode;

/// Exit code 0 when nothing failed, 1 when a check failed.
pub(super) async fn run(args: ConfigArgs, output: Output) -> Result<ExitCode> {
    let config = load::load(&args.config)?;
    let _lock = config.store.url.is_none().then(|| DataLock::take(&config.data_dir)).transpose()?;
    let handle = StoreHandle::open(&config).await?;
    let mut report = headroom_store::doctor::examine(handle.store(), handle.form(), config.retention).await?;
    report.checks.extend(archive::checks(&config, handle.store()).await);
    handle.close().await;
    report.checks.extend(control::checks(&config));
    print(output, &report, |report| report.checks.iter().map(line).collect())?;
    let failed = report.checks.iter().any(|check| check.status == Status::Fail);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A check in a line, and what to do about it in another when it is not well.
fn line(check: &Check) -> String {
    let mark = match check.status {
        Status::Ok => "ok  ",
        Status::Warn => "warn",
        Status::Fail => "FAIL",
    };
    let hint = if check.status == Status::Ok {
        String::new()
    } else {
        format!("     {:<28} -> {}\n", "", check.hint)
    };
    format!("{mark} {:<28} {}\n{hint}", check.name, check.detail)
}
