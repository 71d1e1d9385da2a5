//! Which columns hold the time and the value, and what their rows say.

use chrono_tz::Tz;
use csv::{ReaderBuilder, StringRecord};

use super::clock::{self, Written};
use super::notes::{NoteKind, Notes};
use super::{ReadError, Row, Sign};

/// Names of a time column; one that begins with such a name and an underscore counts as well.
const TIMES: [&str; 8] = ["ts", "timestamp", "time", "datetime", "date", "ds", "period", "minute"];
/// Names of a value column, the surest first.
const VALUES: [&str; 9] =
    ["value", "y", "count", "requests", "rate", "volume", "demand", "calls", "invocations"];

/// The rows of a file that hold a time and a value.
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    pub(super) column: String,
}

pub(super) fn parse(
    file: &str,
    text: &[u8],
    tz: Option<Tz>,
    sign: Sign,
    notes: &mut Notes,
) -> Result<Table, ReadError> {
    let refuse = |line: Option<u64>, reason: String| ReadError { file: file.to_owned(), line, reason };
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let delimiter = delimiter(text);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .comment(Some(b'#'))
        .from_reader(text);
    let mut records = Vec::new();
    for (number, record) in reader.byte_records().enumerate() {
        let record = record.map_err(|error| refuse(Some(number as u64 + 1), error.to_string()))?;
        let line = record.position().map_or(number as u64 + 1, csv::Position::line);
        let record = StringRecord::from_byte_record_lossy(record);
        if let Some(rows) = swallowed(&record, delimiter) {
            let reason = format!("a quote opens in this line and swallows {rows} rows after it; close it");
            return Err(refuse(Some(line), reason));
        }
        records.push((line, record));
    }
    let Some((line, first)) = records.first().cloned() else {
        return Err(refuse(None, "is empty; expected a header `ts,value` and a row per step".to_owned()));
    };
    let is_time = |cell: &str| clock::parse(cell).is_some();
    let headless = first.iter().any(is_time) && first.len() > 1;
    let header = if headless { StringRecord::new() } else { records.remove(0).1 };
    let sample = records.first().map_or(&first, |(_, record)| record);
    let (time, value) = pick(&header, sample, notes).map_err(|reason| refuse(Some(line), reason))?;

    let mut rows: Vec<Row> = Vec::with_capacity(records.len());
    let mut unreadable = None;
    let mut worded = None;
    for (line, record) in &records {
        let line = *line;
        let cell = record.get(time).unwrap_or("");
        let Some(written) = clock::parse(cell) else {
            unreadable.get_or_insert((line, cell.to_owned()));
            notes.line(NoteKind::BadTime, line, "rows whose time cannot be read are left out");
            continue;
        };
        let Some(ts) = place(written, tz, rows.last(), line, notes) else {
            notes.line(NoteKind::BadTime, line, "rows whose time cannot be read are left out");
            continue;
        };
        let cell = record.get(value).unwrap_or("");
        match number(cell, sign, line, notes) {
            Some(value) => rows.push(Row { line, ts, value }),
            None if worded.is_none() => worded = Some((line, cell.trim())),
            None => {}
        }
    }
    let column = header.get(value).unwrap_or("").trim().to_owned();
    match unreadable {
        Some((line, cell)) if rows.len() * 2 < records.len() => Err(refuse(
            Some(line),
            format!("`{cell}` is no time; write 2026-11-27T14:30:00Z, 2026-11-27 09:30 or unix seconds"),
        )),
        _ if records.is_empty() => Err(refuse(Some(line), "has a header and no rows".to_owned())),
        _ if rows.is_empty() => {
            let (line, cell) = worded.unwrap_or((line, ""));
            let reason = format!(
                "none of the {} rows has a value{} in the column {column}: here stands `{cell}`; write 1234.5, with a \
                 point and without separators",
                records.len(),
                if sign == Sign::Positive { " of zero or more" } else { "" }
            );
            Err(refuse(Some(line), reason))
        }
        _ => Ok(Table { rows, column }),
    }
}

fn place(
    written: Written,
    tz: Option<Tz>,
    previous: Option<&Row>,
    line: u64,
    notes: &mut Notes,
) -> Option<chrono::DateTime<chrono::Utc>> {
    let wall = match written {
        Written::Instant(ts) => return Some(ts),
        Written::Wall(wall) => wall,
    };
    let Some(tz) = tz else {
        let text = "times without an offset are read as UTC; name their time zone if they are a wall clock";
        notes.whole(NoteKind::WallClock, text.to_owned());
        return Some(wall.and_utc());
    };
    let (ts, skipped) = clock::instant(wall, tz, previous.map(|row| row.ts))?;
    if skipped {
        let text = format!("{tz} has no such time on these days, summer time skips it: moved an hour on");
        notes.line(NoteKind::WallClock, line, &text);
    }
    Some(ts)
}

/// A value of the sign there can be, or nothing and a note.
fn number(cell: &str, sign: Sign, line: u64, notes: &mut Notes) -> Option<f64> {
    let cell = cell.trim();
    if cell.is_empty() {
        notes.line(NoteKind::Empty, line, "rows without a value count as not measured");
        return None;
    }
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() && (value >= 0.0 || sign == Sign::Any) => Some(value),
        Ok(value) if value < 0.0 => {
            notes.line(
                NoteKind::Negative,
                line,
                "demand cannot be negative: such rows count as not measured",
            );
            None
        }
        _ => {
            notes.line(NoteKind::NotANumber, line, "rows whose value is no number count as not measured");
            None
        }
    }
}

/// The rows that an open quote has taken into one field, if there are any.
fn swallowed(record: &StringRecord, delimiter: u8) -> Option<usize> {
    let is_row = |line: &&str| line.split(char::from(delimiter)).any(|cell| clock::parse(cell).is_some());
    let rows: usize = record.iter().map(|cell| cell.lines().skip(1).filter(is_row).count()).sum();
    (rows > 0).then_some(rows)
}

/// The delimiter that the first line holds most of.
fn delimiter(text: &[u8]) -> u8 {
    let first = text.split(|b| *b == b'\n').next().unwrap_or(text);
    let columns = |delimiter: u8| first.split(|b| *b == delimiter).count();
    *b",;\t".iter().max_by_key(|d| (columns(**d), **d == b',')).unwrap_or(&b',')
}

/// The indices of time and value.
fn pick(header: &StringRecord, sample: &StringRecord, notes: &mut Notes) -> Result<(usize, usize), String> {
    let names: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
    let named = |wanted: &[&str]| {
        wanted.iter().find_map(|wanted| {
            let whole = names.iter().position(|name| name == wanted);
            whole.or_else(|| names.iter().position(|name| name.starts_with(&format!("{wanted}_"))))
        })
    };
    let is_time = |i: &usize| sample.get(*i).is_some_and(|cell| clock::parse(cell).is_some());
    let columns = names.len().max(sample.len());
    let time = named(&TIMES).or_else(|| (0..columns).find(is_time)).ok_or_else(|| {
        format!(
            "no column holds a time ({}); name one of them ts",
            header.iter().collect::<Vec<_>>().join(", ")
        )
    })?;
    let numeric = |i: &usize| {
        let cell = sample.get(*i).unwrap_or("").trim();
        *i != time && (cell.is_empty() || cell.parse::<f64>().is_ok())
    };
    let found: Vec<usize> = (0..columns).filter(numeric).collect();
    let value = named(&VALUES).filter(|i| *i != time).or_else(|| found.first().copied());
    let value = value.or_else(|| (columns == 2).then_some(1 - time.min(1))).ok_or_else(|| {
        format!(
            "no column holds numbers ({}); name one of them value",
            header.iter().collect::<Vec<_>>().join(", ")
        )
    })?;
    if named(&VALUES).is_none() && found.len() > 1 {
        let name = header.get(value).unwrap_or("the first");
        let text =
            format!("of {} columns with numbers `{name}` is taken; name another one value", found.len());
        notes.whole(NoteKind::Column, text);
    }
    Ok((time, value))
}
