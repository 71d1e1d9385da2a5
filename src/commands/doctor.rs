//! `headroom doctor`: what the store really has, read back from it.

use super::print;
use crate::cli::{ConfigArgs, Output};
use crate::config::load;
use crate::lock::DataLock;
use crate::node::StoreHandle;
use anyhow::Result;
use headroom_store::doctor::Status;
use std::process::ExitCode;

/// Exit code 0 when nothing failed, 1 when a check failed.
pub(super) async fn run(args: ConfigArgs, output: Output) -> Result<ExitCode> {
    let config = load::load(&args.config)?;
    let _lock = config.store.url.is_none().then(|| DataLock::take(&config.data_dir)).transpose()?;
    let handle = StoreHandle::open(&config).await?;
    let report = headroom_store::doctor::examine(handle.store(), handle.form(), config.retention).await?;
    handle.close().await;
    print(output, &report, |report| {
        for check in &report.checks {
            let mark = match check.status {
                Status::Ok => "ok  ",
                Status::Warn => "warn",
                Status::Fail => "FAIL",
            };
            println!("{mark} {:<28} {}", check.name, check.detail);
            if check.status != Status::Ok {
                println!("     {:<28} -> {}", "", check.hint);
            }
        }
    })?;
    let failed = report.checks.iter().any(|check| check.status == Status::Fail);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
