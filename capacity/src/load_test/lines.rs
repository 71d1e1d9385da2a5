//! Lines and documents of bounded length, and the count of lines that cannot be read.

use std::io::{self, BufRead, Read};

use super::ImportError;

/// The longest line: a vegeta result with a body of some megabytes.
const LINE_MIB: u64 = 16;
/// The longest summary or report.
const DOCUMENT_MIB: u64 = 64;
const MIB: u64 = 1024 * 1024;
/// After so many lines of which more than half cannot be read, the rest is not looked at.
const HOPELESS: u64 = 100;

/// Lines of a reader, without their ends.
pub(super) struct Lines<'a, R> {
    reader: R,
    source: &'a str,
    line: Vec<u8>,
    number: u64,
}

impl<'a, R: BufRead> Lines<'a, R> {
    pub(super) fn new(reader: R, source: &'a str) -> Self {
        Self { reader, source, line: Vec::new(), number: 0 }
    }

    /// The next line that is not blank, with its number counted from 1.
    ///
    /// Errors: a line beyond the limit, a failing reader.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &[u8])>, ImportError> {
        loop {
            self.line.clear();
            let read =
                self.reader.by_ref().take(LINE_MIB * MIB).read_until(b'\n', &mut self.line).map_err(
                    |error| ImportError::Read { source_name: self.source.to_owned(), source: error },
                )?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if read as u64 == LINE_MIB * MIB && !self.line.ends_with(b"\n") {
                return Err(ImportError::TooLong {
                    source_name: self.source.to_owned(),
                    what: format!("line {}", self.number),
                    limit: LINE_MIB,
                });
            }
            let length = self.line.trim_ascii_end().len();
            self.line.truncate(length);
            if length > 0 {
                return Ok(Some((self.number, &self.line)));
            }
        }
    }
}

/// All of a summary or report. What is not UTF-8 is replaced.
///
/// Errors: longer than any such document is, a failing reader.
pub(super) fn document(reader: impl Read, source: &str) -> Result<String, ImportError> {
    let mut bytes = Vec::new();
    reader
        .take(DOCUMENT_MIB * MIB + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| ImportError::Read { source_name: source.to_owned(), source: error })?;
    if bytes.len() as u64 > DOCUMENT_MIB * MIB {
        return Err(ImportError::TooLong {
            source_name: source.to_owned(),
            what: "the document".to_owned(),
            limit: DOCUMENT_MIB,
        });
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A reader that gives up when too much is read for one record: parsers that keep a whole record or event in
/// memory are fed through it.
pub(super) struct Bounded<R> {
    inner: R,
    left: usize,
}

impl<R> Bounded<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, left: (LINE_MIB * MIB) as usize }
    }

    /// A new record begins.
    pub(super) fn renew(&mut self) {
        self.left = (LINE_MIB * MIB) as usize;
    }

    fn check(&self) -> io::Result<()> {
        if self.left == 0 {
            return Err(io::Error::other(format!(
                "a record is longer than {LINE_MIB} MiB: a quote or a tag is never closed"
            )));
        }
        Ok(())
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        let read = self.inner.read(into)?;
        self.left = self.left.saturating_sub(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount);
        self.inner.consume(amount);
    }
}

/// How many lines were read and how many could not be.
#[derive(Debug, Default)]
pub(super) struct Tally {
    lines: u64,
    bad: u64,
    first: Option<(u64, String)>,
    /// The latest line, if it was bad.
    pending: Option<(u64, String)>,
}

impl Tally {
    /// A line was read.
    pub(super) fn good(&mut self) {
        self.settle();
        self.lines += 1;
    }

    /// A line could not be read.
    ///
    /// Errors: most of many lines cannot be read.
    pub(super) fn bad(
        &mut self,
        line: u64,
        message: impl Into<String>,
        source: &str,
    ) -> Result<(), ImportError> {
        self.settle();
        self.lines += 1;
        self.pending = Some((line, message.into()));
        if self.bad >= HOPELESS && self.bad > self.lines / 2 {
            return self.check(source);
        }
        Ok(())
    }

    fn settle(&mut self) {
        if let Some(bad) = self.pending.take() {
            self.bad += 1;
            self.first.get_or_insert(bad);
        }
    }

    fn check(&self, source: &str) -> Result<(), ImportError> {
        match &self.first {
            Some((line, message)) if self.bad.saturating_mul(1_000) > self.lines => Err(ImportError::Line {
                source_name: source.to_owned(),
                line: *line,
                message: message.clone(),
                bad: self.bad,
                lines: self.lines,
            }),
            _ => Ok(()),
        }
    }

    /// The file has ended: what must be noted of it.
    ///
    /// Errors: more than one line in a thousand could not be read, the last one aside.
    pub(super) fn end(mut self, source: &str) -> Result<Vec<String>, ImportError> {
        let cut = self.pending.take();
        self.check(source)?;
        let mut notes = Vec::new();
        if let Some((line, message)) = &self.first {
            notes.push(format!(
                "{} of {} lines could not be read and are left out, line {line} first: {message}.",
                self.bad, self.lines
            ));
        }
        if let Some((line, _)) = cut {
            notes.push(format!(
                "The last line, {line}, is cut short and left out: the test was stopped while it wrote."
            ));
        }
        Ok(notes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn one_bad_line_in_a_thousand_is_noted_and_more_are_an_error() {
        let mut tally = Tally::default();
        (0..500).for_each(|_| tally.good());
        tally.bad(501, "not JSON", "f").unwrap();
        (0..499).for_each(|_| tally.good());
        tally.bad(1_001, "cut", "f").unwrap();
        assert_eq!(
            tally.end("f").unwrap(),
            [
                "1 of 1001 lines could not be read and are left out, line 501 first: not JSON.",
                "The last line, 1001, is cut short and left out: the test was stopped while it wrote.",
            ]
        );
        let mut tally = Tally::default();
        tally.good();
        tally.bad(2, "not JSON", "f").unwrap();
        tally.good();
        insta::assert_snapshot!(tally.end("f").unwrap_err(), @"f:2: not JSON (1 of 3 lines cannot be read, more than one in a thousand); check that the file is whole and nothing else was written into it");
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let endless = io::repeat(b'x').take(17 * MIB);
        let mut lines = Lines::new(io::BufReader::new(endless), "f");
        insta::assert_snapshot!(lines.next().unwrap_err(), @"f: line 1 is longer than 16 MiB; is this the right file");
        let mut bounded = Bounded::new(io::repeat(b'x'));
        assert!(bounded.read_to_end(&mut Vec::new()).is_err());
        bounded.renew();
        assert_eq!(bounded.read(&mut [0; 8]).unwrap(), 8);
    }
}
