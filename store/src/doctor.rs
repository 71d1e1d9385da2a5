//! A look at the database as it is: version, tables, retention, windows, parts, disks and
//! drift, each against what it should be.

mod checks;
mod facts;
mod kept;

pub use kept::{Kept, kept};

use serde::Serialize;

use crate::client::Store;
use crate::error::Result;
use crate::schema::{Form, Renderer, Retention};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Ok,
    /// Works, and wants attention.
    Warn,
    /// Does not work, or loses something.
    Fail,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it came out.
    pub status: Status,
    /// What was found.
    pub detail: String,
    /// What to do; empty when nothing.
    pub hint: String,
}

/// A table's size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableReport {
    /// Its name; in a cluster the part of the node that was asked.
    pub name: String,
    /// Rows.
    pub rows: u64,
    /// Bytes on the disk.
    pub bytes: u64,
    /// Active parts.
    pub parts: u64,
    /// Active parts of the partition that has most.
    pub most_parts: u64,
}

/// What the doctor found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The checks, in the order of the questions.
    pub checks: Vec<Check>,
    /// The tables.
    pub tables: Vec<TableReport>,
}

impl Report {
    /// The worst of the checks.
    pub fn status(&self) -> Status {
        self.checks.iter().map(|check| check.status).max().unwrap_or(Status::Ok)
    }

    /// The check of a name.
    pub fn check(&self, name: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.name == name)
    }
}

/// Looks at `store`'s database. An error means that ClickHouse did not answer at all.
pub async fn examine(store: &Store, form: Form, retention: Retention) -> Result<Report> {
    let renderer = renderer(store, form, retention);
    let facts = facts::Facts::read(store, &renderer).await?;
    Ok(Report { checks: checks::all(&facts, &renderer), tables: facts.tables })
}

fn renderer(store: &Store, form: Form, retention: Retention) -> Renderer {
    let form = store.config().cluster.clone().map_or(form, Form::Cluster);
    Renderer { form, database: store.database().to_owned(), retention }
}
