//! What was asked is on record.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use headroom_sql::{Ledger, Principal, SqlConfig, SqlDoor, SqlError};
use serde_json::json;

use crate::data::{self, who};

/// What it was told, until it is full.
#[derive(Default)]
struct Book {
    told: Mutex<Vec<String>>,
    most: usize,
}

impl Ledger for Book {
    fn asked(&self, by: &Principal, door: &str, statement: &str) -> Result<(), String> {
        let mut told = self.told.lock().unwrap();
        if told.len() == self.most {
            return Err("the book is full".to_owned());
        }
        told.push(format!("{}/{} by {door}: {statement}", by.tenant, by.name));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_are_on_record_before_they_run_and_after() {
    let store = data::store().await;
    let book = Arc::new(Book { most: 2, ..Book::default() });
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap().recording(book.clone());
    let ask = async |tenant: &str, sql: &str| door.query_json(&who(tenant), sql, None).await;
    ask("acme", "SELECT service FROM spans LIMIT 3").await.unwrap();
    ask("other", "SELECT 1 AS other").await.unwrap();
    assert!(ask("acme", "DROP TABLE spans").await.is_err());
    assert_eq!(
        ask("acme", "SELECT 2").await.unwrap_err(),
        SqlError::Unrecorded,
        "what cannot be recorded is not run"
    );
    assert_eq!(
        *book.told.lock().unwrap(),
        ["acme/ada by http: SELECT service FROM spans LIMIT 3", "other/ada by http: SELECT 1 AS other"]
    );

    // Another door to the same data, without a book: the rows are there soon, and of one's own tenant alone.
    let reader = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap();
    let sql = "SELECT actor, door, statement, sqlstate, error, row_count FROM queries WHERE actor = 'ada' AND statement NOT LIKE '%queries%' ORDER BY ts, id";
    let mut rows = Vec::new();
    for _ in 0..100 {
        rows = reader.query_json(&who("acme"), sql, None).await.unwrap().rows;
        if rows.len() == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    rows.sort_by_key(|row| row[2].to_string());
    let unrecorded = "the statement was not run: it could not be put on record";
    assert_eq!(
        json!(rows),
        json!([
            [
                "ada",
                "http",
                "DROP TABLE spans",
                "25006",
                "DROP TABLE is not allowed: this door only reads",
                0
            ],
            ["ada", "http", "SELECT 2", "58000", unrecorded, 0],
            ["ada", "http", "SELECT service FROM spans LIMIT 3", "00000", null, 3],
        ])
    );
}
