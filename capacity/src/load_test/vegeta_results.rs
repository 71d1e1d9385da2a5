//! `vegeta encode`: one request a line.
//!
//! JSON has the fields `attack`, `seq`, `code`, `timestamp`, `latency` (nanoseconds), `bytes_out`, `bytes_in`,
//! `error`, `body`, `method`, `url` and `headers`; CSV has no header and the columns timestamp (nanoseconds
//! since 1970), code, latency (nanoseconds), bytes out, bytes in, error, body, attack, sequence number, and in
//! newer versions method, URL and headers (tsenart/vegeta README.md, "encode command"). The older `vegeta dump`
//! stops after `error` in both (lib/results.go@1e76c1e).

use std::borrow::Cow;
use std::io::{BufRead, Read};

use chrono::DateTime;
use serde::Deserialize;

use super::csv_records::{self, field};
use super::lines::{Lines, Tally};
use super::model::Evidence;
use super::recording::Recording;
use super::vegeta_report::OPEN;
use super::windows::{Sample, Windows};
use super::{ConcurrencyFrom, Format, ImportError, LoadTest, Model, Tool};

/// Most names of attacks remembered.
const ATTACKS: usize = 8;

#[derive(Deserialize)]
struct Hit<'a> {
    #[serde(borrow, default)]
    attack: Cow<'a, str>,
    code: u16,
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
    latency: i64,
}

#[derive(Default)]
struct Hits {
    windows: Windows,
    attacks: Vec<String>,
}

impl Hits {
    /// Counts a request; vegeta takes a status from 200 to 399 for a success.
    fn add(&mut self, start: i64, latency: i64, code: u16, attack: &str) -> Result<(), String> {
        self.windows.sample(Sample::new(start, latency, (200..400).contains(&code))?);
        if !attack.is_empty()
            && self.attacks.len() < ATTACKS
            && !self.attacks.iter().any(|known| known == attack)
        {
            self.attacks.push(attack.to_owned());
        }
        Ok(())
    }

    fn finish(self, format: Format, source: &str, mut notes: Vec<String>) -> Result<LoadTest, ImportError> {
        if self.attacks.len() > 1 {
            notes.push(format!("The attacks {} are counted together.", self.attacks.join(", ")));
        }
        let recording = Recording {
            tool: Tool::Vegeta,
            format,
            name: self.attacks.into_iter().next().unwrap_or_else(|| source.to_owned()),
            windows: self.windows,
            gauge: ConcurrencyFrom::InFlight,
            evidence: Evidence::Known(Model::Open, OPEN),
            rate_while_sending: true,
            requests_per_iteration: 1.0,
            notes,
        };
        recording.finish(source, "no line with a timestamp and a latency")
    }
}

pub(super) fn read_json(reader: impl BufRead, source: &str) -> Result<LoadTest, ImportError> {
    let (mut lines, mut tally, mut hits) = (Lines::new(reader, source), Tally::default(), Hits::default());
    while let Some((number, line)) = lines.next()? {
        match hit(line, &mut hits) {
            Ok(()) => tally.good(),
            Err(message) => tally.bad(number, message, source)?,
        }
    }
    hits.finish(Format::VegetaJson, source, tally.end(source)?)
}

fn hit(line: &[u8], hits: &mut Hits) -> Result<(), String> {
    let hit: Hit<'_> =
        serde_json::from_slice(line).map_err(|error| format!("no result of vegeta: {error}"))?;
    let time = DateTime::parse_from_rfc3339(&hit.timestamp).ok().and_then(|time| time.timestamp_nanos_opt());
    let time = time.ok_or_else(|| format!("timestamp `{}` is not a time", hit.timestamp))?;
    hits.add(time, hit.latency, hit.code, &hit.attack)
}

pub(super) fn read_csv(reader: impl Read, source: &str) -> Result<LoadTest, ImportError> {
    let mut hits = Hits::default();
    let mut columns = None;
    let notes = csv_records::each(reader, b',', source, |record| {
        // A last line that was cut short has fewer columns than those before it.
        let expected = *columns.get_or_insert(record.len());
        if record.len() < expected.min(6) || (record.len() < expected && expected >= 9) {
            return Err(format!("{} columns where the first line has {expected}", record.len()));
        }
        let number = |at: usize, name: &str| {
            field(record, at)
                .and_then(|field| field.parse::<i64>().ok())
                .ok_or_else(|| format!("column {} ({name}) is not a whole number", at + 1))
        };
        let code = number(1, "status code")?;
        let code = u16::try_from(code).map_err(|_| format!("{code} is not a status code"))?;
        let attack = field(record, 7).unwrap_or_default();
        hits.add(number(0, "timestamp")?, number(2, "latency")?, code, attack)
    })?;
    hits.finish(Format::VegetaCsv, source, notes)
}
