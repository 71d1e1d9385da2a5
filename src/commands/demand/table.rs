//! Rows as CSV, JSON or Parquet.

use anyhow::{Context as _, Result, bail, ensure};
use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use chrono::{DateTime, Utc};
use headroom_models::forecast::QUANTILES;
use std::io::{IsTerminal as _, Write};
use std::path::Path;
use std::sync::Arc;

/// A file format of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Json,
    Parquet,
}

impl Format {
    /// The format that a file's name asks for.
    pub(super) fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(|end| end.to_str()) {
            Some("csv") => Ok(Self::Csv),
            Some("json") => Ok(Self::Json),
            Some("parquet") => Ok(Self::Parquet),
            _ => bail!("{} names no format: end it with .csv, .json or .parquet", path.display()),
        }
    }
}

/// Columns of equal length, put together one after the other.
#[derive(Default)]
pub(super) struct Table(Vec<(String, ArrayRef, bool)>);

impl Table {
    /// A column of instants, in milliseconds: Parquet knows no timestamps of seconds.
    pub(super) fn times(mut self, name: &str, times: impl Iterator<Item = DateTime<Utc>>) -> Self {
        let instants: TimestampMillisecondArray = times.map(|ts| Some(ts.timestamp_millis())).collect();
        self.0.push((name.to_owned(), Arc::new(instants.with_timezone("UTC")), false));
        self
    }

    pub(super) fn numbers(mut self, name: &str, numbers: impl Iterator<Item = Option<f64>>) -> Self {
        self.0.push((name.to_owned(), Arc::new(numbers.collect::<Float64Array>()), true));
        self
    }

    pub(super) fn words<'a>(mut self, name: &str, words: impl Iterator<Item = &'a str>) -> Self {
        self.0.push((name.to_owned(), Arc::new(words.map(Some).collect::<StringArray>()), false));
        self
    }

    /// A column for each quantile, named `q0.5` and so on.
    pub(super) fn quantiles(self, rows: &[[f64; 6]]) -> Self {
        QUANTILES
            .iter()
            .enumerate()
            .fold(self, |table, (i, p)| table.numbers(&format!("q{p}"), rows.iter().map(|row| Some(row[i]))))
    }

    pub(super) fn write(self, format: Format, mut to: impl Write + Send) -> Result<()> {
        let batch = RecordBatch::try_from_iter_with_nullable(self.0)?;
        match format {
            Format::Csv => {
                let utc = "%Y-%m-%dT%H:%M:%SZ".to_owned();
                let builder =
                    arrow::csv::WriterBuilder::new().with_header(true).with_timestamp_tz_format(utc);
                builder.build(&mut to).write(&batch)?;
            }
            Format::Json => {
                let mut writer = arrow::json::ArrayWriter::new(&mut to);
                writer.write(&batch)?;
                writer.finish()?;
                writeln!(to)?;
            }
            Format::Parquet => {
                let mut writer = parquet::arrow::ArrowWriter::try_new(&mut to, batch.schema(), None)?;
                writer.write(&batch)?;
                writer.close()?;
            }
        }
        Ok(())
    }

    /// The rows as JSON values.
    pub(super) fn values(self) -> Result<serde_json::Value> {
        let mut text = Vec::new();
        self.write(Format::Json, &mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// Writes to standard output; a reader that has seen enough and closed the pipe is no error.
    pub(super) fn show(self, format: Format) -> Result<()> {
        let terminal = std::io::stdout().is_terminal();
        ensure!(
            format != Format::Parquet || !terminal,
            "Parquet is not for a terminal: send it to a file, or name one with --out"
        );
        let mut bytes = Vec::new();
        self.write(format, &mut bytes)?;
        match std::io::stdout().lock().write_all(&bytes) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(error).context("cannot write the answer")
            }
            _ => Ok(()),
        }
    }

    pub(super) fn save(self, path: &Path) -> Result<()> {
        let format = Format::of(path)?;
        let file = std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        self.write(format, file)
    }
}
