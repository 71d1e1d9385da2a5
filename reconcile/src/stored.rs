//! Stored events as a stream: one statement, rows as they come, none of them kept here.

use std::time::Duration;

use clickhouse::Row;
use headroom_query::TimeRange;
use headroom_query::scan::{Filter, ScanQuery};
use headroom_store::Store;
use serde::Deserialize;

use crate::error::{ReconcileError, Result};
use crate::field::{EVENT_ID, EVENT_NAME, canonical};
use crate::record::{Record, Value};

/// Which stored events.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Selection<'a> {
    pub(crate) tenant: &'a str,
    /// Columns and attributes with the value they must have.
    pub(crate) fields: &'a [(String, String)],
    /// Names of events; none: all.
    pub(crate) names: &'a [String],
    pub(crate) range: TimeRange,
}

#[derive(Debug, Row, Deserialize)]
struct EventRow {
    event_id: String,
    name: String,
    ts: i64,
    customer_id: String,
    attributes: Vec<(String, String)>,
    attribute_types: Vec<(String, String)>,
}

impl Selection<'_> {
    fn scan(&self) -> ScanQuery {
        let mut scan = ScanQuery::rows(self.tenant, "events")
            .columns(["event_id", "name", "ts", "customer_id", "attributes", "attribute_types"])
            .filter(Filter::within("ts", &self.range));
        if !self.names.is_empty() {
            scan = scan.filter(Filter::one_of("name", self.names.iter().map(String::as_str)));
        }
        self.fields.iter().fold(scan, |scan, (name, value)| scan.filter(equals(name, value)))
    }
}

/// The column that holds a field of its own; other fields are attributes.
fn column(name: &str) -> Option<&'static str> {
    match canonical(name).as_str() {
        "name" | EVENT_NAME => Some("name"),
        "service" | "service_name" => Some("service"),
        "customer_id" => Some("customer_id"),
        EVENT_ID => Some("event_id"),
        _ => None,
    }
}

/// The field of a record that a selection pins: it differs between the sides by design.
pub(crate) fn pinned(name: &str) -> String {
    if column(name) == Some("name") { EVENT_NAME.to_owned() } else { canonical(name) }
}

fn equals(name: &str, value: &str) -> Filter {
    if let Some(column) = column(name) {
        return Filter::eq(column, value);
    }
    let mut spellings = vec![name.to_owned(), name.replace('_', "."), name.replace('.', "_")];
    spellings.sort();
    spellings.dedup();
    Filter::Or(spellings.iter().map(|spelling| Filter::map_eq("attributes", spelling, value)).collect())
}

/// Reads the events of a selection, in no order.
pub(crate) async fn read(
    store: &Store,
    selection: &Selection<'_>,
    each: &mut dyn FnMut(Record) -> Result<()>,
) -> Result<()> {
    let sql = selection.scan().sql(&store.table("events"));
    // How long the whole takes depends on how much there is. How long it may stand still does not.
    let patience = Duration::from_secs(store.config().query_timeout_s.max(1));
    let query = store.client().query_raw(&sql).with_setting("max_execution_time", "0");
    let broken = |error: clickhouse::error::Error| ReconcileError::Stream(error.to_string());
    let mut rows = query.fetch::<EventRow>().map_err(broken)?;
    loop {
        match tokio::time::timeout(patience, rows.next()).await {
            Ok(Ok(Some(row))) => each(record(row))?,
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(error)) => return Err(broken(error)),
            Err(_) => {
                return Err(ReconcileError::Stream(format!("nothing came for {} s", patience.as_secs())));
            }
        }
    }
}

fn record(row: EventRow) -> Record {
    let mut record = Record::at(Some(row.ts));
    for (name, text) in row.attributes {
        let typed = row.attribute_types.iter().find(|(typed, _)| *typed == name);
        let number = typed.is_some_and(|(_, kind)| matches!(kind.as_str(), "int" | "double"));
        record.set(&name, if number { Value::Number(text) } else { Value::Text(text) });
    }
    if record.text("customer_id").is_none() {
        record.set("customer_id", Value::Text(row.customer_id));
    }
    // The columns are what counts: events without an id get one when they arrive.
    record.set_id(&row.event_id);
    record.replace(EVENT_NAME, row.name);
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn a_selection_is_one_statement_over_the_sort_key() {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let fields = [("system", "it's old"), ("pay_way", "sepa"), ("event.name", "payment.sent")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let selection = Selection {
            tenant: "acme",
            fields: &fields,
            names: &["payment.sent".to_owned()],
            range: TimeRange::new(at(0), at(60)).unwrap(),
        };
        insta::assert_snapshot!(selection.scan().sql("events"), @r"SELECT t.`event_id` AS `event_id`, t.`name` AS `name`, t.`ts` AS `ts`, t.`customer_id` AS `customer_id`, t.`attributes` AS `attributes`, t.`attribute_types` AS `attribute_types` FROM events AS t WHERE t.`tenant` = 'acme' AND (t.`ts` >= fromUnixTimestamp64Nano(0,'UTC') AND t.`ts` < fromUnixTimestamp64Nano(60000000000,'UTC')) AND t.`name` IN ('payment.sent') AND (t.`attributes`['system'] = 'it\'s old') AND (t.`attributes`['pay.way'] = 'sepa' OR t.`attributes`['pay_way'] = 'sepa') AND t.`name` = 'payment.sent' SETTINGS aggregate_functions_null_for_empty = 0");
    }
}
