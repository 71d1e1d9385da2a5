//! One read of one view: the typed question, and the only place where it becomes SQL.

mod classify;
mod predicate;
mod render;
#[cfg(test)]
mod tests;

pub(crate) use classify::classify;
pub(crate) use predicate::Predicate;

use crate::catalog::{Column, View};

/// A read of a view, for one tenant.
#[derive(Debug, Clone)]
pub(crate) struct Scan {
    pub(crate) view: &'static View,
    pub(crate) columns: Vec<&'static Column>,
    /// Joined by AND.
    pub(crate) predicates: Vec<Predicate>,
    pub(crate) limit: Option<usize>,
}

impl Scan {
    /// The SQL for `tenant`. `table` quotes and qualifies a table's name. Without columns
    /// the answer is one row: the number of rows.
    pub(crate) fn sql(&self, tenant: &str, table: impl Fn(&str) -> String) -> String {
        render::select(self, tenant, &table)
    }
}

impl std::fmt::Display for Scan {
    /// What the plan shows: no SQL, no tenant.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.columns.iter().map(|column| column.name).collect();
        write!(f, "view={}, columns=[{}]", self.view.name, names.join(", "))?;
        if !self.predicates.is_empty() {
            let texts: Vec<_> = self.predicates.iter().map(ToString::to_string).collect();
            write!(f, ", filters=[{}]", texts.join(" AND "))?;
        }
        if let Some(limit) = self.limit {
            write!(f, ", limit={limit}")?;
        }
        Ok(())
    }
}
