//! Which statements are let in: exactly one, and only questions.

mod calls;
mod size;

use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::{Query, SetExpr, Statement as Ast};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::error::{Result, SqlError};

/// Longest statement, in bytes.
pub(crate) const LONGEST: usize = 256 << 10;

/// Most operators in one statement. Each is a level of the expression, and a level is a
/// frame on the stack of whoever walks it.
const MOST_OPERATORS: usize = 256;

/// Most function calls inside one another. The planner works out the type of an argument
/// more than once per level, so that its time doubles with each.
const MOST_NESTED_CALLS: usize = 12;

/// Most function calls in one statement.
const MOST_CALLS: usize = 512;

/// The one statement of the text.
pub(crate) fn parse(sql: &str) -> Result<Statement> {
    check_text(sql)?;
    let parsed = DFParserBuilder::new(sql).with_dialect(&PostgreSqlDialect {}).build();
    let parsed = parsed.and_then(|mut parser| parser.parse_statements());
    let mut statements = parsed.map_err(|error| not_a_question(sql).unwrap_or_else(|| error.into()))?;
    match (statements.pop_front(), statements.is_empty()) {
        (None, _) => Err(SqlError::Empty),
        (Some(_), false) => Err(SqlError::Several),
        (Some(statement), true) => {
            size::check(&statement)?;
            calls::check(&statement)?;
            Ok(statement)
        }
    }
}

/// Refuses a text that is too large to parse.
pub(crate) fn check_text(sql: &str) -> Result<()> {
    if sql.len() > LONGEST {
        return Err(SqlError::TooComplex(format!("{LONGEST} bytes")));
    }
    check_depth(sql)
}

/// Refuses a statement that is too large to plan, or no question.
pub(crate) fn check(statement: &Statement) -> Result<()> {
    size::check(statement)?;
    allow(statement)
}

/// What the parser does not know in full may still be known not to be a question.
fn not_a_question(sql: &str) -> Option<SqlError> {
    const OTHERS: [&str; 20] = [
        "ALTER", "ANALYZE", "CALL", "COPY", "CREATE", "DELETE", "DO", "DROP", "EXECUTE", "GRANT", "INSERT",
        "KILL", "LISTEN", "MERGE", "NOTIFY", "PREPARE", "REVOKE", "TRUNCATE", "UPDATE", "VACUUM",
    ];
    let first =
        sql.split(|c: char| !c.is_ascii_alphabetic()).find(|word| !word.is_empty())?.to_ascii_uppercase();
    OTHERS.contains(&first.as_str()).then_some(SqlError::NotAllowed(first))
}

/// Refuses whatever is not a question.
pub(crate) fn allow(statement: &Statement) -> Result<()> {
    match statement {
        Statement::Statement(ast) => allow_ast(ast),
        Statement::Explain(explain) => allow(&explain.statement),
        Statement::CreateExternalTable(_) => Err(SqlError::NotAllowed("CREATE EXTERNAL TABLE".to_owned())),
        Statement::CopyTo(_) => Err(SqlError::NotAllowed("COPY".to_owned())),
        Statement::Reset(_) => Err(SqlError::NotAllowed("RESET".to_owned())),
    }
}

fn allow_ast(ast: &Ast) -> Result<()> {
    match ast {
        Ast::Query(query) => allow_query(query),
        Ast::Explain { statement, .. } => allow_ast(statement),
        Ast::ExplainTable { .. }
        | Ast::ShowTables { .. }
        | Ast::ShowColumns { .. }
        | Ast::ShowFunctions { .. }
        | Ast::ShowVariable { .. } => Ok(()),
        other => Err(SqlError::NotAllowed(first_words(&other.to_string()))),
    }
}

fn allow_query(query: &Query) -> Result<()> {
    if !query.locks.is_empty() {
        return Err(SqlError::NotAllowed("FOR UPDATE".to_owned()));
    }
    if let Some(with) = &query.with {
        with.cte_tables.iter().try_for_each(|table| allow_query(&table.query))?;
    }
    allow_body(&query.body)
}

fn allow_body(body: &SetExpr) -> Result<()> {
    match body {
        SetExpr::Select(select) if select.into.is_some() => {
            Err(SqlError::NotAllowed("SELECT INTO".to_owned()))
        }
        SetExpr::Select(_) | SetExpr::Values(_) | SetExpr::Table(_) => Ok(()),
        SetExpr::Query(query) => allow_query(query),
        SetExpr::SetOperation { left, right, .. } => {
            allow_body(left)?;
            allow_body(right)
        }
        SetExpr::Insert(_) => Err(SqlError::NotAllowed("INSERT".to_owned())),
        SetExpr::Update(_) => Err(SqlError::NotAllowed("UPDATE".to_owned())),
        SetExpr::Delete(_) => Err(SqlError::NotAllowed("DELETE".to_owned())),
        SetExpr::Merge(_) => Err(SqlError::NotAllowed("MERGE".to_owned())),
    }
}

/// The words that say what a statement does.
fn first_words(text: &str) -> String {
    let words = text.split_whitespace().take_while(|word| word.chars().all(|c| c.is_ascii_uppercase()));
    let words: Vec<_> = words.take(3).collect();
    if words.is_empty() { "this statement".to_owned() } else { words.join(" ") }
}

fn check_depth(sql: &str) -> Result<()> {
    let dialect = PostgreSqlDialect {};
    let tokens =
        Tokenizer::new(&dialect, sql).tokenize().map_err(|error| SqlError::Syntax(error.to_string()))?;
    let operators = tokens.iter().filter(|token| is_operator(token)).count();
    if operators > MOST_OPERATORS {
        return Err(SqlError::TooComplex(format!("{MOST_OPERATORS} operators")));
    }
    check_calls(&tokens)
}

fn check_calls(tokens: &[Token]) -> Result<()> {
    let (mut open, mut all) = (Vec::new(), 0);
    let mut named = false;
    for token in tokens {
        match token {
            Token::LParen => {
                open.push(named);
                all += usize::from(named);
                let nested = open.iter().filter(|call| **call).count();
                if nested > MOST_NESTED_CALLS {
                    let most = format!("{MOST_NESTED_CALLS} function calls inside one another");
                    return Err(SqlError::TooComplex(most));
                }
                if all > MOST_CALLS {
                    return Err(SqlError::TooComplex(format!("{MOST_CALLS} function calls")));
                }
            }
            Token::RParen => {
                open.pop();
            }
            _ => {}
        }
        named = match token {
            Token::Word(word) => !comes_before_brackets(word.keyword),
            Token::Whitespace(_) => named,
            _ => false,
        };
    }
    Ok(())
}

/// Words that a bracket may follow without being called.
fn comes_before_brackets(word: Keyword) -> bool {
    use Keyword as K;
    matches!(
        word,
        K::ALL
            | K::AND
            | K::ANY
            | K::AS
            | K::BETWEEN
            | K::BY
            | K::DISTINCT
            | K::ELSE
            | K::EXCEPT
            | K::EXISTS
            | K::FILTER
            | K::FROM
            | K::GROUP
            | K::HAVING
            | K::IN
            | K::INTERSECT
            | K::IS
            | K::JOIN
            | K::LATERAL
            | K::LIKE
            | K::LIMIT
            | K::NOT
            | K::ON
            | K::OR
            | K::OVER
            | K::SELECT
            | K::SOME
            | K::THEN
            | K::UNION
            | K::USING
            | K::VALUES
            | K::WHEN
            | K::WHERE
            | K::WITHIN
    )
}

fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::OR
                | Keyword::NOT
                | Keyword::UNION
                | Keyword::EXCEPT
                | Keyword::INTERSECT
                | Keyword::CASE
                | Keyword::JOIN
                | Keyword::IS
                | Keyword::LIKE
                | Keyword::ILIKE
                | Keyword::BETWEEN
        ),
        Token::Comma
        | Token::Period
        | Token::LParen
        | Token::RParen
        | Token::SemiColon
        | Token::EOF
        | Token::Number(..)
        | Token::Char(_)
        | Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::Whitespace(_)
        | Token::Placeholder(_)
        | Token::EscapedStringLiteral(_)
        | Token::DollarQuotedString(_)
        | Token::NationalStringLiteral(_)
        | Token::UnicodeStringLiteral(_)
        | Token::HexStringLiteral(_) => false,
        // `=`, `+`, `||`, `::` and all the others.
        _ => true,
    }
}

#[cfg(test)]
mod tests;
