//! `headroom migrate`: create or complete the schema.

use super::print;
use crate::cli::{MigrateArgs, Output};
use crate::config::load;
use crate::lock::DataLock;
use crate::node::StoreHandle;
use anyhow::Result;
use std::process::ExitCode;

pub(super) async fn run(args: MigrateArgs, output: Output) -> Result<ExitCode> {
    let config = load::load(&args.config.config)?;
    let _lock = config.store.url.is_none().then(|| DataLock::take(&config.data_dir)).transpose()?;
    let handle = StoreHandle::open(&config).await?;
    let migrator = headroom_store::migrate::Migrator::new(handle.store(), config.retention.clone());
    let plan = migrator.plan().await?;
    if !args.dry_run {
        migrator.run(|step| tracing::debug!(?step, "applied")).await?;
    }
    handle.close().await;
    print(output, &plan, |steps| {
        let verb = if args.dry_run { "would apply" } else { "applied" };
        if steps.is_empty() {
            println!("the schema is complete: nothing to do");
        }
        for step in steps {
            println!("{verb} {step}");
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
