//! `headroom reconcile`: two streams of business events, compared event by event.

use super::{interrupted, print};
use crate::cli::{Output, ReconcileArgs};
use crate::config::{Config, load};
use crate::lock::DataLock;
use crate::node::StoreHandle;
use anyhow::{Result, anyhow, bail};
use chrono::{DateTime, Utc};
use headroom_query::range::parse_instant;
use headroom_reconcile::{Job, Options, Report};
use std::process::ExitCode;

/// Exit code 0 when the comparison passed, 1 when it did not.
pub(super) async fn run(args: ReconcileArgs, output: Output) -> Result<ExitCode> {
    let now = Utc::now();
    // Files need no configuration, so that they can be compared where there is no Headroom.
    let stored = args.left.is_stored() || args.right.is_stored();
    let config = stored.then(|| load::load(&args.config.config)).transpose()?;
    let metrics_file = args.metrics_file.clone();
    let job = job(args, config.as_ref(), now)?;
    let report = tokio::select! {
        report = compared(job, config.as_ref(), now) => report?,
        result = interrupted() => {
            result?;
            bail!("interrupted");
        }
    };
    if let Some(file) = metrics_file {
        report.write_metrics(&file, Utc::now())?;
    }
    print(output, &report, ToString::to_string)?;
    Ok(if report.passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn compared(job: Job, config: Option<&Config>, now: DateTime<Utc>) -> Result<Report> {
    let Some(config) = config else { return Ok(job.run(None, now).await?) };
    let _lock = config.store.url.is_none().then(|| DataLock::take(&config.data_dir)).transpose()?;
    let handle = StoreHandle::open(config).await?;
    let report = job.run(Some(handle.store()), now).await;
    handle.close().await;
    Ok(report?)
}

fn job(args: ReconcileArgs, config: Option<&Config>, now: DateTime<Utc>) -> Result<Job> {
    let instant = |text: Option<String>| {
        let parsed = text.map(|text| parse_instant(&text, now)).transpose();
        parsed.map_err(|error| anyhow!("{error}: {}", error.hint()))
    };
    let options = Options {
        key: args.key,
        key_text: args.key_text.into_iter().collect(),
        compare: args.compare,
        ignore: args.ignore,
        decimal: args.decimal,
        tolerance: args.tolerance.into_iter().collect(),
        text: args.text.into_iter().collect(),
        from: instant(args.from)?,
        to: instant(args.to)?,
        late_after: args.late_after,
        grace: args.grace,
        suspect_window: args.suspect_window,
        suspect_by: args.suspect_by,
        personal: args.personal,
        examples: args.examples,
        min_match: args.min_match,
        allow: args.allow.into_iter().collect(),
        memory_bytes: args.memory as usize * 1024 * 1024,
        spill_dir: args.spill_dir,
        ..Options::new("", "", &[])
    };
    let tenant = args.tenant.or_else(|| config.map(|config| config.tenant.clone()));
    Ok(Job {
        left: args.left,
        right: args.right,
        tenant: tenant.unwrap_or_default(),
        events: args.event,
        time_field: args.time,
        options,
    })
}
