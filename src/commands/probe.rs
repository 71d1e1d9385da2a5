//! `headroom probe`: probes run by hand.

use super::{interrupted, print};
use crate::cli::{Output, ProbeCommand, ProbeRunArgs};
use crate::config::load;
use anyhow::{Result, bail, ensure};
use chrono::Utc;
use headroom_probes::{ProbeConfig, Run, StepRun};
use serde::Serialize;
use std::fmt::Write as _;
use std::process::ExitCode;
use tokio_util::sync::CancellationToken;

/// What became of a probe.
#[derive(Serialize)]
#[serde(untagged)]
enum Found {
    Run(Run),
    LeftOut { probe: String, left_out: String },
}

/// What is told to programs.
#[derive(Serialize)]
struct Told {
    runs: Vec<Found>,
}

pub(super) async fn run(command: ProbeCommand, output: Output) -> Result<ExitCode> {
    let ProbeCommand::Run(args) = command;
    let stop = CancellationToken::new();
    let told = {
        let runs = once(&args, &stop);
        tokio::pin!(runs);
        tokio::select! {
            told = &mut runs => told?,
            result = interrupted() => {
                result?;
                // What is under way is cleaned up after.
                stop.cancel();
                runs.await?
            }
        }
    };
    let failed = told.runs.iter().any(|found| matches!(found, Found::Run(run) if run.failure.is_some()));
    print(output, &told, |told| told.runs.iter().map(words).collect::<Vec<_>>().join("\n"))?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn once(args: &ProbeRunArgs, stop: &CancellationToken) -> Result<Told> {
    let config = load::load(&args.config.config)?;
    let calendar = config.models.calendar()?;
    headroom_probes::check_venues(&config.probes, &calendar)?;
    let wanted = |probe: &&ProbeConfig| args.name.as_ref().is_none_or(|name| *name == probe.name);
    let probes: Vec<&ProbeConfig> = config.probes.iter().filter(wanted).collect();
    if let (Some(name), []) = (&args.name, &probes[..]) {
        let known: Vec<&str> = config.probes.iter().map(|probe| &*probe.name).collect();
        bail!("there is no probe `{name}`: it is one of [{}]", known.join(", "));
    }
    ensure!(!probes.is_empty(), "{} has no [[probes]]", args.config.config.display());
    let mut runs = Vec::new();
    for probe in probes {
        let now = Utc::now();
        let venue = probe.during.as_ref().and_then(|mic| headroom_probes::venue(&calendar, mic));
        match headroom_probes::held_back(probe, venue.as_ref(), now).filter(|_| !args.anyway) {
            Some(held) => {
                runs.push(Found::LeftOut { probe: probe.name.clone(), left_out: held.to_string() });
            }
            None => match headroom_probes::run(probe, now, stop).await? {
                Some(run) => runs.push(Found::Run(run)),
                None => bail!("interrupted; {} was cleaned up after", probe.name),
            },
        }
    }
    Ok(Told { runs })
}

fn words(found: &Found) -> String {
    let run = match found {
        Found::LeftOut { probe, left_out } => {
            return format!("{probe}: left out, {left_out} (--anyway runs it)");
        }
        Found::Run(run) => run,
    };
    let width = run.steps.iter().map(|step| step.name.chars().count()).max().unwrap_or_default();
    let mut text = format!(
        "{}: {} in {} ms\n",
        run.probe,
        run.failure.as_ref().map_or("passed", |_| "FAILED"),
        run.duration.as_millis()
    );
    for step in &run.steps {
        let _ = writeln!(text, "  {} {:<width$}  {}", mark(step), step.name, line(step));
        if let Some(failure) = &step.failure {
            let _ = writeln!(text, "    {}", failure.reason);
        }
    }
    text
}

fn mark(step: &StepRun) -> &'static str {
    match (&step.failure, &step.skipped) {
        (Some(_), _) => "FAILED",
        (None, Some(_)) => "-     ",
        (None, None) => "ok    ",
    }
}

fn line(step: &StepRun) -> String {
    if let Some(why) = &step.skipped {
        return why.clone();
    }
    let status = step.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let requests = if step.requests > 1 { format!(", {} requests", step.requests) } else { String::new() };
    format!("{:>6} ms  {status}{requests}  {} {}", step.duration.as_millis(), step.method, step.url)
}
