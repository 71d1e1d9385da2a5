//! The right to erasure: what tells who a customer is, taken out of every table that holds it.
//!
//! What happened stays (orders, amounts, calls, under the customer's number, which no table then leads to a person);
//! who it was goes. Rows are rewritten by mutations, which are waited for: a lightweight delete would only hide them.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::client::Store;
use crate::error::{Result, StoreError};
use crate::literal::{string, tuple};
use crate::schema::{EVENTS, KEY_INDEX, LOGS, PERSONAL_KEYS, QUERIES, REJECTED, SPANS};

/// What stands instead of a text that named the person.
pub const ERASED: &str = "[erased]";

/// How often it is asked whether the mutations are done.
const ASK_EVERY: Duration = Duration::from_millis(200);

/// What was rewritten in a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// The table.
    pub table: String,
    /// Rows that held personal data of the customer.
    pub rows: u64,
    /// Parts of the table that these rows lay in, each of which was written anew.
    pub parts: u64,
    /// Rows that hold some now, read back.
    pub left: u64,
}

/// Looks for a customer's personal data, and takes it out unless `dry_run`. Empty when the store has none.
///
/// Personal are the attributes of [`PERSONAL_KEYS`] of the customer's rows, and their values wherever else they stand in
/// these: other attributes, bodies, the index of what can be looked up. E-mail addresses are also looked for in rows that
/// name no customer, in quarantined records, and in statements that were asked. Rows of other customers stay as they are.
///
/// # Errors
/// The store is a cluster (a node rewrites its own rows only), or refuses; what was rewritten before stays so, and
/// another run goes on.
pub async fn erase(store: &Store, tenant: &str, customer: &str, dry_run: bool) -> Result<Vec<Erased>> {
    if store.config().cluster.is_some() {
        let what =
            "erasing in a cluster is not possible from here: each node would rewrite its own rows only";
        return Err(StoreError::Config(what.to_owned()));
    }
    let person = Person::find(store, tenant, customer).await?;
    let mut done = Vec::new();
    for (table, holds, change) in person.tables() {
        let target = store.table(table);
        let (rows, parts) = counted(store, &target, &holds).await?;
        if rows == 0 {
            continue;
        }
        if !dry_run {
            store
                .execute(&format!("ALTER TABLE {target} {change} WHERE {holds} SETTINGS mutations_sync = 0"))
                .await?;
            finished(store, table).await?;
        }
        let (left, _) = counted(store, &target, &holds).await?;
        done.push(Erased { table: table.to_owned(), rows, parts, left });
    }
    Ok(done)
}

/// Whom it is about, as conditions on rows.
struct Person {
    tenant: String,
    customer: String,
    values: BTreeSet<String>,
}

impl Person {
    async fn find(store: &Store, tenant: &str, customer: &str) -> Result<Self> {
        let mut values = BTreeSet::new();
        for table in [EVENTS, LOGS, SPANS] {
            for key in PERSONAL_KEYS {
                let sql = format!(
                    "SELECT DISTINCT attributes[{key}] AS value FROM {table} WHERE tenant = {tenant} AND customer_id = {customer} AND value != ''",
                    key = string(key),
                    table = store.table(table),
                    tenant = string(tenant),
                    customer = string(customer),
                );
                values.extend(store.rows::<String>(&sql).await?);
            }
        }
        // An address is indexed by its small letters, and may be known from the index alone.
        let sql = format!(
            "SELECT DISTINCT value FROM {} WHERE tenant = {} AND customer_id = {} AND key IN {}",
            store.table(KEY_INDEX),
            string(tenant),
            string(customer),
            keys()
        );
        values.extend(store.rows::<String>(&sql).await?);
        Ok(Self { tenant: tenant.to_owned(), customer: customer.to_owned(), values })
    }

    /// Each table with the rows that hold something, and what is done with them.
    fn tables(&self) -> Vec<(&'static str, String, String)> {
        let tenant = format!("tenant = {}", string(&self.tenant));
        let own = format!("customer_id = {}", string(&self.customer));
        let keys = keys();
        let values: Vec<_> = self.values.iter().map(String::as_str).collect();
        let addresses: Vec<_> = values.iter().copied().filter(|value| value.contains('@')).collect();
        // An entry of a map that goes. Rows of other customers are theirs: two may share a name, or an address.
        let goes = |key: &str, value: &str| {
            let (any, address) = (is_one_of(value, &values), is_one_of(value, &addresses));
            format!("(({own} AND ({key} IN {keys} OR {any})) OR (customer_id = '' AND {address}))")
        };
        let holds = |map: &str| {
            format!("arrayExists((k, v) -> {}, mapKeys({map}), mapValues({map}))", goes("k", "v"))
        };
        let without = |map: &str| format!("mapFilter((k, v) -> NOT {}, {map})", goes("k", "v"));
        let attributes = format!(
            "attributes = {}, attribute_types = mapFilter((k, t) -> NOT {}, attribute_types)",
            without("attributes"),
            goes("k", "attributes[k]")
        );
        let body = format!(
            "(({own} AND {}) OR (customer_id = '' AND {}))",
            mentions("body", &values),
            mentions("body", &addresses)
        );
        let texts = format!("{tenant} AND ({} OR {body})", holds("attributes"));
        let cleaned = format!("UPDATE {attributes}, body = if({body}, {}, body)", string(ERASED));
        let indexed = format!(
            "({own} AND (key IN {keys} OR {})) OR (customer_id = '' AND {})",
            is_one_of("value", &values),
            is_one_of("value", &addresses)
        );
        let quarantined =
            format!("({} OR {})", mentions("payload", &addresses), mentions("detail", &addresses));
        vec![
            (EVENTS, texts.clone(), cleaned.clone()),
            (LOGS, texts, cleaned),
            (
                SPANS,
                format!(
                    "{tenant} AND ({} OR arrayExists(one -> {}, events_attributes))",
                    holds("attributes"),
                    holds("one")
                ),
                format!(
                    "UPDATE {attributes}, events_attributes = arrayMap(one -> {}, events_attributes)",
                    without("one")
                ),
            ),
            (KEY_INDEX, format!("{tenant} AND ({indexed})"), "DELETE".to_owned()),
            (REJECTED, format!("{tenant} AND {quarantined}"), "DELETE".to_owned()),
            (
                QUERIES,
                format!("{tenant} AND {}", mentions("statement", &addresses)),
                format!("UPDATE statement = {}", string(ERASED)),
            ),
        ]
    }
}

fn keys() -> String {
    tuple(PERSONAL_KEYS.iter().map(|key| string(key)))
}

/// Whether `what` is one of the values, in SQL.
fn is_one_of(what: &str, values: &[&str]) -> String {
    if values.is_empty() {
        return "0".to_owned();
    }
    format!("{what} IN {}", tuple(values.iter().map(|value| string(value))))
}

/// Whether one of the values stands in a text, in SQL.
fn mentions(text: &str, values: &[&str]) -> String {
    let found =
        values.iter().map(|value| format!("positionCaseInsensitiveUTF8({text}, {}) > 0", string(value)));
    let found = found.collect::<Vec<_>>().join(" OR ");
    if found.is_empty() { "0".to_owned() } else { format!("({found})") }
}

async fn counted(store: &Store, target: &str, holds: &str) -> Result<(u64, u64)> {
    let sql = format!("SELECT count(), uniqExact(_part) FROM {target} WHERE {holds}");
    Ok(store.rows::<(u64, u64)>(&sql).await?.into_iter().next().unwrap_or_default())
}

/// Waits until no mutation of a table is under way.
///
/// # Errors
/// One cannot go on.
async fn finished(store: &Store, table: &str) -> Result<()> {
    let sql = format!(
        "SELECT command, latest_fail_reason FROM system.mutations WHERE database = {} AND table = {} AND is_done = 0",
        string(store.database()),
        string(table)
    );
    loop {
        let under_way = store.admin_rows::<(String, String)>(&sql).await?;
        if under_way.is_empty() {
            return Ok(());
        }
        if let Some((command, reason)) = under_way.iter().find(|(_, reason)| !reason.is_empty()) {
            return Err(StoreError::Config(format!("{table} cannot be rewritten: {reason} ({command})")));
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}
