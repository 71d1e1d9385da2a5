//! Which statements may be about the catalog, by the words in them.

use std::borrow::Cow;

use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

/// Names of the catalog, of its types and of the functions that clients ask it with, beside all that begin with
/// `pg_`.
const NAMES: &str = "\
    array_lower array_upper array_to_string col_description current_setting current_schemas \
    format_type has_any_column_privilege has_column_privilege has_database_privilege \
    has_function_privilege has_schema_privilege has_sequence_privilege has_table_privilege \
    inet_client_addr inet_server_addr information_schema obj_description parse_ident quote_ident \
    regclass regnamespace regproc regprocedure regtype set_config shobj_description";

/// Whether a statement may be about the catalog. Only its tables then decide.
pub(crate) fn concerns(sql: &str) -> bool {
    let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize() else { return false };
    tokens.iter().any(|token| match token {
        Token::Word(word) => {
            let word = word.value.to_ascii_lowercase();
            word.starts_with("pg_") || NAMES.split_whitespace().any(|name| name == word)
        }
        _ => false,
    })
}

/// The text with `'spans'::regclass` as the number of the relation.
pub(super) fn numbered<'a>(sql: &'a str, number: impl Fn(&str) -> Option<i32>) -> Cow<'a, str> {
    let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize() else { return Cow::Borrowed(sql) };
    let is = |token: Option<&Token>, name: &str| {
        matches!(token, Some(Token::Word(word)) if word.value.eq_ignore_ascii_case(name))
    };
    let mut text = String::with_capacity(sql.len());
    let mut rest = tokens.as_slice();
    while let Some((token, after)) = rest.split_first() {
        let cast = match after {
            [Token::DoubleColon, qualifier, Token::Period, ..] if is(Some(qualifier), "pg_catalog") => 3,
            [Token::DoubleColon, ..] => 1,
            _ => usize::MAX,
        };
        let found = match token {
            Token::SingleQuotedString(name) if is(after.get(cast), "regclass") => number(name),
            _ => None,
        };
        match found {
            Some(oid) => {
                text += &oid.to_string();
                rest = &after[cast + 1..];
            }
            None => {
                text += &token.to_string();
                rest = after;
            }
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_relations_become_numbers() {
        let number = |name: &str| (name == "pg_catalog.pg_class").then_some(1259);
        let text = |sql| numbered(sql, number).into_owned();
        assert_eq!(text("SELECT 'pg_catalog.pg_class'::regclass, 'x'"), "SELECT 1259, 'x'");
        assert_eq!(text("= 'pg_catalog.pg_class'::pg_catalog.regclass;"), "= 1259;");
        assert_eq!(text("SELECT 'other'::regclass -- é"), "SELECT 'other'::regclass -- é");
        assert_eq!(text("SELECT 'it''s'::text"), "SELECT 'it''s'::text");
    }

    #[test]
    fn texts_and_names_of_the_data_do_not_concern_the_catalog() {
        assert!(concerns("SELECT * FROM \"pg_catalog\".pg_class"));
        assert!(concerns("select 'spans'::REGCLASS"));
        assert!(concerns("SELECT table_name FROM information_schema.tables"));
        assert!(!concerns("SELECT attr(attributes, 'pg_class') FROM spans -- pg_catalog"));
        assert!(!concerns("SELECT 1"));
        assert!(!concerns("SELECT 'open"));
    }
}
