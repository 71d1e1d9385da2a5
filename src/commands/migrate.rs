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
    let migrator = handle.migrator(&config);
    let mut steps = Vec::new();
    if args.dry_run {
        steps.extend(migrator.plan().await?.into_iter().map(|step| step.id));
    } else {
        migrator.run(|_, _, step| steps.push(step.id.clone())).await?;
    }
    handle.close().await;
    print(output, &steps, |steps| {
        let verb = if args.dry_run { "would apply" } else { "applied" };
        if steps.is_empty() {
            return "the schema is complete: nothing to do".to_owned();
        }
        steps.iter().map(|step| format!("{verb} {step}")).collect::<Vec<_>>().join("\n")
    })?;
    Ok(ExitCode::SUCCESS)
}
