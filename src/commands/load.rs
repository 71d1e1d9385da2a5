//! `headroom load`: OTLP at a rate, and whether what was acknowledged is stored exactly once.

use super::bar::Bar;
use super::{interrupted, print};
use crate::cli::{Compression, LoadArgs, LoadCommand, Output, StoreArgs, VerifyArgs};
use anyhow::{Context as _, Result, bail};
use headroom_load::{ClickHouse, Ledger, Options, Progress, RunReport, SqlDoor, VerifyOptions, VerifyReport};
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;

/// What is printed.
#[derive(Serialize)]
struct Answer {
    /// How the load went.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<RunReport>,
    /// What the check found.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<VerifyReport>,
}

/// Exit code 0 when all is well, 1 when something was refused, is missing or is stored twice.
pub(super) async fn run(args: LoadArgs, output: Output) -> Result<ExitCode> {
    let work = async {
        match args.command {
            Some(LoadCommand::Verify(VerifyArgs { ledger, store })) => {
                Ok(Answer { sent: None, stored: Some(verify(&ledger, &store).await?) })
            }
            None => send(args).await,
        }
    };
    let answer = tokio::select! {
        answer = work => answer?,
        result = interrupted() => {
            result?;
            bail!("interrupted; the ledger, if there is one, has what was known a second before");
        }
    };
    print(output, &answer, text)?;
    let acknowledged = answer.sent.as_ref().is_none_or(RunReport::all_acknowledged);
    let stored = answer.stored.as_ref().is_none_or(|stored| stored.passed);
    Ok(if acknowledged && stored { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn send(args: LoadArgs) -> Result<Answer> {
    if !args.verify && (args.store.clickhouse.is_some() || args.store.sql.is_some()) {
        bail!("--clickhouse and --sql say where to check what is stored: give --verify with them");
    }
    let mut options = Options::new(args.target.context("say where to send: --target http://127.0.0.1:4318")?);
    options.token = args.token;
    options.compression = match args.compression {
        Compression::None => headroom_load::Compression::None,
        Compression::Gzip => headroom_load::Compression::Gzip,
        Compression::Zstd => headroom_load::Compression::Zstd,
    };
    options.connections = args.connections;
    options.in_flight = args.in_flight;
    options.rate = args.rate;
    options.total = args.total;
    options.duration = args.duration;
    options.records_per_body = args.records_per_body;
    options.mix = args.mix;
    options.seed = args.seed;
    options.run = args.run.unwrap_or(options.run);
    options.timeout = args.timeout;
    options.give_up_after = args.give_up_after;
    options.ledger.clone_from(&args.ledger);
    options.watch = args.pid;
    options.watch_children = args.children;
    options.watch_rest = args.rest;

    let mut bar = Bar::new(1_000);
    let sent = headroom_load::run(&options, |now| bar.show(permille(&options, now), || said(now))).await;
    bar.finish();
    let sent = sent?;
    let stored = match args.ledger.filter(|_| args.verify) {
        Some(ledger) => Some(verify(&ledger, &args.store).await?),
        None => None,
    };
    Ok(Answer { sent: Some(sent), stored })
}

/// How far a load is, of its time or of its records, whichever is nearer to the end.
fn permille(options: &Options, now: &Progress) -> u64 {
    let records = now.acknowledged + now.rejected + now.refused + now.unknown;
    let by_total = options.total.map(|total| records as f64 / total.max(1) as f64);
    let by_time = options.duration.map(|time| now.elapsed.as_secs_f64() / time.as_secs_f64());
    (by_total.unwrap_or(0.0).max(by_time.unwrap_or(0.0)) * 1_000.0) as u64
}

fn said(now: &Progress) -> String {
    let mut text = format!("{} acknowledged, {:.0}/s", now.acknowledged, now.records_per_second);
    for (what, records) in
        [("rejected", now.rejected), ("refused", now.refused), ("without an answer", now.unknown)]
    {
        if records > 0 {
            text.push_str(&format!(", {records} {what}"));
        }
    }
    if now.retries > 0 {
        text.push_str(&format!(", {} tried again", now.retries));
    }
    if now.late.as_millis() >= 100 {
        text.push_str(&format!(", {:.1} s late", now.late.as_secs_f64()));
    }
    text
}

async fn verify(ledger: &Path, store: &StoreArgs) -> Result<VerifyReport> {
    let ledger = Ledger::read(ledger)?;
    if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        eprintln!("counting what is stored of {} bodies", ledger.entries.len());
    }
    let options = VerifyOptions { patience: store.patience, settle: store.settle };
    let report = if let Some(url) = &store.clickhouse {
        headroom_load::verify(&ledger, &ClickHouse::new(url, &store.database)?, &options).await?
    } else {
        let url = store.sql.as_ref().context("say where to count: --clickhouse or --sql")?;
        let token = store.sql_token.as_ref().context("--sql needs --sql-token")?;
        headroom_load::verify(&ledger, &SqlDoor::new(url, token)?, &options).await?
    };
    Ok(report)
}

fn text(answer: &Answer) -> String {
    let sent = answer.sent.iter().map(ToString::to_string);
    sent.chain(answer.stored.iter().map(ToString::to_string)).collect::<Vec<_>>().join("\n\n")
}
