//! Which tool wrote a file, from how it begins.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ImportError, jmeter_columns};

/// As much of a file as is looked at.
pub(super) const HEAD_BYTES: u64 = 64 * 1024;

/// The form of a result file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// `k6 run --out json=FILE`: a JSON object a line.
    K6Points,
    /// `k6 run --summary-export=FILE`, what `handleSummary` is given, or k6's machine-readable summary.
    K6Summary,
    /// `vegeta report -type=json`.
    VegetaReport,
    /// `vegeta report`.
    VegetaText,
    /// `vegeta encode -to json`, and the older `vegeta dump -dumper json`.
    VegetaJson,
    /// `vegeta encode -to csv`, and the older `vegeta dump -dumper csv`.
    VegetaCsv,
    /// What wrk and wrk2 print.
    WrkText,
    /// A JMeter log (JTL) as CSV.
    #[serde(rename = "jmeter-csv")]
    JMeterCsv,
    /// A JMeter log (JTL) as XML.
    #[serde(rename = "jmeter-xml")]
    JMeterXml,
    /// `statistics.json` of JMeter's dashboard report.
    #[serde(rename = "jmeter-statistics")]
    JMeterStatistics,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::K6Points,
        Self::K6Summary,
        Self::VegetaReport,
        Self::VegetaText,
        Self::VegetaJson,
        Self::VegetaCsv,
        Self::WrkText,
        Self::JMeterCsv,
        Self::JMeterXml,
        Self::JMeterStatistics,
    ];

    /// The name, as in JSON and on a command line: `k6-points`.
    pub fn name(self) -> &'static str {
        match self {
            Self::K6Points => "k6-points",
            Self::K6Summary => "k6-summary",
            Self::VegetaReport => "vegeta-report",
            Self::VegetaText => "vegeta-text",
            Self::VegetaJson => "vegeta-json",
            Self::VegetaCsv => "vegeta-csv",
            Self::WrkText => "wrk-text",
            Self::JMeterCsv => "jmeter-csv",
            Self::JMeterXml => "jmeter-xml",
            Self::JMeterStatistics => "jmeter-statistics",
        }
    }

    /// What writes it, in words.
    pub fn written_by(self) -> &'static str {
        match self {
            Self::K6Points => "k6 run --out json=FILE",
            Self::K6Summary => "k6 run --summary-export=FILE or handleSummary",
            Self::VegetaReport => "vegeta report -type=json",
            Self::VegetaText => "vegeta report",
            Self::VegetaJson => "vegeta encode -to json",
            Self::VegetaCsv => "vegeta encode -to csv",
            Self::WrkText => "wrk or wrk2 --latency",
            Self::JMeterCsv => "jmeter -l FILE (CSV)",
            Self::JMeterXml => "jmeter -l FILE (XML)",
            Self::JMeterStatistics => "jmeter -e (statistics.json)",
        }
    }

    pub(super) fn list() -> String {
        Self::ALL.map(Self::written_by).join(", ")
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The form of a file that begins with `head`.
///
/// Errors: nothing known, nothing at all, or something known that must be written differently.
pub(super) fn recognise(head: &[u8], source: &str) -> Result<Format, ImportError> {
    let unusable =
        |what, instead| Err(ImportError::Unusable { source_name: source.to_owned(), what, instead });
    if head.iter().all(u8::is_ascii_whitespace) {
        return Err(ImportError::Empty { source_name: source.to_owned() });
    }
    if let Some((what, instead)) = not_text(head) {
        return unusable(what, instead);
    }
    let text = String::from_utf8_lossy(head);
    let found = match text.trim_start().as_bytes()[0] {
        b'{' => json(&text),
        b'<' => text.contains("<testResults").then_some(Format::JMeterXml),
        _ => records(&text).or_else(|| printed(&text)),
    };
    if let Some(format) = found {
        return Ok(format);
    }
    if let Some((what, instead)) = known_but_unusable(&text) {
        return unusable(what, instead);
    }
    let begins: String = text.trim_start().chars().filter(|c| !c.is_control()).take(60).collect();
    Err(ImportError::Unknown { source_name: source.to_owned(), begins })
}

/// Binary forms, told by their first bytes.
fn not_text(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let has = |name: &[u8]| head.windows(name.len()).any(|at| at == name);
    if head.starts_with(&[0x1f, 0x8b])
        || head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
        || head.starts_with(b"PK")
    {
        return Some(("it is compressed", "unpack it first"));
    }
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Some((
            "it is UTF-16, as PowerShell's > writes",
            "write it again with the tool's own output option or with Out-File -Encoding utf8",
        ));
    }
    // A gob stream begins with the description of its type, names and all (golang.org/pkg/encoding/gob).
    if head.contains(&0) && has(b"Timestamp") && has(b"Latency") {
        return Some((
            "it is what `vegeta attack` writes, which only vegeta can read",
            "convert it with `vegeta encode -to csv results.bin`",
        ));
    }
    None
}

/// The form of a JSON file, from the keys of its first object.
fn json(text: &str) -> Option<Format> {
    let keys = outer_keys(text);
    let has = |key: &str| keys.contains(&key);
    if has("metric") && (has("data") || has("type")) || (has("type") && has("data")) {
        Some(Format::K6Points)
    } else if has("latencies") {
        Some(Format::VegetaReport)
    } else if has("latency") && has("timestamp") {
        Some(Format::VegetaJson)
    } else if has("metrics") || has("root_group") || (has("config") && (has("results") || has("metadata"))) {
        Some(Format::K6Summary)
    } else if text.contains("\"sampleCount\"") && text.contains("\"meanResTime\"") {
        Some(Format::JMeterStatistics)
    } else {
        None
    }
}

/// The keys of the first object of a text that may end anywhere.
fn outer_keys(text: &str) -> Vec<&str> {
    let (mut depth, mut keys, mut string) = (0_usize, Vec::new(), None);
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => {
                let start = at + 1;
                let end = loop {
                    match bytes.next() {
                        Some((_, b'\\')) => drop(bytes.next()),
                        Some((end, b'"')) => break end,
                        Some(_) => {}
                        None => return keys,
                    }
                };
                string = text.get(start..end);
            }
            b':' if depth == 1 => keys.extend(string.take()),
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => break,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    keys
}

/// Comma-separated forms, from their first line.
fn records(text: &str) -> Option<Format> {
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    if jmeter_columns::header_delimiter(first).is_some() {
        return Some(Format::JMeterCsv);
    }
    let fields: Vec<&str> = first.split(',').collect();
    let number = |at: usize, digits: std::ops::RangeInclusive<usize>| {
        fields.get(at).is_some_and(|field| {
            digits.contains(&field.trim().len()) && field.trim().bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    // Nanoseconds of any year from 2001 on have 19 digits.
    if fields.len() >= 6 && number(0, 18..=19) && number(1, 1..=5) && number(2, 1..=19) {
        return Some(Format::VegetaCsv);
    }
    jmeter_columns::bare_delimiter(first).map(|_| Format::JMeterCsv)
}

/// What tools print for people.
fn printed(text: &str) -> Option<Format> {
    text.lines().find_map(|line| {
        let line = line.trim();
        if line.starts_with("Running ") && line.contains(" test @ ") {
            Some(Format::WrkText)
        } else if line.contains("Requests") && line.contains("[total, rate") {
            Some(Format::VegetaText)
        } else {
            None
        }
    })
}

fn known_but_unusable(text: &str) -> Option<(&'static str, &'static str)> {
    text.lines().find_map(|line| {
        let has = |words: &[&str]| words.iter().all(|word| line.contains(word));
        if has(&["Bucket", "#", "Histogram"]) {
            Some((
                "it is vegeta's histogram, which has neither a rate nor a duration",
                "write `vegeta report -type=json` or `vegeta encode -to csv`",
            ))
        } else if has(&["Value", "Percentile", "TotalCount"]) {
            Some((
                "it is a percentile spectrum without the run's rate and duration",
                "write `vegeta report -type=json`, or keep all that wrk2 printed",
            ))
        } else if line.starts_with("metric_name,timestamp") {
            Some(("it is k6's CSV output", "write the run with `k6 run --out json=FILE`"))
        } else if has(&["http_req_duration", "avg="]) {
            Some((
                "it is the summary that k6 prints for people",
                "write the run with `k6 run --summary-export=FILE` or `--out json=FILE`",
            ))
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn of(text: &str) -> Result<Format, String> {
        recognise(text.as_bytes(), "f").map_err(|error| error.to_string())
    }

    #[test]
    fn forms_are_told_by_what_they_hold() {
        assert_eq!(
            of("{\"type\":\"Metric\",\"data\":{\"name\":\"vus\"},\"metric\":\"vus\"}\n"),
            Ok(Format::K6Points)
        );
        assert_eq!(of("{\n  \"root_group\": {\"name\": \"\\\"metrics\\\"\""), Ok(Format::K6Summary));
        assert_eq!(of("{\"latencies\":{\"total\":1"), Ok(Format::VegetaReport));
        assert_eq!(
            of("{\"attack\":\"\",\"seq\":0,\"code\":200,\"timestamp\":\"x\",\"latency\":1,"),
            Ok(Format::VegetaJson)
        );
        assert_eq!(of("1442666750645818631,200,2371194,0,6067,\"\"\n"), Ok(Format::VegetaCsv));
        assert_eq!(of("timeStamp;elapsed;label\n"), Ok(Format::JMeterCsv));
        assert_eq!(of("$ wrk -c1 http://h\nRunning 2m test @ http://h\n"), Ok(Format::WrkText));
        assert_eq!(of("\u{1b}[2JRequests      [total, rate, throughput]  1, 2, 3"), Ok(Format::VegetaText));
    }

    #[test]
    fn what_cannot_be_used_says_what_to_do() {
        let gob = b"\x7f\xff\x81\x03\x01\x01\x06Result\x01\xff\x82\x00\x01\x0a\x01\x06Attack\x01\x0c\x00\x01\x09Timestamp\x01\xff\x84\x00\x01\x07Latency\x01\x04\x00";
        insta::assert_snapshot!(recognise(gob, "results.bin").unwrap_err(), @"results.bin: it is what `vegeta attack` writes, which only vegeta can read; convert it with `vegeta encode -to csv results.bin`");
        insta::assert_snapshot!(of("  http_req_duration..............: avg=202ms min=1ms\n").unwrap_err(), @"f: it is the summary that k6 prints for people; write the run with `k6 run --summary-export=FILE` or `--out json=FILE`");
        insta::assert_snapshot!(of("Bucket           #     %       Histogram\n").unwrap_err(), @"f: it is vegeta's histogram, which has neither a rate nor a duration; write `vegeta report -type=json` or `vegeta encode -to csv`");
        insta::assert_snapshot!(of("name,value\na,1\n").unwrap_err(), @"f: not a result of a load generator that is known here; it begins with `name,valuea,1`; known are k6 run --out json=FILE, k6 run --summary-export=FILE or handleSummary, vegeta report -type=json, vegeta report, vegeta encode -to json, vegeta encode -to csv, wrk or wrk2 --latency, jmeter -l FILE (CSV), jmeter -l FILE (XML), jmeter -e (statistics.json)");
        insta::assert_snapshot!(of(" \n").unwrap_err(), @"f: the file is empty; was the test stopped before it wrote anything");
        insta::assert_snapshot!(recognise(&[0x1f, 0x8b, 8], "r.json.gz").unwrap_err(), @"r.json.gz: it is compressed; unpack it first");
    }
}
