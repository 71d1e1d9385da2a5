//! One migrator at a time.
//!
//! The lock is a table: ClickHouse makes a table of a name once, so who makes it has the
//! lock. A lock whose holder is known to be gone (a process of this machine that does not
//! exist), or that is older than ten minutes, is taken over.

use std::time::Duration;

use crate::client::Store;
use crate::error::{Result, StoreError};
use crate::literal::string;
use crate::schema::Renderer;

const TABLE: &str = "schema_lock";
const TABLE_ALREADY_EXISTS: u32 = 57;
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(300);
const STALE_AFTER_S: i64 = 600;

/// The lock, held.
#[derive(Debug)]
pub(crate) struct Lock {
    drop_sql: String,
}

#[derive(clickhouse::Row, serde::Deserialize)]
struct Holder {
    comment: String,
    age_s: i64,
}

impl Lock {
    pub(crate) async fn take(store: &Store, renderer: &Renderer) -> Result<Self> {
        let (table, on_cluster) = (renderer.qualified(TABLE), renderer.on_cluster());
        let me = format!("{} {}", host(), std::process::id());
        let create =
            format!("CREATE TABLE {table}{on_cluster} (x UInt8) ENGINE = Memory COMMENT {}", string(&me));
        let lock = Self { drop_sql: format!("DROP TABLE IF EXISTS {table}{on_cluster} SYNC") };
        let begun = std::time::Instant::now();
        loop {
            match store.execute(&create).await {
                Ok(()) => return Ok(lock),
                Err(error) if error.code() == Some(TABLE_ALREADY_EXISTS) => {}
                Err(error) => return Err(error),
            }
            let sql = format!(
                "SELECT comment, toInt64(now()) - toInt64(metadata_modification_time) AS age_s FROM system.tables WHERE database = {} AND name = {}",
                string(&renderer.database),
                string(TABLE)
            );
            let Some(holder) = store.admin_rows::<Holder>(&sql).await?.pop() else { continue };
            if holder.age_s > STALE_AFTER_S || is_gone(&holder.comment) {
                tracing::warn!(holder = %holder.comment, "taking over the lock of a migrator that is gone");
                lock.release(store).await?;
                continue;
            }
            if begun.elapsed() > PATIENCE {
                return Err(StoreError::Migration(format!(
                    "another migrator ({}) has held {table} for {} s: wait for it, or drop that table if it is gone",
                    holder.comment, holder.age_s
                )));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub(crate) async fn release(&self, store: &Store) -> Result<()> {
        store.execute(&self.drop_sql).await
    }
}

fn host() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map_or_else(|_| "unknown".to_owned(), |name| name.trim().to_owned())
}

/// Whether the holder was a process of this machine that does not exist any more.
fn is_gone(holder: &str) -> bool {
    let Some((machine, pid)) = holder.rsplit_once(' ') else { return false };
    machine == host()
        && pid.parse::<u32>().is_ok()
        && std::path::Path::new("/proc/self").exists()
        && !std::path::Path::new("/proc").join(pid).exists()
}
