//! `vegeta report`: lines such as `Latencies  [min, mean, 50, 90, 95, 99, max]  1.1ms, …`, whose brackets name
//! what follows; the names differ between versions (tsenart/vegeta README.md, "report -type=text", and
//! lib/reporters.go@3af77ad for the older ones).

use std::collections::BTreeMap;
use std::io::Read;

use super::merge::merge;
use super::summary::{Summary, stretch};
use super::units::go_duration;
use super::vegeta_report::OPEN;
use super::{Format, ImportError, Latency, LoadTest, Model, ModelVerdict, Tool, lines};

/// The values of a report by `line/name`, and the counts of status codes.
#[derive(Debug, Default)]
struct Report {
    values: BTreeMap<String, String>,
    codes: Vec<(u16, u64)>,
}

pub(super) fn read(reader: impl Read, source: &str) -> Result<LoadTest, ImportError> {
    let text = lines::document(reader, source)?;
    let mut reports: Vec<Report> = Vec::new();
    for line in text.lines() {
        let line = line.rsplit('\u{1b}').next().unwrap_or(line);
        let Some((title, rest)) = line.split_once('[') else { continue };
        let Some((names, values)) = rest.split_once(']') else { continue };
        // Of a line with a terminal's control sequence, its end is left over: `2JRequests`.
        let title = title.trim().trim_start_matches(|c: char| !c.is_ascii_uppercase());
        let title = title.strip_prefix('J').or_else(|| title.strip_prefix('H')).unwrap_or(title);
        if title == "Requests" {
            reports.push(Report::default());
        }
        let Some(report) = reports.last_mut() else { continue };
        if title == "Status Codes" {
            report.codes = values.split_whitespace().filter_map(code).collect();
        } else if ["Requests", "Duration", "Latencies", "Success"].contains(&title) {
            for (name, value) in names.split(',').zip(values.split(',')) {
                report.values.insert(format!("{title}/{}", name.trim()), value.trim().to_owned());
            }
        }
    }
    // With -every the screen is cleared before each report, and the last one holds all.
    if text.contains('\u{1b}') && reports.len() > 1 {
        reports.drain(..reports.len() - 1);
    }
    let tests: Vec<LoadTest> = reports.iter().map(|report| report.test(source)).collect::<Result<_, _>>()?;
    merge(tests).ok_or_else(|| ImportError::document(source, "no line `Requests [total, rate …]`"))
}

fn code(pair: &str) -> Option<(u16, u64)> {
    let (code, count) = pair.split_once(':')?;
    Some((code.parse().ok()?, count.parse().ok()?))
}

impl Report {
    fn number(&self, name: &str) -> Option<f64> {
        self.values.get(name)?.trim_end_matches('%').parse().ok().filter(|number: &f64| number.is_finite())
    }

    fn seconds(&self, name: &str) -> Option<f64> {
        go_duration(self.values.get(name)?)
    }

    fn test(&self, source: &str) -> Result<LoadTest, ImportError> {
        let missing = |what: &str| {
            ImportError::document(source, format!("no `{what}` in the report; is the file whole"))
        };
        let requests = self.number("Requests/total").ok_or_else(|| missing("Requests [total]"))?;
        let whole = self.seconds("Duration/total").ok_or_else(|| missing("Duration [total]"))?;
        let ms = |name: &str| self.seconds(&format!("Latencies/{name}")).map(|seconds| seconds * 1e3);
        let latency = Latency {
            mean_ms: ms("mean"),
            min_ms: ms("min"),
            p50_ms: ms("50"),
            p90_ms: ms("90"),
            p95_ms: ms("95"),
            p99_ms: ms("99"),
            p999_ms: None,
            max_ms: ms("max"),
        };
        let requests = requests.max(0.0) as u64;
        let errors = if self.codes.is_empty() {
            let share = self.number("Success/ratio").ok_or_else(|| missing("Success [ratio]"))? / 100.0;
            ((1.0 - share).clamp(0.0, 1.0) * requests as f64).round() as u64
        } else {
            let failed = self.codes.iter().filter(|(code, _)| !(200..400).contains(code));
            failed.fold(0, |sum: u64, (_, count)| sum.saturating_add(*count))
        };
        let mut total = stretch(whole, requests, errors, latency);
        if let Some(rate) = self.number("Requests/rate") {
            total.rate = rate;
        }
        if let Some(throughput) = self.number("Requests/throughput") {
            total.throughput = throughput;
        }
        let summary = Summary {
            tool: Tool::Vegeta,
            format: Format::VegetaText,
            name: source.to_owned(),
            model: ModelVerdict { model: Model::Open, why: OPEN.to_owned() },
            total,
            notes: Vec::new(),
        };
        summary.finish(source, "`Requests` is 0")
    }
}
