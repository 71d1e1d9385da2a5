//! `headroom report`: reports about a month.

use super::print;
use super::server::Server;
use super::stored::Opened;
use crate::cli::{Output, ReportArgs};
use crate::monthly::reports;
use anyhow::{Context as _, Result, ensure};
use chrono::Utc;
use headroom_monthly::{Month, Report};
use headroom_reports::{Format, write_bytes};
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

pub(super) async fn run(args: ReportArgs, output: Output) -> Result<ExitCode> {
    let json = output == Output::Json;
    ensure!(
        !json || args.out.is_none(),
        "--output json prints the body of the report: leave --out away, or --output"
    );
    let format = args.out.as_deref().map(Format::of).transpose()?.unwrap_or(Format::Html);
    let server = Server::of(args.stored.server.as_deref(), args.stored.token.as_deref())?;
    let bytes = if let Some(server) = server {
        asked(&server, &args, if json { "json" } else { format.name() }).await?
    } else {
        let report = read(&args).await?;
        match format {
            _ if json => serde_json::to_vec_pretty(&report)?,
            Format::Html => report.document().to_html().into_bytes(),
            Format::Pdf => report.document().to_pdf()?,
        }
    };
    match &args.out {
        None => on_standard_output(&bytes)?,
        Some(path) => written(path, &bytes, output)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The report of a store that was opened for it.
async fn read(args: &ReportArgs) -> Result<Report> {
    let now = Utc::now();
    let period = Month::asked(args.month.as_deref(), args.zone.as_deref(), now)?.period(now);
    let opened = Opened::open(&args.stored.config.config).await?;
    let config = &opened.config;
    let found = match (config.open_control(), config.objectives()) {
        (Ok(control), Ok(slos)) => {
            let reports = reports(config, opened.store(), &control, &Arc::new(slos));
            reports.read(args.kind, &config.tenant, period).await.map_err(anyhow::Error::from)
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    opened.close().await;
    found
}

/// The report of a running server.
async fn asked(server: &Server, args: &ReportArgs, format: &str) -> Result<Vec<u8>> {
    let given = [("month", args.month.as_deref()), ("zone", args.zone.as_deref()), ("format", Some(format))];
    let given: Vec<(&str, &str)> =
        given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let answer = server.get(&format!("reports/{}", args.kind.word()), &given).await?;
    Ok(answer.bytes().await.context("the report broke off")?.to_vec())
}

fn written(path: &Path, bytes: &[u8], output: Output) -> Result<()> {
    write_bytes(path, bytes)?;
    print(output, &serde_json::json!({ "written": path }), |_| format!("written to {}", path.display()))
}

/// A reader that has seen enough and closed the pipe is no error.
fn on_standard_output(bytes: &[u8]) -> Result<()> {
    match std::io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write the report")
        }
        _ => Ok(()),
    }
}
