//! Named columns of equal length: what one insert carries.

use super::{Column, varuint};

/// A block of rows for one table.
#[derive(Debug, Default)]
pub struct Block {
    columns: Vec<(String, Box<dyn Column>)>,
}

impl Block {
    /// A block without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, column: impl Column) -> Self {
        self.push(name, column);
        self
    }

    /// Adds a column.
    pub fn push(&mut self, name: impl Into<String>, column: impl Column) {
        self.columns.push((name.into(), Box::new(column)));
    }

    /// Rows, by the first column; 0 without columns.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.rows())
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows() == 0
    }

    /// Bytes of all columns' data.
    pub fn byte_size(&self) -> usize {
        self.columns.iter().map(|(_, column)| column.byte_size()).sum()
    }

    /// The columns' names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// Whether all columns have the same number of rows; the words name one that
    /// has not.
    pub fn check(&self) -> Result<(), String> {
        let rows = self.rows();
        for (name, column) in &self.columns {
            if column.rows() != rows {
                let (first, _) = &self.columns[0];
                return Err(format!("column {name} has {} rows, column {first} has {rows}", column.rows()));
            }
        }
        Ok(())
    }

    /// Appends the block in the Native format.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        out.reserve(self.byte_size() + 64 * self.columns.len());
        varuint(out, self.columns.len() as u64);
        varuint(out, self.rows() as u64);
        for (name, column) in &self.columns {
            text(out, name);
            text(out, &column.type_name());
            column.encode_head(out);
            column.encode_into(out);
        }
    }
}

fn text(out: &mut Vec<u8>, value: &str) {
    varuint(out, value.len() as u64);
    out.extend_from_slice(value.as_bytes());
}
