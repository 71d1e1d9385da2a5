//! What kind of statement a text is, as far as the engine must know to run it.

/// How the engine runs a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An INSERT whose rows follow in the body: the text without its FORMAT clause, and
    /// the format.
    Insert {
        /// The statement up to FORMAT.
        sql: String,
        /// The format's name.
        format: String,
    },
    /// A SELECT whose answer may be streamed, in this format.
    Select {
        /// The format of the FORMAT clause, or the default.
        format: String,
    },
    /// SET or USE, which only mean something to a session.
    Session,
    /// Anything else.
    Other,
}

/// Sorts a text. `default_format` holds where the text has no FORMAT clause.
pub(crate) fn kind(sql: &str, default_format: &str) -> Kind {
    let text = sql.trim().trim_end_matches(';').trim_end();
    let first = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
    let is = |word: &str| first.eq_ignore_ascii_case(word);
    if is("INSERT") {
        return match format_clause(text) {
            Some((start, format)) if !format.eq_ignore_ascii_case("Values") => {
                Kind::Insert { sql: text[..start].trim_end().to_owned(), format: format.to_owned() }
            }
            _ => Kind::Other,
        };
    }
    if is("SELECT") || is("WITH") || text.starts_with('(') {
        let format = format_clause(text).map_or(default_format, |(_, format)| format);
        return Kind::Select { format: format.to_owned() };
    }
    if is("SET") || is("USE") {
        return Kind::Session;
    }
    Kind::Other
}

/// The name after a final `FORMAT`, and where that word starts.
fn format_clause(text: &str) -> Option<(usize, &str)> {
    let name_start = text
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let name = &text[name_start..];
    let before = text[..name_start].trim_end();
    let word_start = before.len().checked_sub("FORMAT".len())?;
    let word = before.get(word_start..)?;
    let separate = before[..word_start].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    let found =
        !name.is_empty() && before.len() < name_start && separate && word.eq_ignore_ascii_case("FORMAT");
    found.then_some((word_start, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inserts_lose_their_format_clause() {
        assert_eq!(
            kind("INSERT INTO a.b (x,`format`)\n format  Native ", "TSV"),
            Kind::Insert { sql: "INSERT INTO a.b (x,`format`)".into(), format: "Native".into() }
        );
        assert_eq!(kind("INSERT INTO t VALUES (1)", "TSV"), Kind::Other);
        assert_eq!(kind("insert into t select 1", "TSV"), Kind::Other);
    }

    #[test]
    fn selects_know_their_format() {
        let select = |format: &str| Kind::Select { format: format.into() };
        assert_eq!(kind("SELECT 1", "RowBinary"), select("RowBinary"));
        assert_eq!(kind("WITH 1 AS x SELECT x FORMAT JSON;", "TSV"), select("JSON"));
        assert_eq!(kind("SELECT 'FORMAT' AS format", "TSV"), select("TSV"));
        assert_eq!(kind("SELECT reformat FROM é", "TSV"), select("TSV"));
    }

    #[test]
    fn session_statements_are_known() {
        assert_eq!(kind(" set x=1", "TSV"), Kind::Session);
        assert_eq!(kind("CREATE DATABASE x", "TSV"), Kind::Other);
    }
}
