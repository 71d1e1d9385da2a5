//! Events in files: JSON Lines (`.jsonl`, `.ndjson`) with an object a line, or CSV (`.csv`, and
//! `.tsv` with tabs) with a header.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use crate::error::{ReconcileError, Result};
use crate::field::canonical;
use crate::instant;
use crate::record::{Record, Value};

/// Bytes that an event may take. A quote that is never closed would otherwise take the file.
const MOST: usize = 8 << 20;

/// Where the time is looked for when nobody says.
const TIMES: [&str; 3] = ["time", "timestamp", "ts"];

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    JsonLines,
    Separated(u8),
}

impl Format {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "csv" => Some(Self::Separated(b',')),
            "tsv" => Some(Self::Separated(b'\t')),
            _ => None,
        }
    }
}

/// Whether a path is that of a file that can be read here, by its name.
pub(crate) fn is_events(path: &Path) -> bool {
    Format::of(path).is_some()
}

/// Reads a file event by event. `time` is the field that holds the time; without it the first of
/// `time`, `timestamp` and `ts` that an event has.
pub(crate) fn read(
    path: &Path,
    time: Option<&str>,
    each: &mut dyn FnMut(Record) -> Result<()>,
) -> Result<()> {
    let shown = path.display();
    let failed = |source| ReconcileError::io(format!("{shown} cannot be read"), source);
    let file = File::open(path).map_err(failed)?;
    let since = Rc::new(Cell::new(0));
    let guarded = Guarded { inner: file, since: Rc::clone(&since) };
    let time = time.map(canonical);
    let mut take = |line: u64, fields: Vec<(String, Value)>| -> Result<()> {
        since.set(0);
        let at = |detail: String| ReconcileError::input(format!("{shown}:{line}"), detail);
        let record = record(fields, time.as_deref()).map_err(at)?;
        each(record).map_err(|error| match error {
            ReconcileError::Input { place, detail } => at(format!("{place}: {detail}")),
            other => other,
        })
    };
    match Format::of(path) {
        Some(Format::JsonLines) => {
            let mut lines = BufReader::with_capacity(1 << 16, guarded);
            let mut line = Vec::new();
            for number in 1.. {
                line.clear();
                if lines.read_until(b'\n', &mut line).map_err(failed)? == 0 {
                    break;
                }
                let text = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(&line);
                if text.trim_ascii().is_empty() {
                    continue;
                }
                let object: Map<String, Json> = serde_json::from_slice(text).map_err(|error| {
                    // The reader sees one line and calls it the first.
                    let words = error.to_string().replace(" at line 1 column ", " at column ");
                    ReconcileError::input(format!("{shown}:{number}"), format!("no JSON object: {words}"))
                })?;
                take(
                    number,
                    object.into_iter().filter_map(|(name, value)| Some((name, of_json(value)?))).collect(),
                )?;
            }
            Ok(())
        }
        Some(Format::Separated(by)) => {
            let wrong = |error: csv::Error| {
                let line = error.position().map_or(1, csv::Position::line);
                match error.into_kind() {
                    csv::ErrorKind::Io(source) => failed(source),
                    kind => ReconcileError::input(format!("{shown}:{line}"), reason(&kind)),
                }
            };
            let mut rows = csv::ReaderBuilder::new().delimiter(by).from_reader(guarded);
            let header = rows.headers().map_err(wrong)?.clone();
            let mut row = csv::StringRecord::new();
            while rows.read_record(&mut row).map_err(wrong)? {
                let line = row.position().map_or(0, csv::Position::line);
                let values = row.iter().map(|text| Value::Text(text.to_owned()));
                take(line, header.iter().map(str::to_owned).zip(values).collect())?;
            }
            Ok(())
        }
        None => Err(ReconcileError::input(
            shown.to_string(),
            "neither .jsonl, .ndjson, .csv nor .tsv: the name has to say how it is to be read",
        )),
    }
}

fn reason(kind: &csv::ErrorKind) -> String {
    match kind {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the header has {expected_len} fields and this row {len}")
        }
        csv::ErrorKind::Utf8 { .. } => "no UTF-8".to_owned(),
        other => format!("no row: {other:?}"),
    }
}

/// The record of fields, with the time taken out of them. What is wrong comes in words.
fn record(fields: Vec<(String, Value)>, time: Option<&str>) -> Result<Record, String> {
    let mut record = Record::default();
    for (name, value) in fields {
        record.set(&name, value);
    }
    let name = match time {
        Some(name) if record.get(name).is_none() => {
            return Err(format!("no `{name}`, which is to hold the time"));
        }
        Some(name) => Some(name),
        None => TIMES.into_iter().find(|name| record.get(name).is_some()),
    };
    if let Some(name) = name {
        let text = record.text(name).unwrap_or_default();
        let parsed = instant::parse(text).ok_or_else(|| {
            format!("`{name}` is no time: `{text}`; write 2026-11-20T09:30:00Z or seconds since 1970")
        })?;
        record.time = Some(parsed);
        record.keep(|field| field != name);
    }
    Ok(record)
}

/// A JSON value as that of a flat field; nested ones by their text, `null` not at all.
fn of_json(value: Json) -> Option<Value> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(Value::Text(text)),
        Json::Number(number) => Some(Value::Number(number.to_string())),
        other => Some(Value::Text(other.to_string())),
    }
}

/// Stops reading when one event takes too much.
struct Guarded {
    inner: File,
    since: Rc<Cell<usize>>,
}

impl Read for Guarded {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.since.get() > MOST {
            let words = format!("an event of more than {MOST} bytes: is a quote never closed?");
            return Err(std::io::Error::other(words));
        }
        let read = self.inner.read(buffer)?;
        self.since.set(self.since.get() + read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(name: &str, content: &[u8], time: Option<&str>) -> Result<Vec<Record>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let mut records = Vec::new();
        read(&path, time, &mut |record| {
            records.push(record);
            Ok(())
        })?;
        Ok(records)
    }

    fn refused(name: &str, content: &[u8], time: Option<&str>) -> String {
        let words = all(name, content, time).unwrap_err().to_string();
        words[words.find(name).unwrap()..].to_owned()
    }

    #[test]
    fn json_lines_and_csv_say_the_same() {
        let json = "\u{feff}{\"event.id\":\"e\",\"order.id\":\"ö1\",\"note\":null,\"ts\":\"2026-11-20T10:10:00Z\"}\n\n";
        let csv = "\u{feff}event_id,order_id,note,ts\r\ne,ö1,,2026-11-20 10:10:00\r\n";
        let tsv = csv.replace(',', "\t");
        let expected =
            Record::at(Some(1_795_169_400_000_000_000)).with("event_id", "e").with("order_id", "ö1");
        assert_eq!(all("a.jsonl", json.as_bytes(), None).unwrap(), std::slice::from_ref(&expected));
        assert_eq!(all("a.csv", csv.as_bytes(), None).unwrap(), std::slice::from_ref(&expected));
        assert_eq!(all("a.TSV", tsv.as_bytes(), Some("ts")).unwrap(), [expected]);
    }

    #[test]
    fn numbers_keep_their_digits() {
        let records =
            all("a.jsonl", br#"{"amount":0.10000000000000000000000000000000001,"ok":true,"l":[1]}"#, None)
                .unwrap();
        assert_eq!(
            records[0].get("amount"),
            Some(&Value::Number("0.10000000000000000000000000000000001".to_owned()))
        );
        assert_eq!(
            (records[0].text("ok"), records[0].text("l"), records[0].time),
            (Some("true"), Some("[1]"), None)
        );
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        let long = format!("id,x\n1,\"{}", "a".repeat(9 << 20));
        let words = [
            refused("a.jsonl", b"{\"a\":1}\n[1]\n", None),
            refused("a.jsonl", b"{\"a\":1", None),
            refused("a.jsonl", b"{\"ts\":\"yesterday\"}", None),
            refused("a.jsonl", b"{\"ts\":5}", Some("booked.at")),
            refused("a.csv", b"a,b\n1,2\n3\n", None),
            refused("a.csv", b"a,b\n1,\xff\n", None),
            refused("a.csv", long.as_bytes(), None),
            refused("a.txt", b"", None),
        ];
        insta::assert_snapshot!(words.join("\n"), @"
    a.jsonl:2: no JSON object: invalid type: sequence, expected a map at column 0
    a.jsonl:1: no JSON object: EOF while parsing an object at column 6
    a.jsonl:1: `ts` is no time: `yesterday`; write 2026-11-20T09:30:00Z or seconds since 1970
    a.jsonl:1: no `booked_at`, which is to hold the time
    a.csv:3: the header has 2 fields and this row 1
    a.csv:2: no UTF-8
    a.csv cannot be read: an event of more than 8388608 bytes: is a quote never closed?
    a.txt: neither .jsonl, .ndjson, .csv nor .tsv: the name has to say how it is to be read
    ");
    }
}
