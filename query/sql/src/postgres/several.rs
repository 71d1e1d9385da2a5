//! Several statements in one text, as `psql -c 'a; b'` and libraries send them over the simple protocol.
//!
//! Each is answered in turn. All are planned before the first runs, and a question runs when its rows are sent: never two
//! at once. What fails ends the text; what was answered before it stays answered.

use std::sync::Arc;

use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use pgwire::api::portal::Format;
use pgwire::api::results::{DataRowEncoder, QueryResponse, Response};
use pgwire::api::store::PortalStore;
use pgwire::api::{ClientInfo, ClientPortalStore};
use pgwire::error::{PgWireError, PgWireResult};

use super::ask::fields;
use super::connection::{Connection, State};
use super::errors::of_statement;
use super::query::check_transaction;
use super::{command, encode, local};
use crate::error::{Result, SqlError};
use crate::statement;

/// Most statements of one text: each is planned, and kept until its turn.
const MOST: usize = 32;

/// The statements of a text, which are divided by `;`. What is empty is left out.
pub(super) fn split(sql: &str) -> Result<Vec<&str>> {
    statement::check_text(sql)?;
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize_with_location();
    let tokens = tokens.map_err(|error| SqlError::Syntax(error.to_string()))?;
    // Places are told by line and column, both from 1, in characters.
    let mut places = sql.char_indices().scan((1, 1), |(line, column), (at, sign)| {
        let place = (*line, *column, at);
        (*line, *column) = if sign == '\n' { (*line + 1, 1) } else { (*line, *column + 1) };
        Some(place)
    });
    let (mut statements, mut from, mut filled) = (Vec::new(), 0, false);
    for token in &tokens {
        match token.token {
            Token::SemiColon => {
                let start = token.span.start;
                let place = places.find(|(line, column, _)| (*line, *column) == (start.line, start.column));
                let Some((.., at)) = place else { return Err(SqlError::Several) };
                statements.extend(filled.then(|| sql[from..at].trim()));
                (from, filled) = (at + 1, false);
            }
            Token::Whitespace(_) | Token::EOF => {}
            _ => filled = true,
        }
    }
    statements.extend(filled.then(|| sql[from..].trim()));
    if statements.len() > MOST {
        Err(SqlError::TooComplex(format!("{MOST} statements")))
    } else {
        Ok(statements)
    }
}

impl Connection {
    /// The answers to several statements.
    pub(super) async fn several<C>(&self, client: &mut C, statements: &[&str]) -> PgWireResult<Vec<Response>>
    where
        C: ClientInfo + ClientPortalStore + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
    {
        let mut answers = Vec::new();
        for sql in statements {
            match self.one_of_several(client, sql).await {
                Ok(answer) => answers.push(answer),
                Err(error) if answers.is_empty() => return Err(error),
                Err(error) => {
                    answers.push(Response::Error(Box::new(error.into())));
                    break;
                }
            }
        }
        Ok(answers)
    }

    async fn one_of_several<C>(&self, client: &mut C, sql: &str) -> PgWireResult<Response>
    where
        C: ClientInfo + ClientPortalStore + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
    {
        let state = &self.0;
        if let Some(local) = local::parse(sql) {
            return state.answer_locally(client, &local, &Format::UnifiedText);
        }
        check_transaction(client)?;
        if command::parse(sql).map_err(|error| of_statement(&error))?.is_some() {
            // Its rows would be sent before those of the statements in front of it.
            return Err(of_statement(&SqlError::Several));
        }
        let planned = state.prepare(sql).await?;
        State::check_no_parameters(&planned)?;
        let shown = Arc::new(fields(&planned.schema, &Format::UnifiedText)?);
        let (state, columns) = (Arc::clone(state), Arc::clone(&shown));
        let rows = stream::once(async move {
            let rows = state.run(&planned, None).await?;
            let encoder = DataRowEncoder::new(Arc::clone(&columns));
            Ok::<_, PgWireError>(encode::rows(rows, columns, encoder))
        });
        Ok(Response::Query(QueryResponse::new(shown, rows.try_flatten().boxed())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_divided_where_postgres_divides_them() {
        for (text, expected) in [
            ("SELECT 1", &["SELECT 1"][..]),
            ("SELECT 1;", &["SELECT 1"]),
            (" ; SELECT 1 ;; -- nothing; here\n ; SELECT 2", &["SELECT 1", "SELECT 2"]),
            ("SELECT 'é;\n;' AS \"a;b\"; SELECT $$;$$", &["SELECT 'é;\n;' AS \"a;b\"", "SELECT $$;$$"]),
            (
                "SELECT E'\\';' /* ; */; SELECT '\u{1F600}'; SELECT 3",
                &["SELECT E'\\';' /* ; */", "SELECT '\u{1F600}'", "SELECT 3"],
            ),
            ("", &[]),
            ("-- nothing", &[]),
        ] {
            assert_eq!(split(text).unwrap(), expected, "{text}");
        }
        assert!(matches!(split("SELECT 'open"), Err(SqlError::Syntax(_))));
        assert!(matches!(split(&"SELECT 1;".repeat(33)), Err(SqlError::TooComplex(_))));
    }
}
