//! Counting in ClickHouse itself, over its HTTP interface. Rows are counted as they lie in the table:
//! the strictest check there is.

use reqwest::{Client, Url};

use super::{BodyCount, Count, CountQuery, Table};
use crate::body::RUN_KEY;
use crate::error::LoadError;

/// A ClickHouse with Headroom's schema.
#[derive(Debug, Clone)]
pub struct ClickHouse {
    client: Client,
    url: Url,
    database: String,
}

impl ClickHouse {
    /// The ClickHouse at `url`, with user and password in it where they are needed
    /// (`http://user:password@host:8123`), and the database that holds Headroom's tables.
    pub fn new(url: &str, database: &str) -> Result<Self, LoadError> {
        let url: Url = url.parse().map_err(|error| LoadError::option("clickhouse", format!("{error}")))?;
        Ok(Self { client: Client::new(), url, database: database.to_owned() })
    }

    fn failed(&self, table: Table, what: impl Into<String>) -> LoadError {
        let host = self.url.host_str().unwrap_or_default();
        let place = format!("{host}:{}", self.url.port_or_known_default().unwrap_or_default());
        LoadError::Count { table: table.name(), place, what: what.into() }
    }

    fn sql(&self, query: &CountQuery) -> String {
        let CountQuery { table, run, bodies, times } = query;
        let (first, last) = (bodies.start(), bodies.end());
        let (body, record, of_run) = match table {
            Table::Spans | Table::Logs | Table::Events => (
                "lower(hex(substring(trace_id, 9, 4)))".to_owned(),
                "span_id",
                format!(
                    "trace_id >= unhex('{run}{first:08x}00000000') AND trace_id <= unhex('{run}{last:08x}ffffffff')"
                ),
            ),
            Table::MetricGauge => (
                "lower(leftPad(hex(bitShiftRight(toUInt64(assumeNotNull(int_value)), 32)), 8, '0'))"
                    .to_owned(),
                "int_value",
                format!(
                    "resource['{RUN_KEY}'] = '{run}' AND bitShiftRight(toUInt64(assumeNotNull(int_value)), 32) BETWEEN {first} AND {last}"
                ),
            ),
        };
        let database = self.database.replace('\\', "\\\\").replace('`', "\\`");
        format!(
            "SELECT {body} AS body, count(), uniqExact({record}) FROM `{database}`.{} WHERE {of_run} AND ts >= fromUnixTimestamp64Nano({}, 'UTC') AND ts <= fromUnixTimestamp64Nano({}, 'UTC') GROUP BY body FORMAT TabSeparated",
            table.name(),
            times.start(),
            (*times.end()).min(i64::MAX as u64),
        )
    }
}

impl Count for ClickHouse {
    fn records_at_once(&self) -> u64 {
        // 8 bytes a distinct record in memory, more or less doubled.
        5_000_000
    }

    fn sees_duplicates(&self, _: Table) -> bool {
        true
    }

    async fn counts(&self, query: &CountQuery) -> Result<Vec<BodyCount>, LoadError> {
        let failed = |what: String| self.failed(query.table, what);
        let sent = self.client.post(self.url.clone()).body(self.sql(query)).send().await;
        let answer = sent.map_err(|error| failed(error.without_url().to_string()))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| failed(error.without_url().to_string()))?;
        if !status.is_success() {
            return Err(failed(format!("{status}: {}", text.trim().chars().take(300).collect::<String>())));
        }
        let line = |line: &str| {
            let mut fields = line.split('\t');
            let body = u32::from_str_radix(fields.next()?, 16).ok()?;
            let (rows, distinct) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
            Some(BodyCount { body, rows, distinct })
        };
        let lines =
            text.lines().map(|text| line(text).ok_or_else(|| failed(format!("it answered {text:?}"))));
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_sql() {
        let clickhouse = ClickHouse::new("http://u:p@localhost:8123", "head`room").unwrap();
        let run = "00000000000000a7".parse().unwrap();
        let sql = [Table::Spans, Table::MetricGauge].map(|table| {
            clickhouse.sql(&CountQuery { table, run, bodies: 5..=u32::MAX, times: 1_780_000_000..=u64::MAX })
        });
        insta::assert_snapshot!(sql.join("\n"), @r"
        SELECT lower(hex(substring(trace_id, 9, 4))) AS body, count(), uniqExact(span_id) FROM `head\`room`.spans WHERE trace_id >= unhex('00000000000000a70000000500000000') AND trace_id <= unhex('00000000000000a7ffffffffffffffff') AND ts >= fromUnixTimestamp64Nano(1780000000, 'UTC') AND ts <= fromUnixTimestamp64Nano(9223372036854775807, 'UTC') GROUP BY body FORMAT TabSeparated
        SELECT lower(leftPad(hex(bitShiftRight(toUInt64(assumeNotNull(int_value)), 32)), 8, '0')) AS body, count(), uniqExact(int_value) FROM `head\`room`.metric_gauge WHERE resource['headroom.load.run'] = '00000000000000a7' AND bitShiftRight(toUInt64(assumeNotNull(int_value)), 32) BETWEEN 5 AND 4294967295 AND ts >= fromUnixTimestamp64Nano(1780000000, 'UTC') AND ts <= fromUnixTimestamp64Nano(9223372036854775807, 'UTC') GROUP BY body FORMAT TabSeparated
        ");
    }
}
