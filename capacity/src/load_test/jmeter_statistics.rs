//! `statistics.json` of JMeter's dashboard report (`jmeter -e -o DIR`): figures by label, and those of all in
//! `Total` (apache/jmeter, SummaryInfo of the report's statistics; the file of JMeter 5.5 in the tests). Times
//! are milliseconds, `errorPct` is a percentage, and `pct1ResTime` to `pct3ResTime` are the 90th, 95th and 99th
//! percentiles unless aggregate_rpt_pct1 to 3 say otherwise.

use std::io::Read;

use serde_json::Value;

use super::summary::{Summary, count, number, stretch};
use super::{Format, ImportError, Latency, LoadTest, Model, ModelVerdict, Tool, lines};

pub(super) fn read(reader: impl Read, source: &str) -> Result<LoadTest, ImportError> {
    let text = lines::document(reader, source)?;
    let root: Value = serde_json::from_str(&text).map_err(|error| {
        ImportError::document(source, format!("no JSON document: {error}; is the file whole"))
    })?;
    let missing = |field: &str| {
        ImportError::document(source, format!("field Total.{field} is missing or not a number"))
    };
    let total = root.get("Total").ok_or_else(|| ImportError::document(source, "no entry Total"))?;
    let requests = count(total, "sampleCount").ok_or_else(|| missing("sampleCount"))?;
    let errors = count(total, "errorCount").ok_or_else(|| missing("errorCount"))?;
    let rate = number(total, "throughput").filter(|rate| *rate > 0.0).ok_or_else(|| missing("throughput"))?;
    let of = |field: &str| number(total, field);
    let latency = Latency {
        mean_ms: of("meanResTime"),
        min_ms: of("minResTime"),
        p50_ms: of("medianResTime"),
        p90_ms: of("pct1ResTime"),
        p95_ms: of("pct2ResTime"),
        p99_ms: of("pct3ResTime"),
        p999_ms: None,
        max_ms: of("maxResTime"),
    };
    let summary = Summary {
        tool: Tool::JMeter,
        format: Format::JMeterStatistics,
        name: source.to_owned(),
        model: ModelVerdict {
            model: Model::Unknown,
            why: "the statistics do not say how the requests were sent; the log (JTL) does".to_owned(),
        },
        total: stretch(requests as f64 / rate, requests, errors, latency),
        notes: vec!["The percentiles are taken for the 90th, 95th and 99th, JMeter's defaults.".to_owned()],
    };
    summary.finish(source, "Total.sampleCount is 0")
}
