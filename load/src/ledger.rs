//! What became of each body, in a file that outlives the run.
//!
//! Lines of JSON: the first names the run, every other one is a body whose fate is known. Bodies
//! without a line were still under way when the run ended: their fate is unknown.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::LoadError;
use crate::run_id::RunId;
use crate::signal::Signal;

/// The version of the file's format.
const FORMAT: u32 = 1;

/// What became of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The receiver said that it has it.
    Acknowledged,
    /// The receiver said that it will not have it.
    Refused,
    /// Nobody knows: a request was made and never answered.
    Unknown,
}

/// One body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number in the run, from 0.
    pub body: u32,
    /// What it holds.
    pub signal: Signal,
    /// Records in it.
    pub records: u32,
    /// Records that the receiver left out of its acknowledgement.
    pub rejected: u32,
    /// What became of it.
    pub outcome: Outcome,
    /// The time its records are counted back from, in nanoseconds since the epoch.
    pub base_ns: u64,
    /// Requests made.
    pub attempts: u32,
    /// Requests that may have arrived and were not answered: each may have stored it once more.
    pub unanswered: u32,
}

#[derive(Serialize, Deserialize)]
struct Head {
    headroom_load_ledger: u32,
    run: RunId,
}

/// A ledger that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// The run.
    pub run: RunId,
    /// Its bodies in the order in which their fate became known.
    pub entries: Vec<Entry>,
}

impl Ledger {
    /// Reads a ledger. A last line that a crash has cut off is left out; any other line that makes
    /// no sense is an error, and so is a body that comes twice.
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        let file = File::open(path).map_err(|error| LoadError::ledger(path, "open it", error))?;
        let mut lines = BufReader::new(file);
        let (mut head, mut entries, mut text) = (None::<Head>, Vec::new(), String::new());
        for line in 1.. {
            let wrong = |what: String| LoadError::LedgerLine { path: path.to_owned(), line, what };
            text.clear();
            lines.read_line(&mut text).map_err(|error| LoadError::ledger(path, "read it", error))?;
            if !text.ends_with('\n') {
                break;
            }
            if head.is_some() {
                entries.push(serde_json::from_str::<Entry>(&text).map_err(|error| wrong(error.to_string()))?);
            } else {
                let read: Head = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
                if read.headroom_load_ledger != FORMAT {
                    return Err(wrong(format!("format {} is not known here", read.headroom_load_ledger)));
                }
                head = Some(read);
            }
        }
        let Some(Head { run, .. }) = head else {
            let what = "it is empty".to_owned();
            return Err(LoadError::LedgerLine { path: path.to_owned(), line: 1, what });
        };
        let mut bodies: Vec<u32> = entries.iter().map(|one| one.body).collect();
        bodies.sort_unstable();
        if let Some(twice) = bodies.windows(2).find(|pair| pair[0] == pair[1]) {
            let line = entries.iter().rposition(|one| one.body == twice[0]).map_or(0, |index| index + 2);
            let what = format!("body {} is there already", twice[0]);
            return Err(LoadError::LedgerLine { path: path.to_owned(), line, what });
        }
        Ok(Self { run, entries })
    }
}

/// A ledger that is being written.
#[derive(Debug)]
pub(crate) struct Writer {
    path: PathBuf,
    file: Arc<File>,
    out: BufWriter<Arc<File>>,
}

impl Writer {
    pub(crate) fn create(path: &Path, run: RunId) -> Result<Self, LoadError> {
        let file = File::create_new(path).map_err(|error| LoadError::ledger(path, "create it", error))?;
        let file = Arc::new(file);
        let mut writer = Self { path: path.to_owned(), out: BufWriter::new(file.clone()), file };
        writer.line(&Head { headroom_load_ledger: FORMAT, run })?;
        Ok(writer)
    }

    pub(crate) fn push(&mut self, entry: &Entry) -> Result<(), LoadError> {
        self.line(entry)
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), LoadError> {
        let written = serde_json::to_writer(&mut self.out, line).map_err(io::Error::from);
        let written = written.and_then(|()| self.out.write_all(b"\n"));
        written.map_err(|error| LoadError::ledger(&self.path, "write it", error))
    }

    /// Puts everything on the disk. The wait for the disk is not one of a runtime's thread.
    pub(crate) async fn sync(&mut self) -> Result<(), LoadError> {
        self.out.flush().map_err(|error| LoadError::ledger(&self.path, "write it", error))?;
        let file = self.file.clone();
        let synced = tokio::task::spawn_blocking(move || file.sync_data()).await;
        let synced = synced.unwrap_or_else(|error| Err(io::Error::other(error)));
        synced.map_err(|error| LoadError::ledger(&self.path, "sync it", error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(body: u32) -> Entry {
        Entry {
            body,
            signal: Signal::Traces,
            records: 1_000,
            rejected: 0,
            outcome: Outcome::Acknowledged,
            base_ns: 1_780_000_000_000_000_000,
            attempts: 1,
            unanswered: 0,
        }
    }

    #[tokio::test]
    async fn written_and_read() {
        let dir = tempfile::tempdir().unwrap();
        let (path, run) = (dir.path().join("ledger"), RunId::random());
        let mut writer = Writer::create(&path, run).unwrap();
        for body in [1, 0, 2] {
            writer.push(&entry(body)).unwrap();
        }
        writer.sync().await.unwrap();
        let whole = Ledger { run, entries: [1, 0, 2].map(entry).to_vec() };
        assert_eq!(Ledger::read(&path).unwrap(), whole);
        assert!(Writer::create(&path, run).unwrap_err().to_string().contains("cannot create it"));

        // A crash cuts the last line off.
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &text[..text.len() - 7]).unwrap();
        assert_eq!(Ledger::read(&path).unwrap().entries, [1, 0].map(entry));
        insta::assert_snapshot!(text.lines().nth(1).unwrap(), @r#"{"body":1,"signal":"traces","records":1000,"rejected":0,"outcome":"acknowledged","base_ns":1780000000000000000,"attempts":1,"unanswered":0}"#);
    }

    #[test]
    fn damage_is_told_by_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let error = Ledger::read(&path).unwrap_err().to_string();
            error.replace(&path.display().to_string(), "PATH")
        };
        let head = "{\"headroom_load_ledger\":1,\"run\":\"00000000000000a7\"}\n";
        let line = format!("{}\n", serde_json::to_string(&entry(5)).unwrap());
        let texts = [
            String::new(),
            head.replace(":1", ":2"),
            format!("{head}{line}nonsense\n"),
            format!("{head}{line}{line}"),
        ];
        let errors: Vec<_> = texts.iter().map(|text| read(text)).collect();
        insta::assert_snapshot!(errors.join("\n"), @"
        ledger PATH: line 1: it is empty
        ledger PATH: line 1: format 2 is not known here
        ledger PATH: line 3: expected ident at line 1 column 2
        ledger PATH: line 3: body 5 is there already
        ");
    }
}
