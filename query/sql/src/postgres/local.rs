//! Statements that Postgres clients send as a matter of form: SET, SHOW, transactions,
//! DISCARD. They are answered here, per connection, and never reach the planner.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use futures::stream;
use pgwire::api::portal::Format;
use pgwire::api::results::{DataRowEncoder, FieldInfo, QueryResponse, Response, Tag};
use pgwire::api::store::PortalStore;
use pgwire::api::{ClientInfo, ClientPortalStore, Type};
use pgwire::error::PgWireResult;
use pgwire::messages::response::TransactionStatus;

use super::connection::State;
use super::errors::plain;
use super::query::aborted;

const DISCARD_ALL: &str = "DISCARD ALL";

/// Most settings one connection may keep, and the longest value of one.
const MOST_SETTINGS: usize = 100;
const LONGEST_VALUE: usize = 1_000;

/// A statement of form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Local {
    Set {
        name: String,
        value: String,
    },
    Reset {
        name: String,
    },
    ResetAll {
        tag: &'static str,
    },
    Show {
        name: String,
    },
    Begin,
    Commit,
    Rollback,
    /// Back to a savepoint: the transaction goes on.
    RollbackTo,
    /// Forgets a prepared statement, or all.
    Deallocate {
        name: Option<String>,
    },
    /// Accepted, without effect.
    Nothing {
        tag: &'static str,
    },
}

/// What a connection has set.
#[derive(Debug, Default)]
pub(super) struct Settings(BTreeMap<String, String>);

/// What SHOW says of settings that were not set.
const DEFAULTS: &[(&str, &str)] = &[
    ("application_name", ""),
    ("client_encoding", "UTF8"),
    ("client_min_messages", "notice"),
    ("datestyle", "ISO, MDY"),
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_read_only", "on"),
    ("extra_float_digits", "1"),
    ("integer_datetimes", "on"),
    ("intervalstyle", "postgres"),
    ("lc_collate", "C"),
    ("lc_ctype", "C"),
    ("max_identifier_length", "63"),
    ("search_path", "public"),
    ("server_encoding", "UTF8"),
    ("server_version", "16.6"),
    ("server_version_num", "160006"),
    ("standard_conforming_strings", "on"),
    ("statement_timeout", "0"),
    ("timezone", "UTC"),
    ("transaction_isolation", "read committed"),
    ("transaction_read_only", "on"),
];

/// The settings and their values, where they were not set.
pub(crate) fn defaults() -> impl Iterator<Item = (&'static str, &'static str)> {
    DEFAULTS.iter().copied()
}

/// The value of a setting that was not set.
pub(crate) fn default_of(name: &str) -> Option<&'static str> {
    DEFAULTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}

impl Settings {
    /// Keeps a value; says why not.
    pub(super) fn set(&mut self, name: String, value: String) -> Result<(), String> {
        if value.len() > LONGEST_VALUE || (self.0.len() >= MOST_SETTINGS && !self.0.contains_key(&name)) {
            return Err(format!("setting {name:?} is too long, or there are too many settings"));
        }
        if name == "statement_timeout" && timeout(&value).is_none() {
            return Err(format!("invalid value for parameter \"statement_timeout\": {value:?}"));
        }
        self.0.insert(name, value);
        Ok(())
    }

    pub(super) fn reset(&mut self, name: &str) {
        self.0.remove(name);
    }

    pub(super) fn reset_all(&mut self) {
        self.0.clear();
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).or_else(|| default_of(name))
    }

    /// The deadline of the next statement: the connection's own, but never a later one.
    pub(super) fn deadline(&self, most: Duration) -> Duration {
        let own = self.0.get("statement_timeout").and_then(|value| timeout(value));
        own.filter(|own| !own.is_zero()).map_or(most, |own| own.min(most))
    }
}

/// `5000`, `5s`, `100 ms` or `2min`.
fn timeout(value: &str) -> Option<Duration> {
    let value = value.trim();
    let digits = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let number: u64 = value[..digits].parse().ok()?;
    let factor = match value[digits..].trim() {
        "" | "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    Some(Duration::from_millis(number.checked_mul(factor)?))
}

/// The statement of form in the text, if it is one and nothing else.
pub(super) fn parse(sql: &str) -> Option<Local> {
    let words = words(sql)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Some(match words.as_slice() {
        ["set", "session" | "local", rest @ ..] | ["set", rest @ ..] => return set(rest),
        ["reset", "all"] => Local::ResetAll { tag: "RESET" },
        ["reset", name] => Local::Reset { name: (*name).to_owned() },
        ["show", "tables" | "columns" | "functions" | "databases" | "schemas" | "views", ..] => return None,
        ["show", "transaction", "isolation", "level"] => {
            Local::Show { name: "transaction_isolation".to_owned() }
        }
        ["show", "time", "zone"] => Local::Show { name: "timezone".to_owned() },
        ["show", name] => Local::Show { name: (*name).to_owned() },
        ["begin", ..] | ["start", "transaction", ..] => Local::Begin,
        ["commit" | "end", ..] => Local::Commit,
        ["rollback", "to", ..] => Local::RollbackTo,
        ["rollback" | "abort", ..] => Local::Rollback,
        ["savepoint", _] => Local::Nothing { tag: "SAVEPOINT" },
        ["release", ..] => Local::Nothing { tag: "RELEASE" },
        ["discard", "all"] => Local::ResetAll { tag: DISCARD_ALL },
        ["discard", _] => Local::Nothing { tag: "DISCARD" },
        ["deallocate", "prepare", name] | ["deallocate", name] => {
            Local::Deallocate { name: (*name != "all").then(|| (*name).to_owned()) }
        }
        ["unlisten", _] => Local::Nothing { tag: "UNLISTEN" },
        _ => return None,
    })
}

fn set(words: &[&str]) -> Option<Local> {
    match words {
        ["transaction" | "characteristics", ..] => Some(Local::Nothing { tag: "SET" }),
        ["time", "zone", value] => {
            Some(Local::Set { name: "timezone".to_owned(), value: (*value).to_owned() })
        }
        [name, "=" | "to", "default"] => Some(Local::Reset { name: (*name).to_owned() }),
        [name, "=" | "to", value @ ..] if !value.is_empty() => {
            Some(Local::Set { name: (*name).to_owned(), value: value.join(" ").replace(" ,", ",") })
        }
        _ => None,
    }
}

/// The words of one statement: keywords and names in lower case, texts as they are.
pub(super) fn words(sql: &str) -> Option<Vec<String>> {
    // Forms are short; the planner looks at everything else.
    if sql.len() > 4_000 {
        return None;
    }
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize().ok()?;
    let mut words = Vec::new();
    let mut ended = false;
    for token in tokens {
        match token {
            Token::Whitespace(_) | Token::EOF => {}
            Token::SemiColon => ended = true,
            _ if ended => return None,
            Token::Word(word) => words.push(word.value.to_lowercase()),
            Token::SingleQuotedString(text) => words.push(text),
            // `a.b` is one name.
            Token::Period => words.last_mut()?.push('.'),
            other => words.push(other.to_string()),
        }
        let dotted = words.len().checked_sub(2).filter(|before| words[*before].ends_with('.'));
        if let Some(before) = dotted {
            let last = words.pop()?;
            words[before].push_str(&last);
        }
    }
    (!words.is_empty()).then_some(words)
}

/// The one column of SHOW.
pub(super) fn shown(name: &str, format: &Format) -> FieldInfo {
    FieldInfo::new(name.to_owned(), None, None, Type::TEXT, format.format_for(0))
}

impl State {
    /// Answers a statement of form.
    pub(super) fn answer_locally<C>(
        &self,
        client: &C,
        local: &Local,
        format: &Format,
    ) -> PgWireResult<Response>
    where
        C: ClientInfo + ClientPortalStore,
        C::PortalStore: PortalStore,
    {
        let mut settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = client.transaction_status() == TransactionStatus::Error;
        let store = client.portal_store();
        if matches!(local, Local::Commit | Local::Rollback) {
            self.cursors.end_transaction(store);
        }
        Ok(match local {
            Local::Commit if !failed => Response::TransactionEnd(Tag::new("COMMIT")),
            Local::Commit | Local::Rollback => Response::TransactionEnd(Tag::new("ROLLBACK")),
            Local::RollbackTo => Response::TransactionStart(Tag::new("ROLLBACK")),
            _ if failed => return Err(aborted()),
            Local::Begin => Response::TransactionStart(Tag::new("BEGIN")),
            Local::Nothing { tag } => Response::Execution(Tag::new(tag)),
            Local::Set { name, value } => {
                settings.set(name.clone(), value.clone()).map_err(|why| plain("22023", why))?;
                Response::Execution(Tag::new("SET"))
            }
            Local::Reset { name } => {
                settings.reset(name);
                Response::Execution(Tag::new("RESET"))
            }
            Local::ResetAll { tag } => {
                settings.reset_all();
                if *tag == DISCARD_ALL {
                    self.cursors.close(store, None)?;
                    self.statements.take(None).iter().for_each(|name| store.rm_statement(name));
                }
                Response::Execution(Tag::new(tag))
            }
            Local::Deallocate { name } => {
                let gone = self.statements.take(name.as_deref());
                if let (Some(name), []) = (name, gone.as_slice()) {
                    return Err(plain("26000", format!("there is no prepared statement {name:?}")));
                }
                gone.iter().for_each(|name| store.rm_statement(name));
                Response::Execution(Tag::new(if name.is_some() { "DEALLOCATE" } else { "DEALLOCATE ALL" }))
            }
            Local::Show { name } => {
                let unknown = || plain("42704", format!("unrecognized configuration parameter {name:?}"));
                let value = settings.get(name).ok_or_else(unknown)?.to_owned();
                let fields = Arc::new(vec![shown(name, format)]);
                let mut encoder = DataRowEncoder::new(fields.clone());
                encoder.encode_field(&value)?;
                let row = encoder.take_row();
                let mut response = QueryResponse::new(fields, stream::iter([Ok(row)]));
                response.set_command_tag("SHOW");
                Response::Query(response)
            }
        })
    }
}

#[cfg(test)]
#[path = "local/tests.rs"]
mod tests;
