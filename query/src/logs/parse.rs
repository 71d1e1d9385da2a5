//! What a person types into the search box, as a condition.
//!
//! - `timed out`: both words, anywhere in the text, in upper or lower case;
//! - `"timed out"`: exactly this text;
//! - `time*`: any text that holds this part;
//! - `refused OR declined`: one of them; `-retry`: not this;
//! - `service:order`, `level:error`, `level:>=warn`, `trace:0af7..`, `customer:c-1`, and any attribute: `http.route:/pay`,
//!   `order.id:*` where it only has to be there.

use headroom_store::schema::PERSONAL_KEYS;

use super::Level;
use crate::error::{QueryError, Result};
use crate::scan::{Compare, Expr, Filter, Literal};

/// Longest text that is searched for, in bytes.
const LONGEST: usize = 1_000;
/// Most terms of one search.
const MOST: usize = 32;

/// A search, read and checked. The empty one is for every record.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Search {
    filters: Vec<Filter>,
}

impl Search {
    /// Reads what was typed; says what is wrong with it and what to type instead.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > LONGEST {
            return Err(QueryError::bad_request(
                format!("the search has {} letters", text.len()),
                format!("search for at most {LONGEST}"),
            ));
        }
        let terms = terms(text)?;
        if terms.len() > MOST {
            return Err(QueryError::bad_request(
                format!("the search has {} words", terms.len()),
                format!("search for at most {MOST} at once"),
            ));
        }
        let mut all: Vec<Vec<Filter>> = Vec::new();
        let mut joined = false;
        for term in &terms {
            if term.is_or() {
                if all.is_empty() || joined {
                    return Err(dangling());
                }
                joined = true;
                continue;
            }
            let filter = term.filter()?;
            match all.last_mut() {
                Some(any) if joined => any.push(filter),
                _ => all.push(vec![filter]),
            }
            joined = false;
        }
        if joined {
            return Err(dangling());
        }
        let one = |mut any: Vec<Filter>| if any.len() == 1 { any.remove(0) } else { Filter::Or(any) };
        Ok(Self { filters: all.into_iter().map(one).collect() })
    }

    /// Only records of this service too.
    #[must_use]
    pub fn of_service(mut self, service: &str) -> Self {
        self.filters.push(Filter::eq("service", service));
        self
    }

    /// Only records of this level and worse too.
    #[must_use]
    pub fn at_least(mut self, level: Level) -> Self {
        self.filters.push(level.and_worse());
        self
    }

    pub(super) fn filter(&self) -> Filter {
        Filter::And(self.filters.clone())
    }
}

fn dangling() -> QueryError {
    QueryError::bad_request(
        "OR stands between two words",
        "write `refused OR declined`, or \"or\" in quotes for the word",
    )
}

/// One term as it was typed.
#[derive(Debug, Default)]
struct Term {
    not: bool,
    /// Before the colon, '' where there is none.
    field: String,
    text: String,
    /// The text stood in quotes.
    quoted: bool,
}

/// Splits at spaces outside of quotes; `\"` within quotes is a quote.
fn terms(text: &str) -> Result<Vec<Term>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let mut term = Term::default();
        if let Some(after) =
            rest.strip_prefix('-').filter(|after| !after.starts_with([' ', '-']) && !after.is_empty())
        {
            (term.not, rest) = (true, after);
        }
        if let Some((field, after)) = field_of(rest) {
            (term.field, rest) = (field.to_owned(), after);
        }
        if let Some(after) = rest.strip_prefix('"') {
            let (text, after) = quoted(after)?;
            (term.text, term.quoted, rest) = (text, true, after);
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (term.text, rest) = (rest[..end].to_owned(), &rest[end..]);
        }
        rest = rest.trim_start();
        found.push(term);
    }
    Ok(found)
}

/// `key:` at the start, and what follows. `http://..` and `10:30` have no key.
fn field_of(text: &str) -> Option<(&str, &str)> {
    let (field, after) = text.split_once(':')?;
    let named = field.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && field.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'-' | b'/'));
    (named && !after.starts_with("//") && !after.starts_with(char::is_whitespace) && !after.is_empty())
        .then_some((field, after))
}

fn quoted(text: &str) -> Result<(String, &str)> {
    let mut out = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((out, &text[at + 1..])),
            '\\' => out.extend(letters.next().map(|(_, next)| next)),
            _ => out.push(letter),
        }
    }
    Err(QueryError::bad_request(
        "a quotation mark is not closed",
        "close it, or write \\\" for the mark itself",
    ))
}

impl Term {
    fn is_or(&self) -> bool {
        !self.not && !self.quoted && self.field.is_empty() && self.text == "OR"
    }

    fn filter(&self) -> Result<Filter> {
        let filter = if self.field.is_empty() { said(&self.text, self.quoted) } else { self.field_filter()? };
        Ok(if self.not { Filter::Not(Box::new(filter)) } else { filter })
    }

    fn field_filter(&self) -> Result<Filter> {
        let text = self.text.as_str();
        let exists = text == "*" && !self.quoted;
        if text.contains('*') && !exists && !self.quoted {
            return Err(QueryError::bad_request(
                format!("`{}:{text}` asks for a part of a value", self.field),
                "give the whole value, or * alone where it only has to be there",
            ));
        }
        let column = match self.field.as_str() {
            "level" | "severity" => return level(text),
            "trace" | "trace_id" => return id("trace_id", text, 32),
            "span" | "span_id" => return id("span_id", text, 16),
            "service" | "service.name" => "service",
            "customer" | "customer_id" | "customer.id" => "customer_id",
            "event" | "event_name" => "event_name",
            "version" | "service.version" => "version",
            "region" => "region",
            "scope" => "scope_name",
            key => return attribute(key, if exists { "" } else { text }, exists),
        };
        let op = if exists { Compare::NotEq } else { Compare::Eq };
        Ok(Filter::compare(column, op, Literal::Text(if exists { String::new() } else { text.to_owned() })))
    }
}

fn attribute(key: &str, text: &str, exists: bool) -> Result<Filter> {
    if PERSONAL_KEYS.contains(&key) {
        return Err(QueryError::bad_request(
            format!("`{key}` is personal data and cannot be searched in logs"),
            "find the customer in the lookup, then search for customer:ID",
        ));
    }
    let op = if exists { Compare::NotEq } else { Compare::Eq };
    let of = |map: &str| {
        let value = Expr::MapValue { column: map.to_owned(), key: key.to_owned() };
        Filter::Value(value, op, Literal::Text(text.to_owned()))
    };
    Ok(Filter::Or(vec![of("attributes"), of("resource")]))
}

fn level(text: &str) -> Result<Filter> {
    let (name, worse) = text.strip_prefix(">=").map_or((text, false), |name| (name, true));
    let level = Level::parse(name).ok_or_else(|| {
        let names: Vec<_> = Level::ALL.iter().map(|level| level.name()).collect();
        QueryError::bad_request(
            format!("there is no level `{name}`"),
            format!("levels are {}; level:>=warn is for that and worse", names.join(", ")),
        )
    })?;
    Ok(if worse { level.and_worse() } else { level.filter() })
}

fn id(column: &str, text: &str, digits: usize) -> Result<Filter> {
    if text.len() == digits && text.bytes().all(|c| c.is_ascii_hexdigit()) {
        return Ok(Filter::id(column, text));
    }
    Err(QueryError::bad_request(
        format!("`{text}` is no {}", column.replace('_', " ")),
        format!("it has {digits} digits of 0-9 and a-f"),
    ))
}

/// Records that say a word, a text or a part of one.
fn said(text: &str, quoted: bool) -> Filter {
    let holds = |part: &str| Filter::Contains("body".to_owned(), part.to_owned());
    let part = text.trim_matches('*');
    if !quoted && part != text {
        return holds(part);
    }
    // As the index splits texts: at every ASCII letter that is neither a letter nor a digit.
    let words =
        text.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut all: Vec<Filter> = words.map(|word| Filter::Word("body".to_owned(), lower(word))).collect();
    if all.len() == 1 && text.chars().all(|c| !c.is_ascii() || c.is_ascii_alphanumeric()) {
        return all.remove(0);
    }
    all.push(holds(text));
    Filter::And(all)
}

/// Letter by letter, as the store does it: a Greek sigma is the same at the end of a word.
fn lower(word: &str) -> String {
    word.chars().flat_map(char::to_lowercase).collect()
}
