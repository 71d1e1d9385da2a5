//! Bringing a database to the schema of this program, and keeping it there.
//!
//! The migrator compares what is there with the definitions of [`crate::schema`] and runs
//! what is missing: tables, columns (those of a sorting key at its end), indexes of words, another retention, and the rows of a rollup that came later than what
//! it is made of. It only adds; it never drops a table
//! or a column (of views, which hold nothing, those of an earlier schema go), and a repeated
//! run does nothing. Every statement that was
//! run is recorded in `schema_migrations`, a few at a time, and every statement may be run
//! twice: an interrupted run goes on where it stopped. Two migrators at a time are kept
//! apart by a lock table.

mod lock;
mod state;

use crate::client::Store;
use crate::error::{Result, StoreError};
use crate::literal::string;
use crate::schema::{self, Form, Renderer, Retention, Table};
use lock::Lock;
pub(crate) use state::State;

/// The journal of statements.
pub const JOURNAL: &str = "schema_migrations";

/// Statements between two records.
const RECORDED_TOGETHER: usize = 8;

/// A statement to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name in the journal, for example `table/spans`.
    pub id: String,
    /// The statement.
    pub sql: String,
}

/// Plans and runs migrations of one database.
#[derive(Debug)]
pub struct Migrator {
    store: Store,
    renderer: Renderer,
}

impl Migrator {
    /// A migrator for `store`'s database. In a cluster (`store` names one) the form is
    /// [`Form::Cluster`] whatever `form` says.
    pub fn new(store: &Store, form: Form, retention: Retention) -> Self {
        let form = store.config().cluster.clone().map_or(form, Form::Cluster);
        let renderer = Renderer { form, database: store.database().to_owned(), retention };
        Self { store: store.clone(), renderer }
    }

    /// How this store's statements are written.
    pub fn renderer(&self) -> &Renderer {
        &self.renderer
    }

    /// The statements that a run would run now, in order.
    pub async fn plan(&self) -> Result<Vec<Step>> {
        let state = State::read(&self.store, &self.renderer).await?;
        if let Some(newer) = state.version.filter(|version| *version > schema::VERSION) {
            return Err(StoreError::Migration(format!(
                "database {} has schema {newer}, this program knows {}: update the program",
                self.store.database(),
                schema::VERSION
            )));
        }
        let mut steps = Vec::new();
        if !state.has_table(JOURNAL) {
            steps.push(Step { id: "database".to_owned(), sql: self.renderer.create_database() });
            steps.push(Step { id: "journal".to_owned(), sql: self.create_journal() });
        }
        for table in schema::tables() {
            self.plan_table(&state, &table, &mut steps);
        }
        for (number, rollup) in (0..).zip(schema::rollups()) {
            let (id, source) =
                (format!("fill/{}/{number}", rollup.table), format!("table/{}", rollup.source));
            let is_older = state.first_version(&source).is_some_and(|version| version < rollup.since);
            if is_older && !state.is_recorded(&id) {
                steps.push(Step { id, sql: self.renderer.fill(&rollup) });
            }
        }
        for view in schema::RETIRED_VIEWS.into_iter().filter(|view| state.has_table(view)) {
            steps.push(Step { id: format!("drop/view/{view}"), sql: self.renderer.drop_view(view) });
        }
        Ok(steps)
    }

    /// Runs what is to be run. `progress` hears of each statement before it runs: its
    /// place from 0, how many there are, and the step. The number that were run comes
    /// back.
    pub async fn run(&self, mut progress: impl FnMut(usize, usize, &Step)) -> Result<usize> {
        self.store.execute(&self.renderer.create_database()).await?;
        let lock = Lock::take(&self.store, &self.renderer).await?;
        let outcome = async {
            let steps = self.plan().await?;
            for (batch, done) in steps.chunks(RECORDED_TOGETHER).zip(0..) {
                for (step, at) in batch.iter().zip(done * RECORDED_TOGETHER..) {
                    progress(at, steps.len(), step);
                    self.store.execute(&step.sql).await?;
                }
                self.record(batch).await?;
            }
            Ok(steps.len())
        }
        .await;
        lock.release(&self.store).await?;
        outcome
    }

    /// Runs one step and records it.
    pub async fn apply(&self, step: &Step) -> Result<()> {
        self.store.execute(&step.sql).await?;
        self.record(std::slice::from_ref(step)).await
    }

    async fn record(&self, steps: &[Step]) -> Result<()> {
        let rows: Vec<_> = steps
            .iter()
            .filter(|step| !matches!(step.id.as_str(), "database" | "journal"))
            .map(|step| {
                let (id, checksum) = (string(&step.id), string(&checksum(&step.sql)));
                format!("({}, {id}, {checksum}, now64(3))", schema::VERSION)
            })
            .collect();
        if rows.is_empty() {
            return Ok(());
        }
        let journal = self.renderer.qualified(JOURNAL);
        let columns = "(version, step, checksum, applied_at)";
        self.store.execute(&format!("INSERT INTO {journal} {columns} VALUES {}", rows.join(", "))).await
    }

    fn plan_table(&self, state: &State, table: &Table, steps: &mut Vec<Step>) {
        let renderer = &self.renderer;
        let stored = renderer.stored_name(table.name);
        let id = format!("table/{}", table.name);
        if !state.has_table(&stored) || !state.is_recorded(&id) {
            steps.push(Step { id, sql: renderer.create_table(table) });
        }
        if let Some(sql) = renderer.create_distributed(table) {
            let id = format!("distributed/{}", table.name);
            if !state.has_table(table.name) || !state.is_recorded(&id) {
                steps.push(Step { id, sql });
            }
        }
        if let Some(sql) = renderer.add_words(table, state.has_text_index)
            && !state.has_index(&stored, "words")
        {
            steps.push(Step { id: format!("words/{}", table.name), sql });
        }
        if !state.has_table(&stored) {
            return;
        }
        let mut targets = vec![stored.as_str()];
        if stored != table.name && state.has_table(table.name) {
            targets.push(table.name);
        }
        let in_key = |name: &str| {
            table.order.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
        };
        let missing =
            table.columns.iter().filter(|(name, _)| in_key(name) && !state.has_column(&stored, name));
        let missing: Vec<(&str, &str)> = missing.copied().collect();
        if !missing.is_empty() {
            let id = format!("key/{}", table.name);
            steps.push(Step { id, sql: renderer.extend_key(table, &missing) });
        }
        for target in targets {
            for (name, kind) in &table.columns {
                let is_key_of_rows = target == stored && in_key(name);
                if !state.has_column(target, name) && !is_key_of_rows {
                    // A Distributed table has types only.
                    let plain = kind.split(" CODEC(").next().unwrap_or(kind);
                    let kind = if target == stored { kind } else { plain };
                    steps.push(Step {
                        id: format!("column/{target}/{name}"),
                        sql: renderer.add_column(target, name, kind),
                    });
                }
            }
        }
        if let Some(ttl) = renderer.ttl(table)
            && state.ttl(&stored).as_deref() != Some(ttl.as_str())
        {
            steps.push(Step { id: format!("ttl/{}", table.name), sql: renderer.modify_ttl(table, &ttl) });
        }
    }

    fn create_journal(&self) -> String {
        let engine = match self.renderer.form {
            Form::Cluster(_) => format!(
                "ReplicatedMergeTree('/clickhouse/tables/{{cluster}}/all/{}/{JOURNAL}', '{{shard}}-{{replica}}')",
                self.renderer.database
            ),
            _ => "MergeTree".to_owned(),
        };
        format!(
            "CREATE TABLE IF NOT EXISTS {}{} (version UInt32, step String, checksum String, applied_at DateTime64(3, 'UTC')) ENGINE = {engine} ORDER BY (version, step)",
            self.renderer.qualified(JOURNAL),
            self.renderer.on_cluster()
        )
    }
}

/// A short mark of a statement's text.
fn checksum(sql: &str) -> String {
    blake3::hash(sql.as_bytes()).to_hex()[..16].to_owned()
}
