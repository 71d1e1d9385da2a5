//! A portfolio in one CSV file: everything that happened, a line an event, in any order.
//!
//! [`read`] gives the entries that [`crate::book`] books; [`read_labels`] a table of what symbols are;
//! [`read_days`] a line a day, for where only the whole is known. A line that cannot be read ends the reading
//! with its place: leaving it out would make up a portfolio.

mod days;
mod line;
mod table;
mod when;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::Read;

use crate::book::{Entry, Labels};

use line::Line;
use table::Table;

/// What is wrong with a file, and where.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{file}:{line}: {}{detail}", column.as_ref().map(|name| format!("column {name}: ")).unwrap_or_default())]
pub struct FileError {
    /// Name of the file.
    pub file: String,
    /// The first is 1, the header.
    pub line: u64,
    /// Its name in the header; `None` when it is about the whole line.
    pub column: Option<String>,
    /// What is wrong there.
    pub detail: String,
}

/// The columns of a portfolio's file.
const COLUMNS: [&str; 11] =
    ["date", "type", "symbol", "quantity", "price", "amount", "currency", "fee", "id", "ref", "note"];

/// Reads a portfolio. `currency` is that of lines that name none.
///
/// Lines without an id get one of what they say, so that it does not depend on their place in the file; of
/// lines that say the same the second has ` #2` behind it, and all of them count.
pub fn read(name: &str, input: impl Read, currency: Option<&str>) -> Result<Vec<Entry>, FileError> {
    let mut table = Table::open(name, input, |column| COLUMNS.contains(&column), &["date", "type"])?;
    let mut repeated: HashMap<String, usize> = HashMap::new();
    let mut entries = Vec::new();
    while let Some(row) = table.next()? {
        let mut entry = Line::new(&row, currency).entry()?;
        if row.get("id").is_empty() {
            let count = repeated.entry(entry.event_id.clone()).or_default();
            *count += 1;
            if *count > 1 {
                entry.event_id = format!("{} #{count}", entry.event_id);
            }
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// Reads what symbols are: a column `symbol`, and a column for each label, such as `asset_class`, `sector` or
/// `venue`. An empty field is no label.
pub fn read_labels(name: &str, input: impl Read) -> Result<Labels, FileError> {
    let mut table = Table::open(name, input, |_| true, &["symbol"])?;
    let mut labels = Labels::new();
    while let Some(row) = table.next()? {
        let symbol = row.get("symbol");
        if symbol.is_empty() {
            return Err(row.wrong("symbol", "is empty"));
        }
        let of = row.fields().filter(|(column, field)| *column != "symbol" && !field.is_empty());
        let of = of.map(|(column, field)| (column.to_owned(), field.to_owned())).collect();
        if labels.insert(symbol.to_owned(), of).is_some() {
            return Err(row.wrong("symbol", format!("{symbol} is there a second time")));
        }
    }
    Ok(labels)
}

pub use days::{Contents, read_days, read_either, read_values};
pub use when::{moment, moment_or_end};
