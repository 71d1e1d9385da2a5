//! `headroom slo`: objectives' files, their budgets, and what their alert rules would have done.

mod words;

use super::server::Server;
use super::stored::Opened;
use super::{open, print};
use crate::cli::{Output, SloBacktestArgs, SloCommand, SloLintArgs, SloShowArgs, StoredArgs};
use anyhow::{Context as _, Result, bail};
use chrono::Utc;
use headroom_models::Calendar;
use headroom_query::QueryError;
use headroom_query::slo::{self, Findings, SloSet, SpecError};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(super) async fn run(command: SloCommand, output: Output) -> Result<ExitCode> {
    match command {
        SloCommand::Lint(args) => lint(&args, output),
        SloCommand::Show(args) => show(&args, output).await,
        SloCommand::Backtest(args) => backtest(&args, output).await,
    }
}

/// Exit code 0 without a fault, 1 with one.
fn lint(args: &SloLintArgs, output: Output) -> Result<ExitCode> {
    let mut files: Vec<(String, String)> = Vec::new();
    for path in args.files.iter().map(|path| yaml(path)).collect::<Result<Vec<_>>>()?.into_iter().flatten() {
        let text = std::io::read_to_string(open(&path)?);
        files.push((
            path.display().to_string(),
            text.with_context(|| format!("cannot read {}", path.display()))?,
        ));
    }
    let calendar = Calendar::load(&[] as &[&str], false, &args.calendar)?;
    let found = slo::lint::lint(files.iter().map(|(f, text)| (f.as_str(), text.as_str())), calendar.venues());
    print(output, &Told::of(&found, files.len()), |told| format!("{found}{}", told.summary()))?;
    Ok(if found.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a lint tells to programs.
#[derive(Serialize)]
struct Told {
    files: usize,
    faults: Vec<Value>,
    notes: Vec<Value>,
}

impl Told {
    fn of(found: &Findings, files: usize) -> Self {
        let place = |error: &SpecError| {
            let SpecError { file, line, column, path, problem } = error;
            json!({"file": file, "line": line, "column": column, "field": path, "problem": problem})
        };
        let all = |errors: &[SpecError]| errors.iter().map(place).collect();
        Self { files, faults: all(&found.faults), notes: all(&found.notes) }
    }

    fn summary(&self) -> String {
        let many = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        let [files, faults, notes] =
            [many(self.files, "file"), many(self.faults.len(), "fault"), many(self.notes.len(), "note")];
        format!("{files}: {faults}, {notes}\n")
    }
}

/// The YAML files of a folder in order of name, or the file itself.
fn yaml(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let found = headroom_alerts::yaml_files(path)?;
    anyhow::ensure!(!found.is_empty(), "there is no *.yaml or *.yml in {}", path.display());
    Ok(found)
}

async fn show(args: &SloShowArgs, output: Output) -> Result<ExitCode> {
    let server = Server::of(args.stored.server.as_deref(), args.stored.token.as_deref())?;
    let rows = if let Some(server) = server {
        server.get("slos", &[]).await?.json::<Value>().await?["slos"].take()
    } else {
        let (opened, set) = stored(&args.stored).await?;
        let rows = slo::rows(opened.store(), &opened.config.tenant, &set, Utc::now()).await;
        opened.close().await;
        serde_json::to_value(rows?)?
    };
    let rows: Vec<Value> = serde_json::from_value(rows).context("the server's objectives")?;
    let wanted = |row: &&Value| args.name.as_deref().is_none_or(|name| row["name"] == name);
    let found: Vec<&Value> = rows.iter().filter(wanted).collect();
    if let (Some(name), true) = (&args.name, found.is_empty()) {
        let names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
        eprintln!("headroom: there is no objective `{name}`; there are {}", names.join(", "));
        return Ok(ExitCode::FAILURE);
    }
    print(output, &json!({ "slos": found }), |_| found.iter().map(|row| words::row(row)).collect())?;
    Ok(ExitCode::SUCCESS)
}

async fn backtest(args: &SloBacktestArgs, output: Output) -> Result<ExitCode> {
    let (from, to) = (args.from.as_deref(), args.to.as_deref());
    let server = Server::of(args.stored.server.as_deref(), args.stored.token.as_deref())?;
    let tested: Value = if let Some(server) = server {
        let given = [("from", from), ("to", to)];
        let ask: Vec<(&str, &str)> =
            given.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        server.get(&format!("slos/{}/backtest", args.name), &ask).await?.json().await?
    } else {
        let (opened, set) = stored(&args.stored).await?;
        let tested = async {
            let promise = slo::named(&set, &args.name)?;
            let range = slo::range_or_window(&promise, from, to, Utc::now())?;
            let significance = opened.config.alerts.significance;
            slo::fired(opened.store(), &opened.config.tenant, &promise, significance, range).await
        }
        .await;
        opened.close().await;
        match tested {
            Err(QueryError::NotFound { message, hint } | QueryError::Unavailable { message, hint }) => {
                bail!("{message}; {hint}")
            }
            tested => serde_json::to_value(tested?)?,
        }
    };
    print(output, &tested, |tested| words::history(&args.name, tested))?;
    Ok(ExitCode::SUCCESS)
}

/// The store of the configuration and the objectives that it names.
async fn stored(args: &StoredArgs) -> Result<(Opened, SloSet)> {
    let opened = Opened::open(&args.config.config).await?;
    let set = opened.config.objectives()?;
    Ok((opened, set))
}
