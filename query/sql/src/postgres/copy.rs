//! COPY .. TO STDOUT: the rows of a question as text, CSV or Postgres' binary form.

mod csv;

use std::fmt::Debug;
use std::sync::Arc;

use arrow_pg::encoder::Encoder;
use bytes::Bytes;
use datafusion::sql::sqlparser::ast::{CopyLegacyCsvOption, CopyLegacyOption, CopyOption};
use futures::{Sink, SinkExt as _, Stream, StreamExt as _};
use pgwire::api::results::{CopyEncoder, CopyTextOptions, FieldInfo, Tag};
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::PgWireBackendMessage;
use pgwire::messages::copy::{CopyData, CopyDone, CopyOutResponse};
use pgwire::types::ToSqlText;
use postgres_types::ToSql;

use crate::error::{Result, SqlError};

/// What precedes the rows of the binary form: its signature, no flags, no extension.
const BINARY_HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const BINARY_END: &[u8] = &[0xff, 0xff];

/// The form of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Format {
    Text(CopyTextOptions),
    Csv { options: csv::Options, header: bool },
    Binary,
}

/// Options as they are collected.
#[derive(Default)]
struct Wanted {
    format: String,
    delimiter: Option<char>,
    quote: Option<char>,
    escape: Option<char>,
    null: Option<String>,
    header: bool,
}

impl Format {
    /// The form that a statement's options ask for.
    pub(super) fn of(options: &[CopyOption], legacy: &[CopyLegacyOption]) -> Result<Self> {
        let mut wanted = Wanted::default();
        for option in options {
            match option {
                CopyOption::Format(name) => wanted.format = name.value.to_lowercase(),
                CopyOption::Delimiter(one) => wanted.delimiter = Some(*one),
                CopyOption::Quote(one) => wanted.quote = Some(*one),
                CopyOption::Escape(one) => wanted.escape = Some(*one),
                CopyOption::Null(text) => wanted.null = Some(text.clone()),
                CopyOption::Header(yes) => wanted.header = *yes,
                CopyOption::Encoding(name) if is_utf8(name) => {}
                other => return Err(unknown(other)),
            }
        }
        for option in legacy {
            match option {
                CopyLegacyOption::Binary => "binary".clone_into(&mut wanted.format),
                CopyLegacyOption::Csv(more) => {
                    "csv".clone_into(&mut wanted.format);
                    more.iter().try_for_each(|option| wanted.csv(option))?;
                }
                CopyLegacyOption::Delimiter(one) => wanted.delimiter = Some(*one),
                CopyLegacyOption::Null(text) => wanted.null = Some(text.clone()),
                CopyLegacyOption::Header => wanted.header = true,
                other => return Err(unknown(other)),
            }
        }
        wanted.format()
    }

    /// What puts rows into this form.
    pub(super) fn encoder(&self, fields: Arc<Vec<FieldInfo>>) -> Rows {
        match self {
            Self::Text(options) => Rows::Library(CopyEncoder::new_text(fields, options.clone())),
            Self::Csv { options, .. } => Rows::Csv(csv::Row::new(options.clone())),
            Self::Binary => Rows::Library(CopyEncoder::new_binary(fields)),
        }
    }

    /// What is written when no row was: with one, the encoder writes it.
    fn of_nothing(&self) -> &'static [u8] {
        if *self == Self::Binary { BINARY_HEADER } else { &[] }
    }

    fn header(&self, fields: &[FieldInfo]) -> Option<Bytes> {
        let Self::Csv { options, header: true } = self else { return None };
        let mut row = csv::Row::new(options.clone());
        fields.iter().for_each(|field| row.put(Some(field.name())));
        Some(row.take())
    }
}

/// What puts rows into a form.
pub(super) enum Rows {
    Library(CopyEncoder),
    /// The library's would leave an empty text without quotes, so that it reads as NULL.
    Csv(csv::Row),
}

impl Encoder for Rows {
    type Item = CopyData;

    fn encode_field<T>(&mut self, value: &T, field: &FieldInfo) -> PgWireResult<()>
    where
        T: ToSql + ToSqlText + Sized,
    {
        match self {
            Self::Library(encoder) => encoder.encode_field(value),
            Self::Csv(row) => row.encode(value, field),
        }
    }

    fn take_row(&mut self) -> CopyData {
        match self {
            Self::Library(encoder) => encoder.take_copy(),
            Self::Csv(row) => CopyData::new(row.take()),
        }
    }
}

impl Wanted {
    fn csv(&mut self, option: &CopyLegacyCsvOption) -> Result<()> {
        match option {
            CopyLegacyCsvOption::Header => self.header = true,
            CopyLegacyCsvOption::Quote(one) => self.quote = Some(*one),
            CopyLegacyCsvOption::Escape(one) => self.escape = Some(*one),
            other => return Err(unknown(other)),
        }
        Ok(())
    }

    fn format(self) -> Result<Format> {
        for one in [self.delimiter, self.quote, self.escape].into_iter().flatten() {
            if !one.is_ascii() || one == '\n' || one == '\r' {
                return Err(SqlError::Plan(
                    "COPY takes one ASCII character as delimiter, quote or escape".to_owned(),
                ));
            }
        }
        let text = |one: char| one.to_string().into();
        match self.format.as_str() {
            "csv" => {
                let quote = self.quote.unwrap_or('"');
                let options = csv::Options {
                    delimiter: self.delimiter.unwrap_or(','),
                    quote,
                    escape: self.escape.unwrap_or(quote),
                    null: self.null.unwrap_or_default(),
                };
                Ok(Format::Csv { options, header: self.header })
            }
            "" | "text" if self.header || self.quote.is_some() || self.escape.is_some() => {
                Err(SqlError::Plan("HEADER, QUOTE and ESCAPE belong to FORMAT csv".to_owned()))
            }
            "" | "text" => {
                let mut options = CopyTextOptions::default();
                if let Some(one) = self.delimiter {
                    options.delimiter = text(one);
                }
                if let Some(null) = self.null {
                    options.null_string = null.into();
                }
                Ok(Format::Text(options))
            }
            "binary" => Ok(Format::Binary),
            other => {
                Err(SqlError::Plan(format!("COPY knows the formats text, csv and binary, not {other:?}")))
            }
        }
    }
}

fn is_utf8(name: &str) -> bool {
    ["utf8", "utf-8"].contains(&name.to_lowercase().as_str())
}

fn unknown(option: &impl std::fmt::Display) -> SqlError {
    SqlError::Unsupported(format!("COPY .. TO STDOUT does not take {option}"))
}

/// Sends a whole copy. The library would end a failed one with a message that only clients may send.
pub(super) async fn send<C, S>(
    client: &mut C,
    format: &Format,
    fields: &[FieldInfo],
    rows: S,
) -> PgWireResult<Tag>
where
    C: Sink<PgWireBackendMessage> + Unpin + Send,
    C::Error: Debug,
    PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    S: Stream<Item = PgWireResult<CopyData>>,
{
    let code = i16::from(*format == Format::Binary);
    let begin = CopyOutResponse::new(code as i8, fields.len() as i16, vec![code; fields.len()]);
    client.send(PgWireBackendMessage::CopyOutResponse(begin)).await?;
    if let Some(header) = format.header(fields) {
        client.feed(PgWireBackendMessage::CopyData(CopyData::new(header))).await?;
    }
    let mut rows = std::pin::pin!(rows);
    let mut sent = 0;
    while let Some(row) = rows.next().await {
        client.feed(PgWireBackendMessage::CopyData(row?)).await?;
        sent += 1;
    }
    let mut end = if sent == 0 { format.of_nothing().to_vec() } else { Vec::new() };
    if *format == Format::Binary {
        end.extend_from_slice(BINARY_END);
    }
    if !end.is_empty() {
        client.feed(PgWireBackendMessage::CopyData(CopyData::new(end.into()))).await?;
    }
    client.send(PgWireBackendMessage::CopyDone(CopyDone::new())).await?;
    Ok(Tag::new("COPY").with_rows(sent))
}
