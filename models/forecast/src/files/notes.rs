//! What a reading has to say about its file.

use std::collections::BTreeMap;
use std::fmt;

/// Lines named in a note; of the others the number is told.
const NAMED: usize = 5;

/// What a note is about, in the order in which notes are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// Times without an offset were read as UTC, or lie in an hour that summer time skips.
    WallClock,
    /// A column was picked among several.
    Column,
    /// A time that cannot be read.
    BadTime,
    /// A value that is no number.
    NotANumber,
    /// An empty value.
    Empty,
    /// A value below zero.
    Negative,
    /// The same time twice.
    Duplicate,
    /// Times that run backwards.
    OutOfOrder,
    /// Times far away from all others.
    ClockJump,
    /// Steps that are not whole minutes, or points that do not keep a step.
    Step,
    /// Steps without a value.
    Gap,
    /// Too few points to learn a shape from.
    Short,
    /// Every value is the same.
    Constant,
}

/// A sentence about a file, with the lines it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// The first lines concerned, counted from 1; empty when it is about the whole file.
    pub lines: Vec<u64>,
    /// How many lines are concerned.
    pub count: usize,
    /// The sentence, without the lines.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        let lines: Vec<String> = self.lines.iter().map(u64::to_string).collect();
        let more = self.count.saturating_sub(self.lines.len());
        match (lines.len(), more) {
            (0, _) => Ok(()),
            (1, 0) => write!(f, " (line {})", lines[0]),
            (_, 0) => write!(f, " (lines {})", lines.join(", ")),
            _ => write!(f, " (lines {} and {more} more)", lines.join(", ")),
        }
    }
}

/// Notes as they come up.
#[derive(Debug, Default)]
pub(super) struct Notes(pub(super) BTreeMap<NoteKind, Note>);

impl Notes {
    /// Notes a line; `text` speaks of all lines of the kind, and the first one's stands.
    pub(super) fn line(&mut self, kind: NoteKind, line: u64, text: &str) {
        let note = self.0.entry(kind).or_insert_with(|| Note {
            kind,
            lines: Vec::new(),
            count: 0,
            text: text.to_owned(),
        });
        note.count += 1;
        if note.lines.len() < NAMED {
            note.lines.push(line);
        }
    }

    /// Notes something about the whole file.
    pub(super) fn whole(&mut self, kind: NoteKind, text: String) {
        self.0.entry(kind).or_insert(Note { kind, lines: Vec::new(), count: 0, text });
    }

    pub(super) fn finish(self) -> Vec<Note> {
        self.0.into_values().collect()
    }
}
