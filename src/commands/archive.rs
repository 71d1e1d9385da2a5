//! `headroom archive`: days that outlive the retention.

use super::bar::Bar;
use super::{interrupted, print};
use crate::cli::{ArchiveCommand, ConfigArgs, Output};
use crate::config::{Config, load};
use crate::lock::DataLock;
use crate::node::{StoreHandle, archive};
use anyhow::{Context as _, Result, bail};
use chrono::Utc;
use headroom_archive::{Place, Round, Source as _, Standing, Verdict, status, verify};
use headroom_sql::{ARCHIVED_VIEWS, StoreSource};
use std::process::ExitCode;

/// Exit code 1 when something was not archived or is damaged.
pub(super) async fn run(command: ArchiveCommand, output: Output) -> Result<ExitCode> {
    tokio::select! {
        done = work(command, output) => done,
        result = interrupted() => {
            result?;
            bail!("interrupted; what was archived so far stays, and the next run goes on");
        }
    }
}

async fn work(command: ArchiveCommand, output: Output) -> Result<ExitCode> {
    let (ArchiveCommand::Run(args) | ArchiveCommand::Status(args) | ArchiveCommand::Verify(args)) = &command;
    let (config, place) = opened(args)?;
    match command {
        ArchiveCommand::Run(_) => now(&config, output).await,
        ArchiveCommand::Status(_) => standing(&config, &place, output).await,
        ArchiveCommand::Verify(_) => verified(&place, output).await,
    }
}

fn opened(args: &ConfigArgs) -> Result<(Config, Place)> {
    let config = load::load(&args.config)?;
    let place = archive::place(&config)?;
    let place =
        place.context("nothing is archived: give [archive] an url, a folder or s3://bucket/prefix")?;
    Ok((config, place))
}

/// The lock of an embedded store, which is one process's alone.
fn lock(config: &Config) -> Result<Option<DataLock>> {
    config.store.url.is_none().then(|| DataLock::take(&config.data_dir)).transpose()
}

async fn now(config: &Config, output: Output) -> Result<ExitCode> {
    let _lock =
        lock(config).context("a node that runs with the role alerts archives by itself, each hour")?;
    let handle = StoreHandle::open(config).await?;
    let round = match archive::keeper(config, handle.store())? {
        Some(keeper) => keeper.round(Utc::now(), &|| true).await,
        None => Round::default(),
    };
    handle.close().await;
    print(output, &round, |round| {
        let mut text = format!(
            "{} days archived, {} written anew: {} rows, {}",
            round.days,
            round.renewed,
            round.rows,
            size(round.bytes)
        );
        if round.kept > 0 {
            text += &format!("\n{} days of which the store has lost rows are kept as they were", round.kept);
        }
        for failure in &round.failures {
            text += &format!("\nnot archived: {failure}");
        }
        text
    })?;
    Ok(if round.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn standing(config: &Config, place: &Place, output: Output) -> Result<ExitCode> {
    // Beside a node that runs on its embedded store, only the archive itself can be asked.
    let standings = match lock(config) {
        Ok(_lock) => {
            let handle = StoreHandle::open(config).await?;
            let source = StoreSource::new(handle.store().clone(), config.retention);
            let held = status(place, &source.views(), Some((&source, &config.archive, Utc::now()))).await;
            handle.close().await;
            held?
        }
        Err(_) => status::<StoreSource>(place, &ARCHIVED_VIEWS, None).await?,
    };
    print(output, &standings, |standings| table(standings))?;
    Ok(ExitCode::SUCCESS)
}

fn table(standings: &[Standing]) -> String {
    if standings.is_empty() {
        return "nothing is archived yet".to_owned();
    }
    let mut text = format!(
        "{:<10} {:<20} {:<12} {:<12} {:>6} {:>14} {:>10}  behind\n",
        "view", "tenant", "from", "until", "days", "rows", "size"
    );
    let day = |day: Option<chrono::NaiveDate>| day.map_or_else(|| "-".to_owned(), |day| day.to_string());
    for one in standings {
        let behind = one.behind.map_or_else(|| "?".to_owned(), |days| format!("{days} days"));
        text += &format!(
            "{:<10} {:<20} {:<12} {:<12} {:>6} {:>14} {:>10}  {behind}\n",
            one.view,
            one.tenant,
            day(one.from),
            day(one.until),
            one.days,
            one.rows,
            size(one.bytes)
        );
    }
    if standings.iter().any(|one| one.behind.is_none()) {
        text += "?: a node runs on the embedded store, which only it can ask\n";
    }
    text
}

async fn verified(place: &Place, output: Output) -> Result<ExitCode> {
    let mut progress: Option<(Bar, u64)> = None;
    let verdict = verify(place, &ARCHIVED_VIEWS, |bytes, total| {
        let (bar, done) = progress.get_or_insert_with(|| (Bar::new(total), 0));
        *done += bytes;
        let done = *done;
        bar.show(done, || format!("{} of {} read", size(done), size(total)));
    })
    .await?;
    if let Some((bar, _)) = progress {
        bar.finish();
    }
    print(output, &verdict, |verdict: &Verdict| {
        let mut text = format!("{} files are sound, {}", verdict.sound, size(verdict.bytes));
        for damage in &verdict.damaged {
            text += &format!("\nDAMAGED {damage}");
        }
        text
    })?;
    Ok(if verdict.damaged.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Bytes as people read them.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}
