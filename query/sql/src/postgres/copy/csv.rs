//! Rows as CSV, as Postgres writes it: NULL is nothing, an empty text is a pair of quotes.

use bytes::{Bytes, BytesMut};
use pgwire::api::results::FieldInfo;
use pgwire::error::PgWireResult;
use pgwire::types::ToSqlText;
use postgres_types::IsNull;

/// The signs of a CSV file, and what stands for NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Options {
    pub(super) delimiter: char,
    pub(super) quote: char,
    pub(super) escape: char,
    pub(super) null: String,
}

/// A row under way.
pub(in super::super) struct Row {
    options: Options,
    text: String,
    started: bool,
    value: BytesMut,
}

impl Row {
    pub(super) fn new(options: Options) -> Self {
        Self { options, text: String::new(), started: false, value: BytesMut::new() }
    }

    pub(super) fn encode(&mut self, value: &impl ToSqlText, field: &FieldInfo) -> PgWireResult<()> {
        let mut bytes = std::mem::take(&mut self.value);
        bytes.clear();
        match value.to_sql_text(field.datatype(), &mut bytes, field.format_options())? {
            IsNull::Yes => self.put(None),
            IsNull::No => self.put(Some(&String::from_utf8_lossy(&bytes))),
        }
        self.value = bytes;
        Ok(())
    }

    /// Adds a value.
    pub(super) fn put(&mut self, value: Option<&str>) {
        let Self { options, text, started, .. } = self;
        if std::mem::replace(started, true) {
            text.push(options.delimiter);
        }
        let Some(value) = value else { return text.push_str(&options.null) };
        let signs = [options.delimiter, options.quote, '\n', '\r'];
        // `\.` alone in a line would end the file.
        if !value.contains(signs) && value != options.null && !value.is_empty() && value != "\\." {
            return text.push_str(value);
        }
        text.push(options.quote);
        for sign in value.chars() {
            if sign == options.quote || sign == options.escape {
                text.push(options.escape);
            }
            text.push(sign);
        }
        text.push(options.quote);
    }

    /// The row with its end; the next one begins.
    pub(super) fn take(&mut self) -> Bytes {
        self.started = false;
        self.text.push('\n');
        Bytes::from(std::mem::take(&mut self.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(options: &Options, values: &[Option<&str>]) -> String {
        let mut row = Row::new(options.clone());
        values.iter().for_each(|value| row.put(*value));
        String::from_utf8_lossy(&row.take()).into_owned()
    }

    #[test]
    fn null_and_an_empty_text_differ() {
        let usual = Options { delimiter: ',', quote: '"', escape: '"', null: String::new() };
        assert_eq!(row(&usual, &[Some("a"), None, Some("")]), "a,,\"\"\n");
        assert_eq!(
            row(&usual, &[Some("a,b"), Some("say \"é\""), Some("x\ny")]),
            "\"a,b\",\"say \"\"é\"\"\",\"x\ny\"\n"
        );
        assert_eq!(row(&usual, &[None]), "\n");
        let other = Options { delimiter: ';', quote: '\'', escape: '\\', null: "NULL".to_owned() };
        assert_eq!(
            row(&other, &[None, Some("NULL"), Some("it's"), Some("a,b")]),
            "NULL;'NULL';'it\\'s';a,b\n"
        );
    }
}
