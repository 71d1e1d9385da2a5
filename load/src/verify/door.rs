//! Counting through Headroom's SQL door, `POST /api/v1/sql`, as an analyst would.
//!
//! The views `spans` and `events` show a record once however often it is stored. For spans the view
//! `traces` has the number received, repeated ones included; for events there is none, so
//! duplicates of events are seen in `logs` only, where they are stored too. A span that was
//! counted when it was received and is not stored any more is therefore missing and a duplicate at
//! once.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat};
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{BodyCount, Count, CountQuery, Table};
use crate::body::RUN_KEY;
use crate::error::LoadError;

/// The rows of an answer, at most; bodies are fewer.
const ROWS: usize = 10_000;

/// Headroom's SQL door.
#[derive(Debug, Clone)]
pub struct SqlDoor {
    client: Client,
    url: Url,
    token: String,
}

#[derive(Deserialize)]
struct Answer {
    rows: Vec<Vec<Value>>,
    truncated: bool,
}

impl SqlDoor {
    /// The door of the Headroom at `url` (`http://host:8080`), for a token whose role may ask in SQL.
    pub fn new(url: &str, token: &str) -> Result<Self, LoadError> {
        let url = url.parse::<Url>().and_then(|url| url.join("/api/v1/sql"));
        let url = url.map_err(|error| LoadError::option("sql", format!("{error}")))?;
        Ok(Self { client: Client::new(), url, token: token.to_owned() })
    }

    /// The numbers of each body that one statement gives.
    async fn ask(&self, table: Table, sql: &str) -> Result<HashMap<u32, Vec<u64>>, LoadError> {
        let failed = |what: String| {
            let place = self.url.origin().ascii_serialization();
            LoadError::Count { table: table.name(), place, what }
        };
        let request = self.client.post(self.url.clone()).bearer_auth(&self.token);
        let request = request.header("content-type", "application/json");
        let sent = request.body(json!({ "sql": sql, "limit": ROWS }).to_string()).send().await;
        let answer = sent.map_err(|error| failed(error.without_url().to_string()))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| failed(error.without_url().to_string()))?;
        if !status.is_success() {
            return Err(failed(format!("{status}: {}", text.trim().chars().take(300).collect::<String>())));
        }
        let answer: Answer = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
        if answer.truncated {
            return Err(failed(format!("the answer has more than {ROWS} rows")));
        }
        let rows = answer.rows.iter().map(|row| {
            read(row).ok_or_else(|| failed(format!("it answered the row {}", Value::from(row.clone()))))
        });
        rows.collect()
    }
}

/// A body, then numbers.
fn read(row: &[Value]) -> Option<(u32, Vec<u64>)> {
    let (body, numbers) = row.split_first()?;
    let body = match body {
        Value::String(text) => u32::from_str_radix(text, 16).ok()?,
        number => u32::try_from(number.as_u64()?).ok()?,
    };
    // Beyond 2^53 integers are text.
    let number = |one: &Value| one.as_u64().or_else(|| one.as_str()?.parse().ok());
    Some((body, numbers.iter().map(number).collect::<Option<_>>()?))
}

/// One statement for each figure that is needed, the rows' before the distinct records'.
fn statements(query: &CountQuery) -> Vec<String> {
    let CountQuery { table, run, bodies, times } = query;
    let (first, last) = (bodies.start(), bodies.end());
    let time = |ns: u64| {
        let ns = i64::try_from(ns).unwrap_or(i64::MAX);
        DateTime::from_timestamp_nanos(ns).to_rfc3339_opts(SecondsFormat::Nanos, true)
    };
    let traces = format!("trace_id >= '{run}{first:08x}00000000' AND trace_id <= '{run}{last:08x}ffffffff'");
    let when = format!("ts >= '{}' AND ts <= '{}'", time(*times.start()), time(*times.end()));
    let body = "substr(trace_id, 17, 8)";
    match table {
        Table::Spans => vec![
            format!("SELECT {body} AS body, sum(spans) AS n FROM traces WHERE {traces} GROUP BY {body}"),
            format!(
                "SELECT {body} AS body, count(*) AS n FROM spans WHERE {traces} AND {when} GROUP BY {body}"
            ),
        ],
        Table::Logs => vec![format!(
            "SELECT {body} AS body, count(*) AS n, count(DISTINCT span_id) AS d FROM logs WHERE {traces} AND {when} GROUP BY {body}"
        )],
        Table::Events => vec![format!(
            "SELECT {body} AS body, count(*) AS n FROM events WHERE {traces} AND {when} GROUP BY {body}"
        )],
        Table::MetricGauge => {
            let body = "int_value / 4294967296";
            let low = u64::from(*first) << 32;
            // The last body's number fits an integer of 64 bits with its sign.
            let high = (u64::from(*last) << 32 | 0xffff_ffff).min(i64::MAX as u64);
            vec![format!(
                "SELECT {body} AS body, count(*) AS n, count(DISTINCT int_value) AS d FROM metrics WHERE type = 'gauge' AND attr(resource, '{RUN_KEY}') = '{run}' AND int_value >= {low} AND int_value <= {high} AND {when} GROUP BY {body}"
            )]
        }
    }
}

impl Count for SqlDoor {
    fn records_at_once(&self) -> u64 {
        // The door reads this many ids within its bounds of time and memory.
        500_000
    }

    fn sees_duplicates(&self, table: Table) -> bool {
        table != Table::Events
    }

    async fn counts(&self, query: &CountQuery) -> Result<Vec<BodyCount>, LoadError> {
        let statements = statements(query);
        let mut figures: HashMap<u32, BodyCount> = HashMap::new();
        for (n, sql) in statements.iter().enumerate() {
            for (body, numbers) in self.ask(query.table, sql).await? {
                let one = figures.entry(body).or_insert(BodyCount { body, rows: 0, distinct: 0 });
                let (first, last) = (numbers.first().copied(), numbers.last().copied());
                if n == 0 {
                    one.rows = first.unwrap_or(0);
                }
                if n + 1 == statements.len() {
                    one.distinct = last.unwrap_or(0);
                }
            }
        }
        Ok(figures.into_values().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_sql() {
        let run = "00000000000000a7".parse().unwrap();
        let times = 1_780_000_000_000_000_001..=u64::MAX;
        let query = |table| CountQuery { table, run, bodies: 5..=u32::MAX, times: times.clone() };
        let sql = Table::ALL.map(|table| statements(&query(table)).join("\n"));
        insta::assert_snapshot!(sql.join("\n"), @"
        SELECT substr(trace_id, 17, 8) AS body, sum(spans) AS n FROM traces WHERE trace_id >= '00000000000000a70000000500000000' AND trace_id <= '00000000000000a7ffffffffffffffff' GROUP BY substr(trace_id, 17, 8)
        SELECT substr(trace_id, 17, 8) AS body, count(*) AS n FROM spans WHERE trace_id >= '00000000000000a70000000500000000' AND trace_id <= '00000000000000a7ffffffffffffffff' AND ts >= '2026-05-28T20:26:40.000000001Z' AND ts <= '2262-04-11T23:47:16.854775807Z' GROUP BY substr(trace_id, 17, 8)
        SELECT substr(trace_id, 17, 8) AS body, count(*) AS n, count(DISTINCT span_id) AS d FROM logs WHERE trace_id >= '00000000000000a70000000500000000' AND trace_id <= '00000000000000a7ffffffffffffffff' AND ts >= '2026-05-28T20:26:40.000000001Z' AND ts <= '2262-04-11T23:47:16.854775807Z' GROUP BY substr(trace_id, 17, 8)
        SELECT substr(trace_id, 17, 8) AS body, count(*) AS n FROM events WHERE trace_id >= '00000000000000a70000000500000000' AND trace_id <= '00000000000000a7ffffffffffffffff' AND ts >= '2026-05-28T20:26:40.000000001Z' AND ts <= '2262-04-11T23:47:16.854775807Z' GROUP BY substr(trace_id, 17, 8)
        SELECT int_value / 4294967296 AS body, count(*) AS n, count(DISTINCT int_value) AS d FROM metrics WHERE type = 'gauge' AND attr(resource, 'headroom.load.run') = '00000000000000a7' AND int_value >= 21474836480 AND int_value <= 9223372036854775807 AND ts >= '2026-05-28T20:26:40.000000001Z' AND ts <= '2262-04-11T23:47:16.854775807Z' GROUP BY int_value / 4294967296
        ");
    }

    #[test]
    fn rows_are_read_as_the_door_writes_them() {
        let text = |row: &str| read(&serde_json::from_str::<Vec<Value>>(row).unwrap());
        assert_eq!(text(r#"["0000004d", 12]"#), Some((77, vec![12])));
        assert_eq!(text(r#"[77, 12, "9007199254740993"]"#), Some((77, vec![12, 9_007_199_254_740_993])));
        assert_eq!(text(r#"["nonsense", 12]"#), None);
        assert_eq!(text("[]"), None);
    }
}
