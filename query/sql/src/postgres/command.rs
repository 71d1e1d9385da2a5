//! Statements around a question: COPY .. TO STDOUT, and cursors (DECLARE, FETCH, MOVE, CLOSE).

use datafusion::sql::sqlparser::ast::{CopySource, CopyTarget, Statement as Ast};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;

use super::copy::Format;
use super::local;
use crate::error::{Result, SqlError};

/// A statement around a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// The rows of a question as a file.
    Copy { question: String, format: Format },
    /// A question whose rows are fetched in portions. `hold`: also after the transaction.
    Declare { name: String, question: String, hold: bool },
    /// The next rows of a cursor, or all that are left; a MOVE does not give them.
    Fetch { name: String, rows: Option<usize>, moves: bool },
    /// The end of a cursor, or of all.
    Close { name: Option<String> },
}

/// The command in the text; none if it is another statement.
pub(super) fn parse(sql: &str) -> Result<Option<Command>> {
    let first = sql.split(|c: char| !c.is_ascii_alphabetic()).find(|word| !word.is_empty());
    match first.unwrap_or_default().to_ascii_lowercase().as_str() {
        "copy" => copy(sql).map(Some),
        "declare" => declare(sql).map(Some),
        "fetch" | "move" | "close" => portion(sql).map(Some),
        _ => Ok(None),
    }
}

fn one(sql: &str) -> Result<Ast> {
    crate::statement::check_text(sql)?;
    let parsed = Parser::parse_sql(&PostgreSqlDialect {}, sql);
    let mut statements = parsed.map_err(|error| SqlError::Syntax(error.to_string()))?;
    match (statements.pop(), statements.is_empty()) {
        (Some(statement), true) => Ok(statement),
        _ => Err(SqlError::Several),
    }
}

fn copy(sql: &str) -> Result<Command> {
    let Ast::Copy { source, to, target, options, legacy_options, .. } = one(sql)? else {
        return Err(SqlError::NotAllowed("COPY".to_owned()));
    };
    if !to {
        return Err(SqlError::NotAllowed("COPY FROM".to_owned()));
    }
    if target != CopyTarget::Stdout {
        return Err(SqlError::NotAllowed("COPY to anything but STDOUT".to_owned()));
    }
    let question = match source {
        CopySource::Query(query) => query.to_string(),
        CopySource::Table { table_name, columns } if columns.is_empty() => {
            format!("SELECT * FROM {table_name}")
        }
        CopySource::Table { table_name, columns } => {
            let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
            format!("SELECT {} FROM {table_name}", columns.join(", "))
        }
    };
    Ok(Command::Copy { question, format: Format::of(&options, &legacy_options)? })
}

fn declare(sql: &str) -> Result<Command> {
    let Ast::Declare { stmts } = one(sql)? else { return Err(not_a_cursor()) };
    let [cursor] = stmts.as_slice() else { return Err(not_a_cursor()) };
    let ([name], Some(question)) = (cursor.names.as_slice(), &cursor.for_query) else {
        return Err(not_a_cursor());
    };
    if cursor.scroll == Some(true) {
        return Err(forward_only());
    }
    if cursor.binary == Some(true) {
        return Err(SqlError::Unsupported("cursors are not BINARY here: leave the word out".to_owned()));
    }
    let (name, question) = (name.value.to_lowercase(), question.to_string());
    Ok(Command::Declare { name, question, hold: cursor.hold == Some(true) })
}

fn not_a_cursor() -> SqlError {
    SqlError::NotAllowed("DECLARE of anything but a cursor for a question".to_owned())
}

fn forward_only() -> SqlError {
    SqlError::Unsupported(
        "cursors go forward only: use NO SCROLL, FETCH NEXT, FETCH n or FETCH ALL".to_owned(),
    )
}

fn portion(sql: &str) -> Result<Command> {
    let words = local::words(sql).unwrap_or_default();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (verb, rest) = words.split_first().unwrap_or((&"", &[]));
    if *verb == "close" {
        return match rest {
            ["all"] => Ok(Command::Close { name: None }),
            [name] => Ok(Command::Close { name: Some((*name).to_owned()) }),
            _ => Err(SqlError::Syntax("write CLOSE name, or CLOSE ALL".to_owned())),
        };
    }
    let (way, name) = match rest {
        [way @ .., "from" | "in", name] | [way @ .., name] => (way, *name),
        [] => return Err(SqlError::Syntax(format!("{verb} needs the name of a cursor"))),
    };
    let number = |text: &str| text.parse().map(Some).map_err(|_| forward_only());
    let rows = match way {
        [] | ["next" | "forward"] => Some(1),
        ["all"] | ["forward", "all"] => None,
        ["forward", rows] | [rows] => number(rows)?,
        _ => return Err(forward_only()),
    };
    Ok(Command::Fetch { name: name.to_owned(), rows, moves: *verb == "move" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(sql: &str) -> Option<(Option<usize>, bool)> {
        match parse(sql) {
            Ok(Some(Command::Fetch { name, rows, moves })) if name == "c" => Some((rows, moves)),
            _ => None,
        }
    }

    #[test]
    fn portions_are_understood() {
        assert_eq!(fetch("FETCH c"), Some((Some(1), false)));
        assert_eq!(fetch("fetch NEXT from \"c\";"), Some((Some(1), false)));
        assert_eq!(fetch("FETCH FORWARD 100 FROM c"), Some((Some(100), false)));
        assert_eq!(fetch("FETCH 7 IN c"), Some((Some(7), false)));
        assert_eq!(fetch("FETCH ALL FROM c"), Some((None, false)));
        assert_eq!(fetch("MOVE FORWARD ALL IN c"), Some((None, true)));
        for refused in ["FETCH BACKWARD 1 FROM c", "FETCH PRIOR FROM c", "FETCH -1 FROM c", "FETCH LAST c"] {
            assert_eq!(parse(refused), Err(forward_only()), "{refused}");
        }
        assert!(matches!(parse("FETCH"), Err(SqlError::Syntax(_))));
    }

    #[test]
    fn cursors_and_copies_hold_a_question() {
        let declared = parse("DECLARE \"C\" NO SCROLL CURSOR WITH HOLD FOR SELECT 1");
        let expected = Command::Declare { name: "c".to_owned(), question: "SELECT 1".to_owned(), hold: true };
        assert_eq!(declared, Ok(Some(expected)));
        assert_eq!(parse("DECLARE c SCROLL CURSOR FOR SELECT 1"), Err(forward_only()));
        assert_eq!(parse("CLOSE ALL"), Ok(Some(Command::Close { name: None })));
        assert_eq!(parse("SELECT 1"), Ok(None));
        let copied = |sql| match parse(sql) {
            Ok(Some(Command::Copy { question, .. })) => Ok(question),
            Err(error) => Err(error.sqlstate()),
            other => panic!("{other:?}"),
        };
        assert_eq!(copied("COPY (SELECT 1 AS a) TO STDOUT"), Ok("SELECT 1 AS a".to_owned()));
        assert_eq!(
            copied("COPY spans (ts, service) TO STDOUT"),
            Ok("SELECT ts, service FROM spans".to_owned())
        );
        for refused in
            ["COPY spans FROM STDIN", "COPY spans TO '/tmp/x'", "COPY (SELECT 1) TO PROGRAM 'rm -rf /'"]
        {
            assert_eq!(copied(refused), Err("25006"), "{refused}");
        }
    }
}
