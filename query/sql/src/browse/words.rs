//! Which statements may be about the catalog, by the words in them.

use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

const REGCLASS: &str = "regclass";

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
pub(super) fn numbered(sql: &str, number: impl Fn(&str) -> Option<i32>) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(at) = rest.find("::") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        let kind = after.trim_start();
        let kind = kind.strip_prefix("pg_catalog.").unwrap_or(kind);
        let name = before.trim_end().strip_suffix('\'').and_then(|text| text.rsplit_once('\''));
        let cast = kind.get(..REGCLASS.len()).is_some_and(|word| word.eq_ignore_ascii_case(REGCLASS));
        if let Some((head, oid)) = name.filter(|_| cast).and_then(|(head, name)| Some((head, number(name)?)))
        {
            text += head;
            text += &oid.to_string();
            rest = &kind[REGCLASS.len()..];
        } else {
            text += &rest[..at + 2];
            rest = after;
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_relations_become_numbers() {
        let number = |name: &str| (name == "pg_catalog.pg_class").then_some(1259);
        let text = |sql| numbered(sql, number);
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
