//! Label matchers as Alertmanager writes them: `severity="critical"`, `service=~"order|risk"`.

use std::fmt;
use std::str::FromStr;

use headroom_delivery::Labels;
use regex::Regex;
use serde::{Deserialize, Serialize};

/// A condition on one label. A label that is missing is as one that is empty.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Matcher {
    name: String,
    operator: Operator,
    value: String,
    /// The whole value must match.
    regex: Option<Regex>,
}

/// How a label is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`: the whole value matches the regular expression.
    Matches,
    /// `!~`: it does not.
    NotMatches,
}

/// Conditions that must all hold; none at all hold for everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Matchers(pub Vec<Matcher>);

/// Why a text is no matcher.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatcherError {
    /// There is no operator, or no name before it.
    #[error("{0:?} is no matcher; write name=\"value\", with =, !=, =~ or !~")]
    Form(String),
    /// The regular expression is none.
    #[error("{0:?} is no regular expression: {1}")]
    Regex(String, String),
}

impl Matcher {
    /// A matcher.
    ///
    /// # Errors
    /// A regular expression that is none.
    pub fn new(name: &str, operator: Operator, value: &str) -> Result<Self, MatcherError> {
        let regex = match operator {
            Operator::Equal | Operator::NotEqual => None,
            Operator::Matches | Operator::NotMatches => {
                let wrong = |error: regex::Error| MatcherError::Regex(value.to_owned(), error.to_string());
                // First alone: `a)|(b` is none, but would be one with the anchors around it.
                Regex::new(value).map_err(wrong)?;
                Some(Regex::new(&format!("^(?s:{value})$")).map_err(wrong)?)
            }
        };
        Ok(Self { name: name.to_owned(), operator, value: value.to_owned(), regex })
    }

    /// Whether the labels fit.
    pub fn fits(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.name).map_or("", String::as_str);
        let same = match &self.regex {
            Some(regex) => regex.is_match(value),
            None => value == self.value,
        };
        same == matches!(self.operator, Operator::Equal | Operator::Matches)
    }
}

impl Matchers {
    /// Whether the labels fit all of them.
    pub fn fit(&self, labels: &Labels) -> bool {
        self.0.iter().all(|matcher| matcher.fits(labels))
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.operator, &self.value) == (&other.name, other.operator, &other.value)
    }
}

impl FromStr for Matcher {
    type Err = MatcherError;

    fn from_str(text: &str) -> Result<Self, MatcherError> {
        let wrong = || MatcherError::Form(text.to_owned());
        let at = text.find(['=', '!']).ok_or_else(wrong)?;
        let (name, rest) = (text[..at].trim(), &text[at..]);
        let operators = [
            ("=~", Operator::Matches),
            ("!~", Operator::NotMatches),
            ("!=", Operator::NotEqual),
            ("=", Operator::Equal),
        ];
        let (operator, value) = operators
            .iter()
            .find_map(|(sign, operator)| Some((*operator, rest.strip_prefix(sign)?.trim())))
            .ok_or_else(wrong)?;
        if name.is_empty() {
            return Err(wrong());
        }
        let value = match value.strip_prefix('"') {
            Some(quoted) => unquoted(quoted.strip_suffix('"').ok_or_else(wrong)?).ok_or_else(wrong)?,
            None => value.to_owned(),
        };
        Self::new(name, operator, &value)
    }
}

/// Undoes `\"`, `\\` and `\n`; `None` for a quote or a backslash that stands alone.
fn unquoted(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return None,
            '\\' => match chars.next()? {
                'n' => out.push('\n'),
                c @ ('"' | '\\') => out.push(c),
                _ => return None,
            },
            c => out.push(c),
        }
    }
    Some(out)
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operator = match self.operator {
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Matches => "=~",
            Operator::NotMatches => "!~",
        };
        let value = self.value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        write!(f, "{}{operator}\"{value}\"", self.name)
    }
}

impl TryFrom<String> for Matcher {
    type Error = MatcherError;

    fn try_from(text: String) -> Result<Self, MatcherError> {
        text.parse()
    }
}

impl From<Matcher> for String {
    fn from(matcher: Matcher) -> Self {
        matcher.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fits(matcher: &str, value: Option<&str>) -> bool {
        let labels = value.map(|value| ("service".to_owned(), value.to_owned())).into_iter().collect();
        matcher.parse::<Matcher>().expect("a matcher").fits(&labels)
    }

    #[test]
    fn the_four_operators() {
        assert!(fits("service=\"order\"", Some("order")) && !fits("service=\"order\"", Some("orders")));
        assert!(!fits("service != order", Some("order")) && fits("service!=order", None));
        assert!(fits("service=~\"order|risk\"", Some("risk")), "either");
        assert!(!fits("service=~\"order|risk\"", Some("risks")), "the whole value");
        assert!(!fits("service=~order|risk", Some("preorder")), "from its beginning");
        assert!(fits("service!~\"or.*\"", Some("risk")) && !fits("service!~\"or.*\"", Some("order")));
        assert!(fits("service=~\"a.b\"", Some("a\nb")), "a dot is any character");
    }

    #[test]
    fn a_missing_label_is_an_empty_one() {
        assert!(fits("service=\"\"", None) && fits("service=~\".*\"", None));
        assert!(!fits("service!=\"\"", None) && !fits("service=~\".+\"", None));
    }

    #[test]
    fn faults_are_told() {
        for bad in ["service", "=\"x\"", "a=\"x", "a=\"x\\\"", "a=\"x\\q\"", "a!\"x\"", "a=\"x\"y\""] {
            assert!(matches!(bad.parse::<Matcher>(), Err(MatcherError::Form(_))), "{bad}");
        }
        for bad in ["a=~\"(\"", "a=~\"a)|(b\""] {
            assert!(matches!(bad.parse::<Matcher>(), Err(MatcherError::Regex(..))), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in "\\PC*|[\\n\"\\\\a]*", operator in 0_usize..2) {
            let operator = [Operator::Equal, Operator::NotEqual][operator];
            let matcher = Matcher::new("service", operator, &value).expect("a matcher");
            prop_assert_eq!(matcher.to_string().parse::<Matcher>().expect("a matcher"), matcher);
        }
    }
}
