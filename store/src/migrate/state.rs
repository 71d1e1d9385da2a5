//! What is there.

use std::collections::{HashMap, HashSet};

use crate::client::Store;
use crate::error::Result;
use crate::literal::string;
use crate::schema::{Form, Renderer};

use super::JOURNAL;

/// The first ClickHouse whose text indexes are ready for use.
const TEXT_INDEX: (u32, u32) = (26, 2);

/// What a database holds, as far as the schema asks.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Statement of creation by table, for tables that every node has.
    tables: HashMap<String, String>,
    columns: HashSet<(String, String)>,
    /// Steps, and the first version under which each was run.
    recorded: HashMap<String, u32>,
    /// The greatest version in the journal.
    pub(crate) version: Option<u32>,
    /// Whether every node is of a version that has text indexes.
    pub(crate) has_text_index: bool,
}

#[derive(clickhouse::Row, serde::Deserialize)]
struct TableRow {
    name: String,
    create_table_query: String,
    nodes: u64,
}

#[derive(clickhouse::Row, serde::Deserialize)]
struct JournalRow {
    step: String,
    first: u32,
    version: u32,
}

impl State {
    pub(crate) async fn read(store: &Store, renderer: &Renderer) -> Result<Self> {
        let database = string(&renderer.database);
        let (tables, columns, nodes) = match &renderer.form {
            Form::Cluster(cluster) => {
                let cluster = string(cluster);
                let all = |table: &str| format!("clusterAllReplicas({cluster}, system.{table})");
                let count = format!("SELECT count() FROM system.clusters WHERE cluster = {cluster}");
                let nodes = store.admin_rows::<u64>(&count).await?;
                (all("tables"), all("columns"), nodes.first().copied().unwrap_or(1))
            }
            _ => ("system.tables".to_owned(), "system.columns".to_owned(), 1),
        };
        let sql = format!(
            "SELECT name, any(create_table_query) AS create_table_query, count() AS nodes FROM {tables} WHERE database = {database} GROUP BY name"
        );
        let found = store.admin_rows::<TableRow>(&sql).await?;
        let tables: HashMap<_, _> = found
            .into_iter()
            .filter(|row| row.nodes >= nodes)
            .map(|row| (row.name, row.create_table_query))
            .collect();
        let sql = format!(
            "SELECT table, name FROM {columns} WHERE database = {database} GROUP BY table, name HAVING count() >= {nodes}"
        );
        let columns = store.admin_rows::<(String, String)>(&sql).await?.into_iter().collect();
        let has_text_index =
            versions(store, renderer).await?.into_iter().all(|version| version >= TEXT_INDEX);
        let mut state = Self { tables, columns, has_text_index, ..Self::default() };
        if state.has_table(JOURNAL) {
            let sql = format!(
                "SELECT step, min(j.version) AS first, max(j.version) AS version FROM {} AS j GROUP BY step",
                renderer.qualified(JOURNAL)
            );
            for row in store.admin_rows::<JournalRow>(&sql).await? {
                state.version = state.version.max(Some(row.version));
                state.recorded.insert(row.step, row.first);
            }
        }
        Ok(state)
    }

    /// Whether every node has the table or view.
    pub(crate) fn has_table(&self, name: &str) -> bool {
        self.tables.contains_key(name)
    }

    pub(crate) fn has_column(&self, table: &str, column: &str) -> bool {
        self.columns.contains(&(table.to_owned(), column.to_owned()))
    }

    /// Whether every node's table has an index of the name.
    pub(crate) fn has_index(&self, table: &str, index: &str) -> bool {
        self.tables.get(table).is_some_and(|sql| sql.contains(&format!(" INDEX {index} ")))
    }

    pub(crate) fn is_recorded(&self, step: &str) -> bool {
        self.recorded.contains_key(step)
    }

    /// The first schema version under which a step was run.
    pub(crate) fn first_version(&self, step: &str) -> Option<u32> {
        self.recorded.get(step).copied()
    }

    /// The table's TTL expression as ClickHouse shows it.
    pub(crate) fn ttl(&self, table: &str) -> Option<String> {
        clause(self.tables.get(table)?, " TTL ", " SETTINGS ")
    }

    /// A setting of the table as ClickHouse shows it.
    pub(crate) fn setting(&self, table: &str, name: &str) -> Option<String> {
        let settings = self.tables.get(table)?.rsplit_once(" SETTINGS ")?.1;
        settings.split(", ").find_map(|setting| {
            let (found, value) = setting.split_once(" = ")?;
            (found == name).then(|| value.to_owned())
        })
    }
}

/// Year and number of the ClickHouse of each node.
async fn versions(store: &Store, renderer: &Renderer) -> Result<Vec<(u32, u32)>> {
    let from = match &renderer.form {
        Form::Cluster(cluster) => format!("clusterAllReplicas({}, system.one)", string(cluster)),
        _ => "system.one".to_owned(),
    };
    let found = store.admin_rows::<String>(&format!("SELECT version() FROM {from}")).await?;
    let parts = |version: &String| {
        let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
    };
    Ok(found.iter().map(parts).collect())
}

/// The text between two words of a statement.
fn clause(sql: &str, from: &str, to: &str) -> Option<String> {
    let start = sql.rfind(from)? + from.len();
    let rest = &sql[start..];
    let end = rest.find(to).unwrap_or(rest.len());
    Some(rest[..end].trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ttl_and_settings_are_read_from_the_statement() {
        let sql = "CREATE TABLE a.b (`ts` DateTime64(9, 'UTC')) ENGINE = MergeTree ORDER BY ts TTL toDateTime(ts) + toIntervalDay(30) SETTINGS index_granularity = 8192, x = 1";
        let state = State { tables: [("b".to_owned(), sql.to_owned())].into(), ..State::default() };
        assert_eq!(state.ttl("b").as_deref(), Some("toDateTime(ts) + toIntervalDay(30)"));
        assert_eq!(state.setting("b", "x").as_deref(), Some("1"));
        assert_eq!(state.setting("b", "y"), None);
    }
}
