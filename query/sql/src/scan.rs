//! One read of one view: the typed question, and the only place where it becomes SQL.

mod classify;
mod groups;
mod predicate;
mod render;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use classify::{classify, operand_of};
pub(crate) use groups::{Aggregate, Figure, Groups, Key};
pub(crate) use predicate::{Compare, Literal, Operand, Predicate, Test};

use crate::catalog::{Column, View};

/// What ClickHouse is asked, for one tenant.
#[derive(Debug, Clone)]
pub(crate) enum Question {
    /// Rows of a view.
    Rows(Scan),
    /// Groups of such rows.
    Groups(Groups),
}

/// A read of a view.
#[derive(Debug, Clone)]
pub(crate) struct Scan {
    pub(crate) view: &'static View,
    pub(crate) outputs: Vec<Output>,
    /// Joined by AND.
    pub(crate) predicates: Vec<Predicate>,
    /// In this order, the first rows only if there is a limit.
    pub(crate) order: Vec<Order>,
    pub(crate) limit: Option<usize>,
    /// Of a view of groups, the rows of the table that the groups are made of: what is asked puts them together itself.
    pub(crate) apart: bool,
}

/// What is told of a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Output {
    Column(&'static Column),
    /// `attr(column, 'key')`.
    Attribute(&'static Column, String),
    /// Whether a condition holds, as 1 or 0; what is not known does not hold.
    Holds(Predicate),
}

/// By which output rows are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Order {
    pub(crate) output: usize,
    pub(crate) descending: bool,
    pub(crate) nulls_first: bool,
}

impl Output {
    /// The columns it is made of.
    fn columns(&self) -> Vec<&'static Column> {
        match self {
            Self::Column(column) | Self::Attribute(column, _) => vec![*column],
            Self::Holds(predicate) => predicate.columns(),
        }
    }
}

impl Question {
    /// The view that is read.
    pub(crate) fn view(&self) -> &'static View {
        match self {
            Self::Rows(scan) => scan.view,
            Self::Groups(groups) => groups.rows.view,
        }
    }

    /// The columns that are told, grouped by or looked at.
    pub(crate) fn columns(&self) -> Vec<&'static Column> {
        let rows = self.rows();
        let told = rows.outputs.iter().flat_map(Output::columns);
        told.chain(rows.predicates.iter().flat_map(Predicate::columns)).collect()
    }

    /// Whether the first rows that are found are enough, so that what the conditions let through is not read to its end.
    pub(crate) fn stops_early(&self) -> bool {
        matches!(self, Self::Rows(scan) if scan.limit.is_some()
            && scan.order.is_empty()
            && scan.predicates.iter().all(|one| one.is_judged_at_once(scan.view)))
    }

    /// A read of each table for which all conditions hold that find rows.
    pub(crate) fn probes(&self, tenant: &str, table: impl Fn(&str) -> String) -> Vec<String> {
        render::probes(self.rows(), tenant, &table)
    }

    fn rows(&self) -> &Scan {
        match self {
            Self::Rows(scan) => scan,
            Self::Groups(groups) => &groups.rows,
        }
    }

    /// Whether nothing but their number is asked of rows or groups.
    pub(crate) fn counts(&self) -> bool {
        match self {
            Self::Rows(scan) => scan.outputs.is_empty(),
            Self::Groups(groups) => groups.told.is_empty(),
        }
    }

    /// The SQL for `tenant`. `table` quotes and qualifies a table's name. When only their number is asked, the answer is
    /// one row: the number of rows.
    pub(crate) fn sql(&self, tenant: &str, table: impl Fn(&str) -> String) -> String {
        match self {
            Self::Rows(scan) if self.counts() => {
                format!("SELECT count() AS c0 FROM ({}) AS n", render::select(scan, tenant, &table))
            }
            Self::Rows(scan) => render::select(scan, tenant, &table),
            Self::Groups(groups) => groups.sql(&render::select(&groups.rows, tenant, &table)),
        }
    }
}

impl std::fmt::Display for Question {
    /// What the plan shows beside the SQL.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rows(scan) => scan.fmt(f),
            Self::Groups(groups) => groups.fmt(f),
        }
    }
}

impl std::fmt::Display for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.outputs.iter().map(ToString::to_string).collect();
        write!(f, "view={}, columns=[{}]", self.view.name, names.join(", "))?;
        if !self.predicates.is_empty() {
            let texts: Vec<_> = self.predicates.iter().map(ToString::to_string).collect();
            write!(f, ", filters=[{}]", texts.join(" AND "))?;
        }
        if !self.order.is_empty() {
            let texts: Vec<_> = self
                .order
                .iter()
                .map(|by| format!("{}{}", names[by.output], if by.descending { " DESC" } else { "" }))
                .collect();
            write!(f, ", order=[{}]", texts.join(", "))?;
        }
        if let Some(limit) = self.limit {
            write!(f, ", limit={limit}")?;
        }
        Ok(())
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Column(column) => write!(f, "{}", column.name),
            Self::Attribute(column, key) => write!(f, "attr({}, {key:?})", column.name),
            Self::Holds(predicate) => write!(f, "{predicate}"),
        }
    }
}
