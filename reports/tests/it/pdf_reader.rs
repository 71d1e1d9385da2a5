//! Enough of a PDF reader for the files that krilla writes: pages, their text, bookmarks. Objects stand in the file
//! uncompressed, streams are deflated, strings in pages are glyph numbers that a font's `ToUnicode` map explains.

use std::collections::{BTreeMap, HashMap};
use std::io::Read as _;

pub(crate) struct Pdf {
    objects: BTreeMap<u32, Vec<u8>>,
}

impl Pdf {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        assert!(bytes.starts_with(b"%PDF-1.7"));
        assert!(bytes.trim_ascii_end().ends_with(b"%%EOF"));
        let mut objects = BTreeMap::new();
        let mut rest = bytes;
        while let Some(start) = find(rest, b" 0 obj\n") {
            let digits = rest[..start].iter().rev().take_while(|b| b.is_ascii_digit()).count();
            let number = std::str::from_utf8(&rest[start - digits..start]).unwrap().parse().unwrap();
            rest = &rest[start + 7..];
            let end = find(rest, b"\nendobj").unwrap();
            objects.insert(number, rest[..end].to_vec());
            rest = &rest[end..];
        }
        Self { objects }
    }

    fn text_of(&self, number: u32) -> String {
        String::from_utf8_lossy(&self.objects[&number]).into_owned()
    }

    /// The pages' objects, in order.
    fn pages(&self) -> Vec<String> {
        let root = self.objects.keys().map(|n| self.text_of(*n)).find(|o| o.contains("/Type/Pages")).unwrap();
        let kids = between(&root, "/Kids[", "]").unwrap();
        kids.split(" 0 R").filter_map(|n| n.trim().parse().ok()).map(|n| self.text_of(n)).collect()
    }

    pub(crate) fn page_count(&self) -> usize {
        self.pages().len()
    }

    /// The titles of the bookmarks, in order.
    pub(crate) fn outline(&self) -> Vec<String> {
        let all = self
            .objects
            .keys()
            .map(|n| self.text_of(*n))
            .filter(|o| o.contains("/Dest ") && !o.contains("/Annot"));
        all.filter_map(|o| between(&o, "/Title(", ")").map(str::to_owned)).collect()
    }

    /// Whether any object contains a text.
    pub(crate) fn says(&self, needle: &str) -> bool {
        self.objects.values().any(|o| find(o, needle.as_bytes()).is_some())
    }

    /// The text of each page; a space between pieces that were drawn apart.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.pages().iter().map(|page| self.page_text(page)).collect()
    }

    fn page_text(&self, page: &str) -> String {
        let resources = self.text_of(reference(page, "/Resources ").unwrap());
        let fonts = between(&resources, "/Font<<", ">>").unwrap_or_default();
        let mut maps = HashMap::new();
        for entry in fonts.split('/').filter(|e| !e.is_empty()) {
            let (name, number) = entry.split_once(' ').unwrap();
            let font = self.text_of(number.split(' ').next().unwrap().parse().unwrap());
            maps.insert(name.to_owned(), self.unicode(reference(&font, "/ToUnicode ").unwrap()));
        }
        let content = self.stream(reference(page, "/Contents ").unwrap());
        let mut out = String::new();
        let mut font = String::new();
        let mut i = 0;
        while i < content.len() {
            match content[i] {
                b'/' => {
                    let name: String = content[i + 1..]
                        .iter()
                        .map(|b| char::from(*b))
                        .take_while(|c| c.is_alphanumeric())
                        .collect();
                    i += name.len();
                    if maps.contains_key(&name) {
                        font = name;
                        out.push(' ');
                    }
                }
                b'(' => {
                    let (string, end) = literal(&content, i + 1);
                    i = end;
                    if let Some(map) = maps.get(&font) {
                        for pair in string.chunks_exact(2) {
                            let glyph = u16::from_be_bytes([pair[0], pair[1]]);
                            out.push_str(map.get(&glyph).map_or("", String::as_str));
                        }
                    }
                }
                _ => {}
            }
            i += 1;
        }
        out
    }

    fn stream(&self, number: u32) -> Vec<u8> {
        let object = &self.objects[&number];
        let start = find(object, b"stream\n").unwrap() + 7;
        let end = object.len() - b"\nendstream".len();
        let mut out = Vec::new();
        flate2::read::ZlibDecoder::new(&object[start..end]).read_to_end(&mut out).unwrap();
        out
    }

    /// What each glyph of a font stands for.
    fn unicode(&self, number: u32) -> HashMap<u16, String> {
        let text = String::from_utf8(self.stream(number)).unwrap();
        let pair = |line: &str| {
            let (glyph, rest) = line.strip_prefix('<')?.split_once("> <")?;
            let units = rest.strip_suffix('>')?;
            let units: Option<Vec<u16>> = (0..units.len() / 4)
                .map(|i| u16::from_str_radix(&units[i * 4..i * 4 + 4], 16).ok())
                .collect();
            Some((u16::from_str_radix(glyph, 16).ok()?, String::from_utf16(&units?).ok()?))
        };
        text.lines().filter_map(pair).collect()
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let rest = &text[text.find(start)? + start.len()..];
    Some(&rest[..rest.find(end)?])
}

fn reference(text: &str, key: &str) -> Option<u32> {
    between(text, key, " 0 R")?.parse().ok()
}

/// A literal string and the index of its closing bracket.
fn literal(bytes: &[u8], mut i: usize) -> (Vec<u8>, usize) {
    let mut out = Vec::new();
    // Brackets in pairs stand as they are.
    let mut depth = 0;
    loop {
        if bytes[i] != b'\\' {
            match bytes[i] {
                b'(' => depth += 1,
                b')' if depth == 0 => break,
                b')' => depth -= 1,
                _ => {}
            }
            out.push(bytes[i]);
            i += 1;
            continue;
        }
        let digits: Vec<u8> = bytes[i + 1..].iter().copied().take(3).take_while(u8::is_ascii_digit).collect();
        if digits.is_empty() {
            out.push(match bytes[i + 1] {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'b' => 8,
                b'f' => 12,
                other => other,
            });
            i += 2;
        } else {
            out.push(digits.iter().fold(0u8, |n, d| n.wrapping_mul(8).wrapping_add(d - b'0')));
            i += 1 + digits.len();
        }
    }
    (out, i)
}
