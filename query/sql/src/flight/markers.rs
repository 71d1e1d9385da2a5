//! Places of parameters: JDBC and Python's database API write `?`, DataFusion reads `$1`.

use std::borrow::Cow;
use std::fmt::Write as _;

use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use crate::error::{Result, SqlError};

/// The text with `$1`, `$2` .. in the places of `?`.
pub(super) fn numbered(sql: &str) -> Result<Cow<'_, str>> {
    if !sql.contains('?') {
        return Ok(sql.into());
    }
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize_with_location();
    let tokens = tokens.map_err(|error| SqlError::Syntax(error.to_string()))?;
    let marker = |token: &TokenWithSpan| matches!(token.token, Token::Question);
    let mut places = tokens.iter().filter(|token| marker(token)).map(|token| token.span.start).peekable();
    let numbers = tokens.iter().any(|token| matches!(token.token, Token::Placeholder(_)));
    if numbers && places.peek().is_some() {
        return Err(SqlError::Plan("write all parameters as ?, or all as $1, $2 ..".to_owned()));
    }
    let (mut line, mut column, mut count) = (1, 1, 0);
    let mut text = String::with_capacity(sql.len() + 16);
    for char in sql.chars() {
        if places.next_if(|place| (place.line, place.column) == (line, column)).is_some() {
            count += 1;
            let _ = write!(text, "${count}");
        } else {
            text.push(char);
        }
        (line, column) = if char == '\n' { (line + 1, 1) } else { (line, column + 1) };
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_numbered_and_nothing_else_is_touched() {
        let numbered = |sql| numbered(sql).map(Cow::into_owned);
        assert_eq!(numbered("SELECT $1, $2").as_deref(), Ok("SELECT $1, $2"));
        assert_eq!(
            numbered("SELECT '?', \"é?\" -- ?\nFROM t /* ? */ WHERE a = ? AND b IN (?,?) AND c = 'é' || ?")
                .as_deref(),
            Ok("SELECT '?', \"é?\" -- ?\nFROM t /* ? */ WHERE a = $1 AND b IN ($2,$3) AND c = 'é' || $4")
        );
        assert_eq!(numbered("SELECT '$1?' || $1").as_deref(), Ok("SELECT '$1?' || $1"));
        assert!(matches!(numbered("SELECT ? + $1"), Err(SqlError::Plan(_))));
        assert!(matches!(numbered("SELECT '?"), Err(SqlError::Syntax(_))));
    }
}
