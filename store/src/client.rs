//! The store: one ClickHouse over its HTTP interface.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use clickhouse::{Client, Compression, RowOwned, RowRead, RowWrite};

use crate::config::StoreConfig;
use crate::error::{Result, StoreError};
use crate::literal;
use crate::native::Block;

/// Settings of every reading statement: what SQL promises, and times in UTC.
const READ_SETTINGS: &[(&str, &str)] = &[
    ("join_use_nulls", "1"),
    ("union_default_mode", "DISTINCT"),
    ("session_timezone", "UTC"),
    ("output_format_arrow_compression_method", "none"),
];

/// Settings of every insert. The server must take the block as one part (the token stands
/// for the whole block) and must not put it into a queue of its own.
const INSERT_SETTINGS: &[(&str, &str)] = &[
    ("async_insert", "0"),
    ("insert_deduplicate", "1"),
    ("deduplicate_blocks_in_dependent_materialized_views", "1"),
    ("input_format_native_allow_types_conversion", "1"),
    ("max_insert_block_size", "10000000"),
    ("min_insert_block_size_rows", "10000000"),
    ("min_insert_block_size_bytes", "4294967296"),
    ("max_partitions_per_insert_block", "1000"),
    ("session_timezone", "UTC"),
];

/// One ClickHouse and one database in it. Clones are cheap and share connections.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// For SELECTs: protective settings and the database.
    read: Client,
    /// For inserts.
    insert: Client,
    /// For DDL and administration: no settings but the time zone, no database.
    admin: Client,
    /// The address without user and password, for messages.
    shown_url: String,
    config: StoreConfig,
}

impl Store {
    /// Prepares the clients; nothing is sent yet.
    pub fn connect(config: &StoreConfig) -> Result<Self> {
        let url = url::Url::parse(&config.url).map_err(|error| {
            StoreError::Config(format!("clickhouse url {:?} cannot be read: {error}", config.url))
        })?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(StoreError::Config(format!(
                "clickhouse url {:?} must begin with http:// or https:// and name a host",
                config.url
            )));
        }
        if config.database.is_empty() {
            return Err(StoreError::Config("clickhouse database must have a name".to_owned()));
        }
        let loopback = match url.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        };
        let compression =
            if config.compress.unwrap_or(!loopback) { Compression::Lz4 } else { Compression::None };
        let mut base = Client::default()
            .with_url(url.as_str())
            .with_compression(compression)
            .with_product_info("headroom", env!("CARGO_PKG_VERSION"));
        if !config.user.is_empty() {
            base = base.with_user(&config.user).with_password(&config.password);
        }
        let with = |client: Client, settings: &[(&str, &str)]| {
            settings.iter().fold(client, |client, (name, value)| client.with_setting(*name, *value))
        };
        let seconds = config.query_timeout().as_secs().to_string();
        let mut read = with(base.clone().with_database(&config.database), READ_SETTINGS)
            .with_setting("max_execution_time", seconds);
        let mut insert = with(base.clone(), INSERT_SETTINGS);
        let mut admin = base.with_setting("session_timezone", "UTC");
        if config.cluster.is_some() {
            // A join or IN of two distributed tables must see all shards of both.
            read = read.with_setting("distributed_product_mode", "global");
            insert = insert.with_setting("distributed_foreground_insert", "1");
            admin = admin.with_setting("distributed_ddl_task_timeout", "60");
        }
        let shown_url = url.origin().ascii_serialization();
        let config = config.clone();
        Ok(Self { inner: Arc::new(Inner { read, insert, admin, shown_url, config }) })
    }

    /// The client for SELECTs, with protective settings (NULLs in outer joins, UTC, a time
    /// limit). For streaming reads; [`Store::rows`] is the ordinary way.
    pub fn client(&self) -> &Client {
        &self.inner.read
    }

    /// How the store was configured.
    pub fn config(&self) -> &StoreConfig {
        &self.inner.config
    }

    /// The database of Headroom's tables.
    pub fn database(&self) -> &str {
        &self.inner.config.database
    }

    /// A table of Headroom, qualified and quoted. In a cluster this is the Distributed
    /// table; each node's own is `<name>_local`.
    pub fn table(&self, name: &str) -> String {
        format!("{}.{}", literal::ident(self.database()), literal::ident(name))
    }

    /// The rows of `sql`, which is rendered by Headroom and never a person's text.
    pub async fn rows<T: RowOwned + RowRead>(&self, sql: &str) -> Result<Vec<T>> {
        let answer = self.inner.read.query_raw(sql).fetch_all::<T>();
        self.in_time(self.inner.config.query_timeout(), sql, answer).await
    }

    /// Like [`Store::rows`], without the database and the settings of reading: for
    /// `system` tables, and when the database may not exist yet.
    pub async fn admin_rows<T: RowOwned + RowRead>(&self, sql: &str) -> Result<Vec<T>> {
        let answer = self.inner.admin.query_raw(sql).fetch_all::<T>();
        self.in_time(self.inner.config.query_timeout(), sql, answer).await
    }

    /// Runs a statement without an answer: DDL and administration. Tables must be
    /// qualified.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        let answer = self.inner.admin.query_raw(sql).execute();
        self.in_time(self.inner.config.insert_timeout(), sql, answer).await
    }

    /// Inserts few rows (slices, forecasts) into `table`, by its plain name. The insert is
    /// done when this returns; rows are not deduplicated by content.
    pub async fn insert_rows<T: RowOwned + RowWrite>(&self, table: &str, rows: &[T]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let what = format!("insert into {table}");
        let qualified = self.table(table);
        let answer = async {
            let mut insert = self
                .inner
                .insert
                .insert_unescaped::<T>(&qualified)
                .await?
                .with_setting("insert_deduplication_token", hex::encode(rand::random::<[u8; 16]>()));
            for row in rows {
                insert.write(row).await?;
            }
            insert.end().await
        };
        self.in_time(self.inner.config.insert_timeout(), &what, answer).await
    }

    /// Inserts a block into `table`, by its plain name, in the Native format. The same
    /// `token` again (after a time-out, a crash, a restart) stores nothing twice, rollups
    /// included, as long as it is within the last 10,000 inserts of the table and the
    /// block holds the same rows.
    pub async fn insert_block(&self, table: &str, block: &Block<'_>, token: &str) -> Result<()> {
        self.insert_block_in(table, block, token, &mut Vec::new()).await
    }

    /// [`Store::insert_block`], encoding in the memory of `room`. What that holds is forgotten; it has
    /// its memory back when the insert is through.
    ///
    /// # Errors
    /// As for [`Store::insert_block`].
    pub async fn insert_block_in(
        &self,
        table: &str,
        block: &Block<'_>,
        token: &str,
        room: &mut Vec<u8>,
    ) -> Result<()> {
        if block.is_empty() {
            return Ok(());
        }
        block.check().map_err(|detail| StoreError::Block { table: table.to_owned(), detail })?;
        let mut names = String::new();
        for name in block.names() {
            if !names.is_empty() {
                names.push(',');
            }
            names.push_str(&literal::ident(name));
        }
        let sql = format!("INSERT INTO {} ({names}) FORMAT Native", self.table(table));
        room.clear();
        block.encode_into(room);
        let bytes = Bytes::from(std::mem::take(room));
        let kept = bytes.clone();
        let what = format!("insert into {table}");
        let answer = async {
            let mut insert = self
                .inner
                .insert
                .insert_formatted_with(sql)
                .with_setting("insert_deduplication_token", token);
            insert.send(bytes).await?;
            insert.end().await
        };
        let done = self.in_time(self.inner.config.insert_timeout(), &what, answer).await;
        // A connection that broke off may hold on to it for a while.
        if kept.is_unique() {
            *room = kept.into();
        }
        done
    }

    /// Whether ClickHouse answers.
    pub async fn ping(&self) -> Result<()> {
        let answer = self.inner.admin.query_raw("SELECT 1").fetch_one::<u8>();
        self.in_time(Duration::from_secs(5), "ping", answer).await.map(|_| ())
    }

    async fn in_time<T>(
        &self,
        limit: Duration,
        what: &str,
        answer: impl Future<Output = clickhouse::error::Result<T>>,
    ) -> Result<T> {
        let asked = Instant::now();
        let answer = tokio::time::timeout(limit, answer).await;
        // Which table, and not the statement: what is looked for may be personal.
        tracing::debug!(
            ms = asked.elapsed().as_secs_f64() * 1000.0,
            table = table_of(what),
            "the store answered"
        );
        match answer {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                Err(StoreError::from_client(error, &self.inner.shown_url, shorten(what), limit))
            }
            Err(_) => Err(StoreError::Timeout { seconds: limit.as_secs(), what: shorten(what) }),
        }
    }
}

/// What stands behind the first FROM or INTO of a statement, '' where there is none.
fn table_of(sql: &str) -> &str {
    let mut words = sql.split_whitespace().skip_while(|word| !matches!(*word, "FROM" | "INTO"));
    words.nth(1).unwrap_or_default()
}

/// The first words of a statement, for messages.
fn shorten(sql: &str) -> String {
    let mut words = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((at, _)) = words.char_indices().nth(160) {
        words.truncate(at);
        words.push('…');
    }
    words
}
