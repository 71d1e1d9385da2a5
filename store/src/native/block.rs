//! Named columns of equal length: what one insert carries.

use super::{Column, varuint};

/// A block of rows for one table, with columns of its own or borrowed ones.
#[derive(Debug, Default)]
pub struct Block<'a> {
    columns: Vec<(String, Box<dyn Column + 'a>)>,
    order: Option<Vec<u32>>,
}

impl<'a> Block<'a> {
    /// A block without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, column: impl Column + 'a) -> Self {
        self.push(name, column);
        self
    }

    /// Adds a column.
    pub fn push(&mut self, name: impl Into<String>, column: impl Column + 'a) {
        self.columns.push((name.into(), Box::new(column)));
    }

    /// Sends the rows in this order: each row's number once. Rows that come in the order of the
    /// table's key need not be sorted by the store.
    #[must_use]
    pub fn ordered(mut self, order: Vec<u32>) -> Self {
        self.order = Some(order);
        self
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

    /// Whether all columns have the same number of rows, and the order names each once; the
    /// words say what is not so.
    pub fn check(&self) -> Result<(), String> {
        let rows = self.rows();
        for (name, column) in &self.columns {
            if column.rows() != rows {
                let (first, _) = &self.columns[0];
                return Err(format!("column {name} has {} rows, column {first} has {rows}", column.rows()));
            }
        }
        if let Some(order) = &self.order {
            let mut seen = vec![false; rows];
            let fresh =
                |row: &&u32| seen.get_mut(**row as usize).is_some_and(|seen| !std::mem::replace(seen, true));
            let different = order.iter().filter(fresh).count();
            if different != rows || order.len() != rows {
                return Err(format!("the order has {} rows, {different} of the block's {rows}", order.len()));
            }
        }
        Ok(())
    }

    /// Appends the block in the Native format.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        out.reserve(self.byte_size() + 64 * self.columns.len());
        varuint(out, self.columns.len() as u64);
        varuint(out, self.rows() as u64);
        let picked: Option<Vec<_>> =
            self.order.as_ref().map(|order| order.iter().map(|row| *row..*row + 1).collect());
        for (name, column) in &self.columns {
            text(out, name);
            text(out, &column.type_name());
            column.encode_head(out);
            match &picked {
                Some(picked) => column.encode_picked(picked, out),
                None => column.encode_into(out),
            }
        }
    }
}

fn text(out: &mut Vec<u8>, value: &str) {
    varuint(out, value.len() as u64);
    out.extend_from_slice(value.as_bytes());
}
