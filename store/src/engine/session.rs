//! One connection as a row of independent requests: settings and database of a request
//! hold for that request only.
//!
//! The connection remembers what it was told last. Before each statement only the
//! difference is sent: changed settings are set, settings that the request does not name
//! go back to their defaults. Requests of one client mostly name the same settings, so
//! this costs nothing most of the time, and nothing can leak.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::library::{Api, Connection, Failure};
use super::statement::{Kind, kind};
use super::stitch::Stitch;
use crate::literal;

/// A request, as read from HTTP.
#[derive(Debug, Default)]
pub(crate) struct Request {
    /// The statement.
    pub(crate) sql: String,
    /// The rows of an INSERT.
    pub(crate) data: Bytes,
    /// The database for names without one.
    pub(crate) database: String,
    /// The format where the statement has none.
    pub(crate) default_format: String,
    /// Settings by name.
    pub(crate) settings: BTreeMap<String, String>,
    /// Whether only reading statements are allowed.
    pub(crate) read_only: bool,
}

/// Where an answer goes. `false` means that nobody listens any more.
pub(crate) trait Sink {
    /// The next part of the body.
    fn send(&mut self, part: Bytes) -> bool;
}

/// How a stream without a failure ended.
enum Ended {
    /// With its last chunk.
    Whole,
    /// Nobody listened any more.
    Unheard,
}

/// A connection and what it was told.
pub(crate) struct Session {
    api: &'static Api,
    data: PathBuf,
    connection: Connection,
    settings: BTreeMap<String, String>,
    database: String,
}

impl Session {
    pub(crate) fn open(api: &'static Api, data: &Path) -> Result<Self, Failure> {
        let connection = Connection::open(api, data)?;
        let (data, database) = (data.to_owned(), "default".to_owned());
        Ok(Self { api, data, connection, settings: BTreeMap::new(), database })
    }

    /// Takes a fresh connection in the place of one whose stream broke off: what the library
    /// had ready of it could come out in front of the next answer. The new one is opened
    /// first, for the engine ends with its last connection.
    fn renew(&mut self) {
        match Self::open(self.api, &self.data) {
            Ok(fresh) => *self = fresh,
            Err(Failure(words)) => tracing::error!(words, "a connection of the engine cannot be renewed"),
        }
    }

    /// Runs one request. Nothing is sent before the first part is known to be good, so
    /// an error without a part can still become an HTTP status.
    pub(crate) fn run(&mut self, request: &Request, sink: &mut dyn Sink) -> Result<(), Failure> {
        let kind = kind(&request.sql, &request.default_format);
        if kind == Kind::Session {
            return Err(refused(
                "SET and USE have no session here: give settings and database with the request",
            ));
        }
        if !matches!(kind, Kind::Insert { .. }) {
            let analysis = self.connection.classify(request.sql.as_bytes());
            if analysis.statements > 1 {
                return Err(Failure(
                    "Code: 62. DB::Exception: Syntax error: multi-statements are not allowed (SYNTAX_ERROR)"
                        .to_owned(),
                ));
            }
            if request.read_only && analysis.class != 0 && analysis.statements == 1 {
                return Err(read_only());
            }
        } else if request.read_only {
            return Err(read_only());
        }
        self.prepare(request)?;
        let sql = request.sql.as_bytes();
        match kind {
            Kind::Insert { sql, format } => self.connection.insert(sql.as_bytes(), &format, &request.data),
            Kind::Select { format } => match Stitch::of(&format) {
                Some(stitch) => {
                    let outcome = self.stream(sql, &request.default_format, stitch, sink);
                    if !matches!(outcome, Ok(Ended::Whole)) {
                        self.renew();
                    }
                    outcome.map(|_| ())
                }
                None => self.whole(sql, &request.default_format, sink),
            },
            Kind::Other | Kind::Session => self.whole(sql, &request.default_format, sink),
        }
    }

    fn whole(&self, sql: &[u8], format: &str, sink: &mut dyn Sink) -> Result<(), Failure> {
        let answer = self.connection.query(sql, format)?;
        if !answer.is_empty() {
            sink.send(answer.into());
        }
        Ok(())
    }

    fn stream(
        &self,
        sql: &[u8],
        format: &str,
        stitch: Stitch,
        sink: &mut dyn Sink,
    ) -> Result<Ended, Failure> {
        let mut chunks = self.connection.stream(sql, format)?;
        let mut first = true;
        while let Some(chunk) = chunks.next()? {
            let part = stitch
                .part(&chunk, first)
                .ok_or_else(|| refused("the engine's answer has an unknown form"))?;
            let part =
                if part.len() == chunk.len() { Bytes::from(chunk) } else { Bytes::copy_from_slice(part) };
            first = false;
            if !part.is_empty() && !sink.send(part) {
                return Ok(Ended::Unheard);
            }
        }
        if !first && !stitch.end().is_empty() {
            sink.send(Bytes::from_static(stitch.end()));
        }
        Ok(Ended::Whole)
    }

    /// Brings settings and database of the connection to those of the request.
    fn prepare(&mut self, request: &Request) -> Result<(), Failure> {
        let mut changes = String::new();
        let mut change = |name: &str, value: &str| {
            if !changes.is_empty() {
                changes.push_str(", ");
            }
            let _ = write!(changes, "{name} = {value}");
        };
        for name in self.settings.keys().filter(|name| !request.settings.contains_key(*name)) {
            change(name, "DEFAULT");
        }
        for (name, value) in &request.settings {
            if !is_word(name) {
                return Err(Failure(format!(
                    "Code: 115. DB::Exception: Unknown setting {name:?} (UNKNOWN_SETTING)"
                )));
            }
            if self.settings.get(name) != Some(value) {
                change(name, &literal::string(value));
            }
        }
        if !changes.is_empty() {
            if let Err(failure) = self.connection.query(format!("SET {changes}").as_bytes(), "Null") {
                self.forget(request);
                return Err(failure);
            }
            self.settings.clone_from(&request.settings);
        }
        if self.database != request.database {
            let sql = format!("USE {}", literal::ident(&request.database));
            self.connection.query(sql.as_bytes(), "Null")?;
            self.database.clone_from(&request.database);
        }
        Ok(())
    }

    /// After a failed SET: whatever was set goes back to its default.
    fn forget(&mut self, request: &Request) {
        let names = self.settings.keys().chain(request.settings.keys());
        for name in names.filter(|name| is_word(name)) {
            let sql = format!("SET {name} = DEFAULT");
            // A name that ClickHouse does not know has nothing to go back from.
            let _ = self.connection.query(sql.as_bytes(), "Null");
        }
        self.settings.clear();
    }
}

/// Whether a setting's name can stand in a statement as it is.
fn is_word(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn refused(why: &str) -> Failure {
    Failure(format!("Code: 48. DB::Exception: {why} (NOT_IMPLEMENTED)"))
}

fn read_only() -> Failure {
    Failure("Code: 164. DB::Exception: Cannot execute query in readonly mode (READONLY)".to_owned())
}
