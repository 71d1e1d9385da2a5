//! `headroom export`: rows of a view, or the answer of a statement, as a file.

use super::archive::size;
use super::{interrupted, print};
use crate::cli::{ExportArgs, ExportForm, Output};
use crate::config::{Config, load};
use crate::doors::Doors;
use crate::lock::DataLock;
use crate::node::{StoreHandle, archive};
use anyhow::{Context as _, Result, anyhow, bail, ensure};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use chrono::{SecondsFormat, Utc};
use headroom_query::range::parse_instant;
use headroom_sql::{Principal, SqlConfig, SqlDoor, catalog};
use headroom_store::{Clock, SystemClock};
use indicatif::{ProgressBar, ProgressStyle};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// How long one statement may work: an export of months takes hours.
const PATIENCE_S: u64 = 24 * 3600;
/// Rows and bytes of a group in Parquet: it is in memory as a whole.
const GROUP_ROWS: usize = 128 << 10;
const GROUP_BYTES: usize = 32 << 20;
/// Rows between two lines of progress that is not on a terminal.
const SAID_EVERY: u64 = 1_000_000;

/// What was written.
#[derive(Debug, Serialize)]
struct Written {
    file: PathBuf,
    tenant: String,
    statement: String,
    rows: u64,
    bytes: u64,
    elapsed_ms: u64,
}

pub(super) async fn run(args: ExportArgs, output: Output) -> Result<ExitCode> {
    let form = form(&args)?;
    ensure!(
        args.force || !args.out.exists(),
        "{} is there already: give another name, or --force to write over it",
        args.out.display()
    );
    let statement = statement(&args)?;
    let config = load::load(&args.config.config)?;
    let _lock = config.store.url.is_none().then(|| DataLock::take(&config.data_dir)).transpose().context(
        "a node that runs on the embedded store gives files of up to 1,000,000 rows over POST /api/v1/sql",
    )?;
    let handle = StoreHandle::open(&config).await?;
    let written = tokio::select! {
        written = exported(&args, form, &statement, &config, handle.store()) => written,
        result = interrupted() => {
            result?;
            Err(anyhow!("interrupted; nothing was written"))
        }
    };
    handle.close().await;
    let written = written?;
    print(output, &written, |written| {
        format!("{}: {} rows, {}", written.file.display(), written.rows, size(written.bytes))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The form that was named, or that of the file's ending.
fn form(args: &ExportArgs) -> Result<ExportForm> {
    if let Some(form) = args.format {
        return Ok(form);
    }
    match args.out.extension().and_then(|ending| ending.to_str()) {
        Some("parquet") => Ok(ExportForm::Parquet),
        Some("csv") => Ok(ExportForm::Csv),
        Some("arrow" | "arrows") => Ok(ExportForm::Arrow),
        _ => bail!("how is {} to be written? Give --format parquet, csv or arrow", args.out.display()),
    }
}

fn statement(args: &ExportArgs) -> Result<String> {
    if let Some(sql) = &args.sql {
        return Ok(sql.clone());
    }
    let name = args.view.as_deref().unwrap_or_default();
    let views = catalog();
    let Some(view) = views.iter().find(|view| view.name == name) else {
        let names: Vec<&str> = views.iter().map(|view| view.name).collect();
        bail!("there is no view {name:?}: it is one of {}", names.join(", "));
    };
    let now = Utc::now();
    let mut conditions = Vec::new();
    for (time, op) in [(&args.from, ">="), (&args.to, "<")] {
        let Some(time) = time else { continue };
        ensure!(
            view.columns.iter().any(|column| column.name == "ts"),
            "{name} has no column ts for --from and --to: ask with --sql and a condition of your own"
        );
        let at = parse_instant(time, now).map_err(|error| anyhow!("{error}: {}", error.hint()))?;
        conditions.push(format!("ts {op} '{}'", at.to_rfc3339_opts(SecondsFormat::Nanos, true)));
    }
    let mut sql = format!("SELECT * FROM {name}");
    if !conditions.is_empty() {
        sql += &format!(" WHERE {}", conditions.join(" AND "));
    }
    Ok(sql)
}

async fn exported(
    args: &ExportArgs,
    form: ExportForm,
    statement: &str,
    config: &Config,
    store: &headroom_store::Store,
) -> Result<Written> {
    let started = Instant::now();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let limits = SqlConfig { deadline_s: PATIENCE_S, ..SqlConfig::default() };
    let doors = Doors::new(config, config.open_control()?);
    let door = archive::door(config, store, limits, &clock)?.recording(Arc::new(doors));
    let tenant = args.tenant.clone().unwrap_or_else(|| config.tenant.clone());
    let by = Principal { name: "cli".to_owned(), role: "admin".to_owned(), tenant: tenant.clone() };
    let rows = write(&door, &by, statement, form, &args.out).await?;
    let bytes = std::fs::metadata(&args.out).map(|about| about.len()).unwrap_or_default();
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Written { file: args.out.clone(), tenant, statement: statement.to_owned(), rows, bytes, elapsed_ms })
}

/// Writes beside the file first, so that what has its name is whole.
async fn write(door: &SqlDoor, by: &Principal, statement: &str, form: ExportForm, out: &Path) -> Result<u64> {
    let asked = |error: headroom_sql::SqlError| match error.hint() {
        Some(hint) => anyhow!("{error}: {hint}"),
        None => anyhow!("{error}"),
    };
    let mut answer = door.export(by, statement).await.map_err(asked)?;
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = || format!("cannot write {}", out.display());
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.{}.part", std::process::id()));
    let part = Part(beside);
    let file = File::create(&part.0).with_context(cannot)?;
    let mut table = Table::new(form, BufWriter::new(file), &answer.schema)?;
    let (mut rows, mut said) = (0, Said::new());
    while let Some(batch) = answer.next().await.map_err(asked)? {
        rows += batch.num_rows() as u64;
        table.write(&batch).with_context(cannot)?;
        said.so_far(rows);
    }
    said.over();
    table.finish().with_context(cannot)?.sync_all().with_context(cannot)?;
    std::fs::rename(&part.0, out).with_context(cannot)?;
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(cannot)?;
    Ok(rows)
}

/// A file on its way; what is left of it when it fails is removed.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // After the renaming there is none.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// How many rows were written: on a terminal as they come, else a line for each million.
struct Said {
    bar: Option<ProgressBar>,
    next: u64,
}

impl Said {
    fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) =
                ProgressStyle::with_template("{spinner} {human_pos} rows  {per_sec}  {elapsed}")
            {
                bar.set_style(style);
            }
            bar
        });
        Self { bar, next: SAID_EVERY }
    }

    fn so_far(&mut self, rows: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(rows);
        } else if rows >= self.next {
            eprintln!("{rows} rows");
            self.next = rows - rows % SAID_EVERY + SAID_EVERY;
        }
    }

    fn over(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

type Out = BufWriter<File>;

/// A file of rows in one of the forms.
enum Table {
    Parquet(Box<ArrowWriter<Out>>),
    Csv(Box<arrow::csv::Writer<Out>>),
    Arrow(Box<arrow::ipc::writer::StreamWriter<Out>>),
}

impl Table {
    fn new(form: ExportForm, out: Out, schema: &SchemaRef) -> Result<Self> {
        Ok(match form {
            ExportForm::Parquet => {
                let level = Compression::ZSTD(ZstdLevel::default());
                let properties = WriterProperties::builder()
                    .set_compression(level)
                    .set_max_row_group_row_count(Some(GROUP_ROWS))
                    .set_max_row_group_bytes(Some(GROUP_BYTES))
                    .build();
                Self::Parquet(Box::new(ArrowWriter::try_new(out, schema.clone(), Some(properties))?))
            }
            ExportForm::Csv => {
                let mut writer = arrow::csv::WriterBuilder::new().with_header(true).build(out);
                // Without rows there is a header all the same.
                writer.write(&RecordBatch::new_empty(schema.clone()))?;
                Self::Csv(Box::new(writer))
            }
            ExportForm::Arrow => {
                Self::Arrow(Box::new(arrow::ipc::writer::StreamWriter::try_new(out, schema)?))
            }
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        match self {
            Self::Parquet(writer) => writer.write(batch)?,
            Self::Csv(writer) => writer.write(batch)?,
            Self::Arrow(writer) => writer.write(batch)?,
        }
        Ok(())
    }

    fn finish(self) -> Result<File> {
        let mut out = match self {
            Self::Parquet(writer) => writer.into_inner()?,
            Self::Csv(writer) => writer.into_inner(),
            Self::Arrow(writer) => writer.into_inner()?,
        };
        out.flush()?;
        Ok(out.into_inner().map_err(std::io::IntoInnerError::into_error)?)
    }
}
