//! YAML whose every value knows its place, so that a complaint names line and column.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};

/// Values within values, and values in all: far above any definition, far below what hurts.
const DEEPEST: usize = 64;
const MOST: usize = 100_000;

/// Line and column, from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tree {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What a value is, by the core schema of YAML 1.2.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Tree>),
    /// Each key with its place, in the order of the file.
    Map(Vec<(String, Place, Tree)>),
}

/// A document: its tree, and its text as it stands in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    pub(crate) tree: Tree,
    pub(crate) text: String,
}

/// Something that is no YAML, or not what a definition may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) place: Place,
    pub(crate) problem: String,
}

/// Every document of a text up to the first syntax error, behind which nothing can be read. A list at
/// the top holds a document in each entry. Keys that occur twice are told, and the first one counts.
pub(crate) fn read(text: &str) -> (Vec<Document>, Vec<Broken>) {
    let mut reader =
        Reader { parser: Parser::new_from_str(text), anchors: HashMap::new(), values: 0, twice: Vec::new() };
    let mut documents = Vec::new();
    loop {
        match reader.document() {
            Ok(None) => break,
            Ok(Some((Tree { value: Value::List(entries), .. }, _))) => {
                let ends: Vec<usize> = entries.iter().skip(1).map(|next| next.place.line - 1).collect();
                for (n, tree) in entries.into_iter().enumerate() {
                    let end = ends.get(n).copied().unwrap_or(usize::MAX);
                    let text = excerpt(text, tree.place, end);
                    documents.push(Document { tree, text });
                }
            }
            Ok(Some((tree, end))) => {
                let text = excerpt(text, tree.place, end);
                documents.push(Document { tree, text });
            }
            Err(broken) => {
                reader.twice.push(broken);
                break;
            }
        }
    }
    documents.retain(|document| document.tree.value != Value::Null);
    (documents, reader.twice)
}

/// The lines from `from` to line `last`, moved to the left edge.
fn excerpt(text: &str, from: Place, last: usize) -> String {
    let indent = from.column - 1;
    let count = last.saturating_sub(from.line - 1);
    let lines = text.lines().skip(from.line - 1).take(count);
    let lines = lines
        .enumerate()
        .take_while(|(n, line)| *n == 0 || !line.starts_with("---") && !line.starts_with("..."));
    let moved = lines.map(|(n, line)| {
        let margin =
            if n == 0 { indent } else { line.chars().take(indent).take_while(|c| *c == ' ').count() };
        line.chars().skip(margin).collect::<String>()
    });
    let text = moved.collect::<Vec<_>>().join("\n");
    format!("{}\n", text.trim_end())
}

fn place(marker: Marker) -> Place {
    Place { line: marker.line(), column: marker.col() + 1 }
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    anchors: HashMap<usize, Tree>,
    values: usize,
    twice: Vec<Broken>,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Option<(Event<'t>, Span)>, Broken> {
        let broken = |error: ScanError| Broken {
            place: place(*error.marker()),
            problem: format!("is not YAML: {}", error.info()),
        };
        self.parser.next().transpose().map_err(broken)
    }

    /// The next document and its last line.
    fn document(&mut self) -> Result<Option<(Tree, usize)>, Broken> {
        while let Some((event, _)) = self.next()? {
            if !matches!(event, Event::DocumentStart(_)) {
                continue;
            }
            self.anchors.clear();
            let Some((first, span)) = self.next()? else { return Ok(None) };
            let tree = self.value(first, span, 0)?;
            let end = self.next()?.map_or(usize::MAX, |(_, span)| span.start.line());
            return Ok(Some((tree, end)));
        }
        Ok(None)
    }

    fn value(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Tree, Broken> {
        let place = place(span.start);
        self.values += 1;
        if depth > DEEPEST || self.values > MOST {
            let problem = format!("is too much; allowed: {DEEPEST} levels and {MOST} values in a file");
            return Err(Broken { place, problem });
        }
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                (anchor, if plain { scalar(&text) } else { Value::Text(text.into_owned()) })
            }
            Event::SequenceStart(anchor, _) => (anchor, Value::List(self.list(depth)?)),
            Event::MappingStart(anchor, _) => (anchor, Value::Map(self.map(depth)?)),
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).cloned();
                let tree = known.ok_or_else(|| Broken { place, problem: "refers to itself".to_owned() })?;
                self.values += size(&tree);
                return Ok(Tree { place, ..tree });
            }
            _ => (0, Value::Null),
        };
        let tree = Tree { place, value };
        if anchor > 0 {
            self.anchors.insert(anchor, tree.clone());
        }
        Ok(tree)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Tree>, Broken> {
        let mut entries = Vec::new();
        while let Some((event, span)) = self.next()? {
            if event == Event::SequenceEnd {
                break;
            }
            entries.push(self.value(event, span, depth + 1)?);
        }
        Ok(entries)
    }

    fn map(&mut self, depth: usize) -> Result<Vec<(String, Place, Tree)>, Broken> {
        let mut fields: Vec<(String, Place, Tree)> = Vec::new();
        while let Some((event, span)) = self.next()? {
            if event == Event::MappingEnd {
                break;
            }
            let at = place(span.start);
            let Event::Scalar(key, ..) = event else {
                return Err(Broken { place: at, problem: "is no key; allowed: text".to_owned() });
            };
            let Some((event, span)) = self.next()? else { break };
            let value = self.value(event, span, depth + 1)?;
            if fields.iter().any(|(known, ..)| *known == key) {
                let problem = format!("has the key {key:?} a second time; keep one of them");
                self.twice.push(Broken { place: at, problem });
            } else {
                fields.push((key.into_owned(), at, value));
            }
        }
        Ok(fields)
    }
}

fn size(tree: &Tree) -> usize {
    1 + match &tree.value {
        Value::List(entries) => entries.iter().map(size).sum(),
        Value::Map(fields) => fields.iter().map(|(_, _, value)| size(value)).sum(),
        _ => 0,
    }
}

/// A plain scalar by the core schema.
fn scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        // Rust also reads words such as `inf`, which are text in YAML.
        _ if text.bytes().all(|c| c.is_ascii_digit() || b"+-.eE".contains(&c)) => {
            text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Number)
        }
        _ => Value::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests;
