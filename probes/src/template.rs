//! Texts with holes: `Bearer {{token}}`.

use std::fmt;

use serde::Deserialize;

/// A text in which `{{name}}` stands for a variable.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Hole(String),
}

/// Whether a text may name a variable: letters, digits and `_`, not a digit first.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (1..=63).contains(&text.len())
        && text.chars().all(plain)
        && !text.starts_with(|c: char| c.is_ascii_digit())
}

impl Template {
    /// Reads a text with holes.
    ///
    /// # Errors
    /// A hole that is not closed, or that holds no name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, hole)) = rest.split_once("{{") {
            let (name, after) =
                hole.split_once("}}").ok_or_else(|| format!("{{{{ is not closed by }}}} in {text:?}"))?;
            let name = name.trim();
            if !is_name(name) {
                return Err(format!(
                    "{name:?} is no variable; allowed: letters, digits and '_', as in {{{{order_id}}}}"
                ));
            }
            parts.extend((!before.is_empty()).then(|| Part::Text(before.to_owned())));
            parts.push(Part::Hole(name.to_owned()));
            rest = after;
        }
        parts.extend((!rest.is_empty()).then(|| Part::Text(rest.to_owned())));
        Ok(Self { parts })
    }

    /// The names of its variables, in their order.
    pub fn holes(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with its holes filled by `value`.
    pub fn filled(&self, mut value: impl FnMut(&str) -> String) -> String {
        let fill = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Hole(name) => value(name),
        };
        self.parts.iter().map(fill).collect()
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Hole(name) => write!(f, "{{{{{name}}}}}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_wrong_hole_is_refused() {
        assert_eq!(Template::parse("a {{b").unwrap_err(), "{{ is not closed by }} in \"a {{b\"");
        assert!(Template::parse("{{}}").unwrap_err().starts_with("\"\" is no variable"));
        assert!(Template::parse("{{a b}}").unwrap_err().contains("as in {{order_id}}"));
        assert!(Template::parse("{{9a}}").is_err());
        // What looks like half a hole is text: the end of nested objects does.
        assert_eq!(Template::parse("{\"a\":{\"b\":1}}").unwrap().holes().count(), 0);
    }

    proptest! {
        #[test]
        fn what_is_between_the_holes_stays_to_the_byte(
            texts in proptest::collection::vec("[^{}]{0,8}", 1..6),
            value in ".*",
        ) {
            let template = Template::parse(&texts.join("{{ a_1 }}")).expect("a template");
            prop_assert_eq!(template.holes().count(), texts.len() - 1);
            prop_assert_eq!(template.filled(|_| value.clone()), texts.join(&value));
            prop_assert_eq!(Template::parse(&template.to_string()).expect("its own text"), template);
        }

        #[test]
        fn nothing_makes_it_panic(text in "[{}a-z_ é]*") {
            let _ = Template::parse(&text);
        }
    }
}
