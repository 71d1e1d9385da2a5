//! What costs are divided by: transactions and customers of each service, day by day.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use crate::error::Result;
use crate::range::TimeRange;
use crate::rates::RECEIVED;
use crate::scan::{Aggregate, Compare, Expr, Filter, Function, Key, Literal, ScanQuery};

const DAY: i64 = 86_400;

/// A day of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceDay {
    /// Requests received.
    pub transactions: u64,
    /// Different customers among them; 0 where spans name none.
    pub customers: u64,
}

#[derive(Debug, Row, Deserialize)]
struct CallRow {
    service: String,
    at: i64,
    calls: u64,
}

#[derive(Debug, Row, Deserialize)]
struct CustomerRow {
    service: String,
    at: i64,
    customers: u64,
}

/// Per service and UTC day. Two questions at once: to the rollup, and to the spans that name a customer, of which
/// only two columns are read.
pub async fn read(
    store: &Store,
    tenant: &str,
    range: TimeRange,
) -> Result<BTreeMap<(String, DateTime<Utc>), ServiceDay>> {
    let calls = ScanQuery::aggregate(tenant, "span_minute")
        .filter(Filter::one_of("kind", RECEIVED))
        .filter(Filter::within("m", &range))
        .key(Key::column("service"))
        .key(Key::bucket("m", DAY, "at"))
        .aggregates([Aggregate::sum("calls", "calls")]);
    let customers = different_customers(tenant, &range).key(Key::bucket("ts", DAY, "at"));
    let (calls, customers) =
        tokio::try_join!(calls.fetch::<CallRow>(store), customers.fetch::<CustomerRow>(store))?;
    let mut days: BTreeMap<(String, DateTime<Utc>), ServiceDay> = BTreeMap::new();
    let day = DateTime::from_timestamp_nanos;
    for row in calls {
        days.insert((row.service, day(row.at)), ServiceDay { transactions: row.calls, customers: 0 });
    }
    for row in customers {
        if let Some(found) = days.get_mut(&(row.service, day(row.at))) {
            found.customers = row.customers;
        }
    }
    Ok(days)
}

/// Different customers of each service over a whole range: those of its days cannot be added up.
pub async fn customers(store: &Store, tenant: &str, range: TimeRange) -> Result<BTreeMap<String, u64>> {
    #[derive(Debug, Row, Deserialize)]
    struct WholeRow {
        service: String,
        customers: u64,
    }
    let rows: Vec<WholeRow> = different_customers(tenant, &range).fetch(store).await?;
    Ok(rows.into_iter().map(|row| (row.service, row.customers)).collect())
}

/// Different customers by service, among the spans that name one.
fn different_customers(tenant: &str, range: &TimeRange) -> ScanQuery {
    let customer = Expr::Column("customer_id".to_owned());
    ScanQuery::aggregate(tenant, "spans")
        .filter(Filter::one_of("kind", RECEIVED))
        .filter(Filter::within("ts", range))
        .filter(Filter::compare("customer_id", Compare::NotEq, Literal::Text(String::new())))
        .key(Key::column("service"))
        .aggregates([Aggregate::new(Function::CountDistinct(customer), "customers")])
}
