//! `headroom rebuild`: a past day's rollups, counted again from the spans.

use super::print;
use crate::cli::{Output, RebuildArgs};
use crate::config::load;
use crate::lock::DataLock;
use crate::node::StoreHandle;
use anyhow::Result;
use chrono::Utc;
use headroom_store::rebuild::{REBUILDABLE, Rebuilt, rebuild};
use std::process::ExitCode;

pub(super) async fn run(args: RebuildArgs, output: Output) -> Result<ExitCode> {
    let config = load::load(&args.config.config)?;
    let _lock = config.store.url.is_none().then(|| DataLock::take(&config.data_dir)).transpose()?;
    let handle = StoreHandle::open(&config).await?;
    let renderer = handle.migrator(&config).renderer().clone();
    let tables: Vec<_> = match &args.table {
        Some(table) => vec![table.as_str()],
        None => REBUILDABLE.to_vec(),
    };
    let mut done = Vec::new();
    let mut failed = None;
    for table in tables {
        match rebuild(handle.store(), &renderer, table, args.day, Utc::now()).await {
            Ok(rebuilt) => done.push(rebuilt),
            Err(error) => {
                failed = Some(anyhow::Error::new(error).context(format!("{table} was not made again")));
                break;
            }
        }
    }
    handle.close().await;
    if !done.is_empty() || failed.is_none() {
        print(output, &done, |done| done.iter().map(|one| line(one, &args)).collect::<Vec<_>>().join("\n"))?;
    }
    failed.map_or(Ok(ExitCode::SUCCESS), Err)
}

fn line(one: &Rebuilt, args: &RebuildArgs) -> String {
    format!("{}: {} counted on {} before, {} now", one.table, one.before, args.day, one.after)
}
