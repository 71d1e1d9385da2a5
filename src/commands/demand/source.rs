//! Where a series of demand comes from: a file, a node's store, a running server.

use super::super::server::Server;
use super::super::{open, stored};
use crate::cli::{CalendarArgs, DemandArgs, StoredArgs};
use anyhow::{Context as _, Result};
use arrow::array::RecordBatchReader as _;
use chrono::{DateTime, Duration, Utc};
use headroom_models::calendar::BUILTIN;
use headroom_models::forecast::files;
use headroom_models::series::Series;
use headroom_models::{Calendar, Subject};
use headroom_query::TimeRange;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::Deserialize;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// A series, what it is called, and what is to be said about it.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) series: Series,
    pub(super) notes: Vec<String>,
}

impl Source {
    pub(super) async fn read(args: &DemandArgs) -> Result<Self> {
        match (&args.file, &args.series) {
            (Some(path), _) => Self::file(path, args),
            (None, Some(name)) => Self::stored(name, &args.stored).await,
            (None, None) => unreachable!("clap asks for one of them"),
        }
    }

    fn file(path: &Path, args: &DemandArgs) -> Result<Self> {
        let name = path.display().to_string();
        let mut bytes = Vec::new();
        open(path)?.read_to_end(&mut bytes).with_context(|| format!("cannot read {name}"))?;
        if bytes.starts_with(b"PAR1") {
            bytes = as_csv(bytes).with_context(|| format!("{name} is no Parquet file that can be read"))?;
        } else if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut text = Vec::new();
            flate2::read::MultiGzDecoder::new(&bytes[..])
                .read_to_end(&mut text)
                .with_context(|| format!("{name} is not a whole gzip file"))?;
            bytes = text;
        }
        let reading = files::parse(&name, &bytes, args.tz)?;
        let stem = path.file_name().map_or("series".into(), |name| name.to_string_lossy());
        let stem = stem.split('.').next().filter(|stem| !stem.is_empty() && *stem != "-").unwrap_or("series");
        let notes = reading.notes.iter().map(ToString::to_string).collect();
        Ok(Self { name: stem.to_owned(), series: reading.series, notes })
    }

    async fn stored(name: &str, args: &StoredArgs) -> Result<Self> {
        let now = Utc::now();
        let series = match Server::of(args.server.as_deref(), args.token.as_deref())? {
            Some(server) => {
                let from = (now - Duration::days(35)).to_rfc3339();
                let ask = [("series", name), ("from", &from), ("to", &now.to_rfc3339())];
                let body: Measured = server.get("forecasts", &ask).await?.json().await?;
                let points: Vec<_> = body.actual.iter().map(|point| (point.ts, point.value)).collect();
                Series::from_points(1, &points)
            }
            None => {
                let opened = stored::Opened::open(&args.config.config).await?;
                let days = Duration::days(opened.config.models.history_days.into());
                let range = TimeRange::new(now - days, now)?;
                let subject = Subject::named(&opened.config.models, name);
                let series = subject.measured(opened.store(), &opened.config.tenant, range).await;
                opened.close().await;
                series?
            }
        };
        Ok(Self { name: name.to_owned(), series, notes: Vec::new() })
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
