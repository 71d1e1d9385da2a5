//! The JSON grammar over borrowed bytes: no tree, no allocation but for the strings kept.

use super::{JsonError, MAX_DEPTH};

/// A position in a JSON text.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    pos: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        // A byte-order mark is not JSON, but some clients send one.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        Self { bytes, pos: 0 }
    }

    /// Where the next value begins.
    pub(super) fn mark(&mut self) -> usize {
        self.skip_whitespace();
        self.pos
    }

    /// Goes back to a mark.
    pub(super) fn back_to(&mut self, mark: usize) {
        self.pos = mark;
    }

    /// The text between a mark and here.
    pub(super) fn since(&self, mark: usize) -> &'a [u8] {
        &self.bytes[mark..self.pos]
    }

    pub(super) fn error(&self, what: impl Into<String>) -> JsonError {
        JsonError::new(self.pos, what)
    }

    pub(super) fn skip_whitespace(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.bytes.get(self.pos) {
            self.pos += 1;
        }
    }

    pub(super) fn peek(&mut self) -> Option<u8> {
        self.skip_whitespace();
        self.bytes.get(self.pos).copied()
    }

    /// Takes `byte` if it is next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.pos += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, byte: u8, what: &str) -> Result<(), JsonError> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected(what)) }
    }

    fn unexpected(&mut self, what: &str) -> JsonError {
        match self.peek() {
            Some(byte) => {
                self.error(format!("expected {what}, found '{}'", char::from(byte).escape_default()))
            }
            None => self.error(format!("expected {what}, found the end")),
        }
    }

    /// True after a comma, false after `close`.
    pub(super) fn comma_or(&mut self, close: u8) -> Result<bool, JsonError> {
        if self.take(b',') {
            return Ok(true);
        }
        if self.take(close) {
            return Ok(false);
        }
        Err(self.unexpected(if close == b'}' {
            "a comma or a closing brace"
        } else {
            "a comma or a closing bracket"
        }))
    }

    pub(super) fn end(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.unexpected("the end")),
        }
    }

    fn literal(&mut self, literal: &str) -> bool {
        self.skip_whitespace();
        let found = self.bytes[self.pos..].starts_with(literal.as_bytes());
        if found {
            self.pos += literal.len();
        }
        found
    }

    /// Takes a `null` if it is next.
    pub(super) fn null(&mut self) -> Result<bool, JsonError> {
        if self.peek() != Some(b'n') {
            return Ok(false);
        }
        if self.literal("null") { Ok(true) } else { Err(self.unexpected("null")) }
    }

    pub(super) fn boolean(&mut self) -> Result<bool, JsonError> {
        if self.literal("true") || self.literal("\"true\"") {
            Ok(true)
        } else if self.literal("false") || self.literal("\"false\"") {
            Ok(false)
        } else {
            Err(self.unexpected("true or false"))
        }
    }

    /// The text of a number, bare or in quotes.
    pub(super) fn number_text(&mut self) -> Result<String, JsonError> {
        if self.peek() == Some(b'"') {
            let mut text = Vec::new();
            self.string(&mut text)?;
            return String::from_utf8(text).map_err(|_| self.error("a number is not text"));
        }
        let start = self.pos;
        while let Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E') = self.bytes.get(self.pos) {
            self.pos += 1;
        }
        if start == self.pos {
            return Err(self.unexpected("a number"));
        }
        Ok(String::from_utf8_lossy(&self.bytes[start..self.pos]).into_owned())
    }

    /// Reads a string into `out`, replacing what was there.
    pub(super) fn string(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        out.clear();
        self.expect(b'"', "a string")?;
        loop {
            let rest = &self.bytes[self.pos..];
            let Some(run) = rest.iter().position(|b| *b == b'"' || *b == b'\\') else {
                return Err(self.error("a string is not closed"));
            };
            out.extend_from_slice(&rest[..run]);
            self.pos += run + 1;
            if rest[run] == b'"' {
                return Ok(());
            }
            let Some(&escape) = self.bytes.get(self.pos) else {
                return Err(self.error("a string is not closed"));
            };
            self.pos += 1;
            match escape {
                b'n' => out.push(b'\n'),
                b't' => out.push(b'\t'),
                b'r' => out.push(b'\r'),
                b'b' => out.push(8),
                b'f' => out.push(12),
                b'"' | b'\\' | b'/' => out.push(escape),
                b'u' => {
                    let c = self.unicode()?;
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => return Err(self.error("a string holds an unknown escape")),
            }
        }
    }

    fn unicode(&mut self) -> Result<char, JsonError> {
        let high = self.hex4()?;
        if let Some(c) = char::from_u32(high) {
            return Ok(c);
        }
        // A surrogate: its partner must follow, or it stands for nothing.
        if (0xd800..0xdc00).contains(&high) && self.bytes[self.pos..].starts_with(b"\\u") {
            let back = self.pos;
            self.pos += 2;
            let low = self.hex4()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.pos = back;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let digits = self.bytes.get(self.pos..self.pos + 4).and_then(|d| std::str::from_utf8(d).ok());
        let code = digits.filter(|d| !d.starts_with('+')).and_then(|d| u32::from_str_radix(d, 16).ok());
        let Some(code) = code else {
            return Err(self.error("a \\u escape needs four hex digits"));
        };
        self.pos += 4;
        Ok(code)
    }

    /// Skips one value of any kind.
    pub(super) fn skip_value(&mut self, depth: u32) -> Result<(), JsonError> {
        if depth > MAX_DEPTH {
            return Err(self.error(format!("values are nested deeper than {MAX_DEPTH}")));
        }
        match self.peek() {
            Some(b'"') => self.skip_string(),
            Some(b'{') => {
                self.pos += 1;
                if self.take(b'}') {
                    return Ok(());
                }
                loop {
                    self.skip_whitespace();
                    self.skip_string()?;
                    self.expect(b':', "a colon")?;
                    self.skip_value(depth + 1)?;
                    if !self.comma_or(b'}')? {
                        return Ok(());
                    }
                }
            }
            Some(b'[') => {
                self.pos += 1;
                if self.take(b']') {
                    return Ok(());
                }
                loop {
                    self.skip_value(depth + 1)?;
                    if !self.comma_or(b']')? {
                        return Ok(());
                    }
                }
            }
            Some(b't' | b'f') => self.boolean().map(drop),
            Some(b'n') => self.null().map(drop),
            _ => self.number_text().map(drop),
        }
    }

    fn skip_string(&mut self) -> Result<(), JsonError> {
        let mut scratch = Vec::new();
        self.string(&mut scratch)
    }
}
