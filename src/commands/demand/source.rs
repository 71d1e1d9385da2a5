//! Where a series of demand comes from: a file, a node's store, a running server.

use super::super::server::Server;
use super::super::{open, stored};
use crate::cli::{CalendarArgs, DemandArgs, StoredArgs};
use anyhow::{Context as _, Result};
use arrow::array::RecordBatchReader as _;
use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use headroom_models::calendar::BUILTIN;
use headroom_models::forecast::{Signal, files};
use headroom_models::series::Series;
use headroom_models::{Calendar, Subject};
use headroom_query::TimeRange;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::Deserialize;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// A series, what it is called, the signals that lead it, and what is to be said about them.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) series: Series,
    pub(super) signals: Vec<Signal>,
    pub(super) notes: Vec<String>,
}

impl Source {
    pub(super) async fn read(args: &DemandArgs) -> Result<Self> {
        let mut source = match (&args.file, &args.series) {
            (Some(path), _) => Self::file(path, args.origin.tz)?,
            (None, Some(name)) => Self::stored(name, &args.origin.stored).await?,
            (None, None) => unreachable!("clap asks for one of them"),
        };
        for path in &args.origin.signal {
            let file = path.display().to_string();
            let reading = files::parse_signal(&file, &bytes(path)?, args.origin.tz)?;
            source.notes.extend(reading.notes.iter().map(|note| format!("{file}: {note}")));
            source.signals.push(Signal::new(stem(path), reading.series));
        }
        Ok(source)
    }

    fn file(path: &Path, tz: Option<Tz>) -> Result<Self> {
        let reading = files::parse(&path.display().to_string(), &bytes(path)?, tz)?;
        let notes = reading.notes.iter().map(ToString::to_string).collect();
        Ok(Self { name: stem(path), series: reading.series, signals: Vec::new(), notes })
    }

    async fn stored(name: &str, args: &StoredArgs) -> Result<Self> {
        let now = Utc::now();
        let server = Server::of(args.server.as_deref(), args.token.as_deref())?;
        let series = if let Some(server) = server {
            let from = (now - Duration::days(35)).to_rfc3339();
            let ask = [("series", name), ("from", &from), ("to", &now.to_rfc3339())];
            let body: Measured = server.get("forecasts", &ask).await?.json().await?;
            let points: Vec<_> = body.actual.iter().map(|point| (point.ts, point.value)).collect();
            Series::from_points(1, &points)
        } else {
            let opened = stored::Opened::open(&args.config.config).await?;
            let days = Duration::days(opened.config.models.history_days.into());
            let range = TimeRange::new(now - days, now)?;
            let subject = Subject::named(&opened.config.models, name);
            let series = subject.measured(opened.store(), &opened.config.tenant, range).await;
            opened.close().await;
            series?
        };
        Ok(Self { name: name.to_owned(), series, signals: Vec::new(), notes: Vec::new() })
    }
}

#[derive(Deserialize)]
struct Measured {
    actual: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    ts: DateTime<Utc>,
    value: f64,
}

/// A file's bytes, those of a Parquet file as CSV.
fn bytes(path: &Path) -> Result<Vec<u8>> {
    let file = path.display();
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes).with_context(|| format!("cannot read {file}"))?;
    if bytes.starts_with(b"PAR1") {
        bytes = as_csv(bytes).with_context(|| format!("{file} is no Parquet file that can be read"))?;
    }
    Ok(bytes)
}

/// A file's name up to its first point.
fn stem(path: &Path) -> String {
    let name = path.file_name().map_or("series".into(), |name| name.to_string_lossy());
    let stem = name.split('.').next().filter(|stem| !stem.is_empty() && *stem != "-");
    stem.unwrap_or("series").to_owned()
}

/// The calendar that was asked for: names of venues, and files. Without a venue there are no built-in events either: a
/// rate decision of a country that nobody named would lift any series.
pub(super) fn calendar(args: &CalendarArgs) -> Result<Calendar> {
    let (venues, files): (Vec<&String>, Vec<&String>) =
        args.calendar.iter().partition(|named| is_venue(named));
    let venues: Vec<String> = venues.into_iter().map(|mic| mic.to_ascii_uppercase()).collect();
    let files: Vec<PathBuf> = files.into_iter().map(PathBuf::from).collect();
    let builtin = !args.no_builtin_events && !venues.is_empty();
    Ok(Calendar::load(&venues, builtin, &files)?)
}

/// Whether this is a venue's code, or what should have been one: files have an ending.
fn is_venue(named: &str) -> bool {
    BUILTIN.iter().any(|mic| mic.eq_ignore_ascii_case(named)) || Path::new(named).extension().is_none()
}

/// A Parquet file's columns as CSV, so that both are read by one set of rules. Columns of lists and structures, which
/// CSV cannot hold and no series is made of, are left out.
fn as_csv(bytes: Vec<u8>) -> Result<Vec<u8>> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes))?;
    let fields = builder.schema().fields().iter().enumerate();
    let flat = fields.filter(|(_, field)| !field.data_type().is_nested()).map(|(index, _)| index);
    let columns = ProjectionMask::roots(builder.parquet_schema(), flat);
    let reader = builder.with_projection(columns).build()?;
    let schema = reader.schema();
    let mut text = Vec::new();
    {
        let mut writer = arrow::csv::WriterBuilder::new().with_header(true).build(&mut text);
        writer.write(&arrow::array::RecordBatch::new_empty(schema))?;
        for batch in reader {
            writer.write(&batch?)?;
        }
    }
    Ok(text)
}
