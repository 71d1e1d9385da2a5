//! Where a value is in a JSON document: the singular queries of RFC 9535, which name one place at most.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

/// A path such as `$.orders[0].status`, `$['a key'][-1]` or `$`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Path {
    text: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Name(String),
    /// From the end when negative.
    Index(i64),
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// What is not a singular query: where it stops being one, and what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |rest: &str| {
            format!(
                "{text:?} is not a path from character {} on; allowed: $, then names and numbers, as in \
                 $.orders[0].status or $['a key'][-1]",
                text.chars().count() - rest.chars().count() + 1
            )
        };
        let mut rest = text.strip_prefix('$').ok_or_else(|| wrong(text))?;
        let mut segments = Vec::new();
        while !rest.is_empty() {
            let (segment, after) = segment(rest).ok_or_else(|| wrong(rest))?;
            segments.push(segment);
            rest = after;
        }
        Ok(Self { text: text.to_owned(), segments })
    }

    /// The value at this place, if there is one.
    pub fn get<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.segments.iter().try_fold(document, |value, segment| match segment {
            Segment::Name(name) => value.as_object()?.get(name),
            Segment::Index(index) => {
                let items = value.as_array()?;
                let from_end = usize::try_from(index.unsigned_abs()).ok()?;
                let at = if *index < 0 { items.len().checked_sub(from_end)? } else { from_end };
                items.get(at)
            }
        })
    }
}

fn segment(text: &str) -> Option<(Segment, &str)> {
    if let Some(rest) = text.strip_prefix('.') {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
        let end = rest.find(|c| !plain(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let starts = name.starts_with(|c: char| !c.is_ascii_digit());
        return starts.then(|| (Segment::Name(name.to_owned()), after));
    }
    let rest = text.strip_prefix('[')?;
    if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let (name, after) = quoted(&rest[1..], quote)?;
        return Some((Segment::Name(name), after.strip_prefix(']')?));
    }
    let (number, after) = rest.split_once(']')?;
    let digits = number.strip_prefix('-').unwrap_or(number);
    let plain = digits == "0" || digits.starts_with(|c: char| ('1'..='9').contains(&c));
    let index = number.parse().ok().filter(|_| plain && number != "-0")?;
    Some((Segment::Index(index), after))
}

/// A name up to its closing quote, and what follows; `\` keeps a quote or a `\` from meaning anything.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => name.push(chars.next().map(|(_, c)| c).filter(|c| matches!(c, '\\' | '\'' | '"'))?),
            c if c == quote => return Some((name, &text[at + 1..])),
            c => name.push(c),
        }
    }
    None
}

impl TryFrom<String> for Path {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_examples_of_rfc_9535_that_name_one_place() {
        // Section 2.3.1.3 (name selectors) and 2.3.3.3 (index selectors).
        let names = json!({"o": {"j j": {"k.k": 3}}, "'": {"@": 2}});
        let get = |path: &str, of: &Value| Path::parse(path).expect(path).get(of).cloned();
        assert_eq!(get("$.o['j j']", &names), Some(json!({"k.k": 3})));
        assert_eq!(get("$.o['j j']['k.k']", &names), Some(json!(3)));
        assert_eq!(get("$.o[\"j j\"][\"k.k\"]", &names), Some(json!(3)));
        assert_eq!(get("$[\"'\"][\"@\"]", &names), Some(json!(2)));
        let items = json!(["a", "b"]);
        assert_eq!(get("$[1]", &items), Some(json!("b")));
        assert_eq!(get("$[-2]", &items), Some(json!("a")));
        assert_eq!((get("$[2]", &items), get("$[-3]", &items), get("$.a", &items)), (None, None, None));
        assert_eq!(get("$", &items), Some(items.clone()));
    }

    #[test]
    fn what_names_many_places_or_none_is_refused_with_where() {
        for (text, at) in [
            ("", 1),
            ("status", 1),
            ("$.", 2),
            ("$..a", 2),
            ("$.*", 2),
            ("$[*]", 2),
            ("$[1:2]", 2),
            ("$.a[01]", 4),
            ("$[-0]", 2),
            ("$['a]", 2),
            ("$['a", 2),
            ("$.a b", 4),
            ("$[?@.a]", 2),
            ("$.9", 2),
            ("$['\\n']", 2),
        ] {
            let said = Path::parse(text).expect_err(text);
            assert!(said.contains(&format!("from character {at} on")), "{text}: {said}");
        }
    }

    /// A document and the way to one place in it.
    fn placed() -> impl Strategy<Value = (Value, String, Value)> {
        let leaf =
            prop_oneof![any::<i32>().prop_map(Value::from), ".*".prop_map(Value::from), Just(Value::Null)];
        let start = leaf.prop_map(|value| (value.clone(), String::new(), value));
        start.prop_recursive(6, 32, 4, |inner| {
            prop_oneof![
                (inner.clone(), ".*", ".*").prop_map(|((of, path, value), key, other)| {
                    let escaped = key.replace('\\', "\\\\").replace('\'', "\\'");
                    let mut object = json!({other: 1});
                    object[key] = of;
                    (object, format!("['{escaped}']{path}"), value)
                }),
                (inner, 0..4_usize, any::<bool>()).prop_map(|((of, path, value), before, back)| {
                    let mut items = vec![Value::Null; 5];
                    items[before] = of;
                    let index = if back { before as i64 - 5 } else { before as i64 };
                    (Value::from(items), format!("[{index}]{path}"), value)
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_place_has_a_path((document, path, value) in placed()) {
            let path = Path::parse(&format!("${path}")).expect("a path");
            prop_assert_eq!(path.get(&document), Some(&value));
        }

        #[test]
        fn nothing_makes_it_panic(text in "\\$?[\\[\\].'\"\\\\a-z0-9 $*é-]*") {
            if let Ok(path) = Path::parse(&text) {
                prop_assert_eq!(path.to_string(), text);
                path.get(&json!({"a": [1]}));
            }
        }
    }
}
