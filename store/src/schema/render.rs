//! From definitions to statements, for each form of ClickHouse.

use std::fmt::Write as _;

use super::table::{Engine, Form, Retention, Rollup, Table};
use crate::literal::{ident, string};

/// Inserts that a table remembers by their tokens.
pub const DEDUPLICATION_WINDOW: u32 = 10_000;

/// Bytes up to which a part is one file: an insert then makes a handful of files, not one for
/// every column and dictionary, each of which would be synced on its own.
const COMPACT_UP_TO: u32 = 128 << 20;

/// Renders statements for one database in one form.
#[derive(Debug, Clone)]
pub struct Renderer {
    /// The form.
    pub form: Form,
    /// The database.
    pub database: String,
    /// How long rows are kept.
    pub retention: Retention,
}

impl Renderer {
    /// The table that holds the rows: in a cluster each node's own.
    pub fn stored(&self, name: &str) -> String {
        self.qualified(&self.stored_name(name))
    }

    /// The bare name of the table that holds the rows.
    pub fn stored_name(&self, name: &str) -> String {
        match self.form {
            Form::Cluster(_) => format!("{name}_local"),
            _ => name.to_owned(),
        }
    }

    /// Database and name, quoted.
    pub fn qualified(&self, name: &str) -> String {
        format!("{}.{}", ident(&self.database), ident(name))
    }

    /// ` ON CLUSTER x`, or nothing.
    pub fn on_cluster(&self) -> String {
        match &self.form {
            Form::Cluster(cluster) => format!(" ON CLUSTER {}", ident(cluster)),
            _ => String::new(),
        }
    }

    /// The database.
    pub fn create_database(&self) -> String {
        format!("CREATE DATABASE IF NOT EXISTS {}{}", ident(&self.database), self.on_cluster())
    }

    /// The table that holds the rows.
    pub fn create_table(&self, table: &Table) -> String {
        let mut sql =
            format!("CREATE TABLE IF NOT EXISTS {}{} (\n", self.stored(table.name), self.on_cluster());
        let columns = table.columns.iter().map(|(name, kind)| format!("    {} {kind}", ident(name)));
        let indexes = table.indexes.iter().map(|index| format!("    {index}"));
        sql.push_str(&columns.chain(indexes).collect::<Vec<_>>().join(",\n"));
        let _ = write!(
            sql,
            "\n) ENGINE = {}\nPARTITION BY {}\nORDER BY {}\n",
            self.engine(table),
            table.partition,
            table.order
        );
        if let Some(ttl) = self.ttl(table) {
            let _ = writeln!(sql, "TTL {ttl}");
        }
        let _ = write!(sql, "SETTINGS {}", self.settings(table));
        sql
    }

    /// In a cluster: the table over all nodes.
    pub fn create_distributed(&self, table: &Table) -> Option<String> {
        let Form::Cluster(cluster) = &self.form else { return None };
        Some(format!(
            "CREATE TABLE IF NOT EXISTS {}{} AS {} ENGINE = Distributed({}, {}, {}, {})",
            self.qualified(table.name),
            self.on_cluster(),
            self.stored(table.name),
            string(cluster),
            string(&self.database),
            string(&format!("{}_local", table.name)),
            table.shard
        ))
    }

    /// The rows of a rollup, from everything that its source holds. To run it twice does no harm to the rollups
    /// that are filled: their readers take each row once.
    pub fn fill(&self, rollup: &Rollup) -> String {
        let columns = super::columns_of(rollup.table).join(", ");
        let select = rollup.select.replace("{source}", &self.qualified(rollup.source));
        format!(
            "INSERT INTO {} ({columns}) SELECT {columns} FROM ({select}) SETTINGS insert_deduplicate = 0, distributed_foreground_insert = 1",
            self.qualified(rollup.table)
        )
    }

    /// A materialised view of an earlier schema, which filled what the ingester fills now.
    pub fn drop_view(&self, name: &str) -> String {
        format!("DROP VIEW IF EXISTS {}{}", self.qualified(name), self.on_cluster())
    }

    /// A column that the definition has and the table has not.
    pub fn add_column(&self, target: &str, name: &str, kind: &str) -> String {
        format!(
            "ALTER TABLE {}{} ADD COLUMN IF NOT EXISTS {} {kind}",
            self.qualified(target),
            self.on_cluster(),
            ident(name)
        )
    }

    /// The index of a column's words: a text index where ClickHouse has them (26.2), else a bloom filter of words, which
    /// passes over stretches that lack a rare word. Rows that are there get it when their parts are merged.
    pub fn add_words(&self, table: &Table, has_text_index: bool) -> Option<String> {
        let kind = if has_text_index {
            "text(tokenizer = splitByNonAlpha)"
        } else {
            "tokenbf_v1(32768, 3, 0) GRANULARITY 1"
        };
        Some(format!(
            "ALTER TABLE {}{} ADD INDEX IF NOT EXISTS words {} TYPE {kind}",
            self.stored(table.name),
            self.on_cluster(),
            super::words_of(table.words?)
        ))
    }

    /// Columns that the definition has in the sorting key and the table has not: they go to the key's end in the
    /// same statement, which ClickHouse takes only so, and which touches no row that is there.
    pub fn extend_key(&self, table: &Table, missing: &[(&str, &str)]) -> String {
        let columns =
            missing.iter().map(|(name, kind)| format!("ADD COLUMN IF NOT EXISTS {} {kind}", ident(name)));
        format!(
            "ALTER TABLE {}{} {}, MODIFY ORDER BY {}",
            self.stored(table.name),
            self.on_cluster(),
            columns.collect::<Vec<_>>().join(", "),
            table.order
        )
    }

    /// Another retention.
    pub fn modify_ttl(&self, table: &Table, ttl: &str) -> String {
        format!("ALTER TABLE {}{} MODIFY TTL {ttl}", self.stored(table.name), self.on_cluster())
    }

    /// When rows go, in the words in which ClickHouse shows it.
    pub fn ttl(&self, table: &Table) -> Option<String> {
        let (column, keep) = table.keep?;
        let days = self.retention.days(keep);
        Some(format!("toDateTime({column}) + toIntervalDay({days})"))
    }

    /// Name of the setting that holds the deduplication window.
    pub fn window_setting(&self) -> &'static str {
        match self.form {
            Form::Cluster(_) => "replicated_deduplication_window",
            _ => "non_replicated_deduplication_window",
        }
    }

    fn engine(&self, table: &Table) -> String {
        let (family, version) = match table.engine {
            Engine::Merge => ("MergeTree", ""),
            Engine::Aggregating => ("AggregatingMergeTree", ""),
            Engine::Replacing(version) => ("ReplacingMergeTree", version),
        };
        let Form::Cluster(_) = self.form else {
            return if version.is_empty() { family.to_owned() } else { format!("{family}({version})") };
        };
        let path = format!("/clickhouse/tables/{{cluster}}/{{shard}}/{}/{}", self.database, table.name);
        let version = if version.is_empty() { String::new() } else { format!(", {version}") };
        format!("Replicated{family}({}, '{{replica}}'{version})", string(&path))
    }

    fn settings(&self, table: &Table) -> String {
        // An insert is on the disk when it is answered: the log in front of it is trimmed then.
        format!(
            "index_granularity = {}, min_bytes_for_wide_part = {COMPACT_UP_TO}, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, {} = {DEDUPLICATION_WINDOW}, fsync_after_insert = 1, fsync_part_directory = 1",
            table.granularity,
            self.window_setting()
        )
    }
}
