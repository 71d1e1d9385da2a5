//! An attribute's value, borrowed from wherever it is.

use std::borrow::Cow;

/// How much of a value is repeated in a fault.
const SHOWN: usize = 40;

/// The value of an attribute. An attribute without a value counts as not being there: leave
/// it out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Text.
    Text(&'a str),
    /// A 64-bit integer.
    Int(i64),
    /// A double.
    Double(f64),
    /// True or false.
    Bool(bool),
    /// A list, a map or bytes: no contract takes them, and an open one looks past them.
    Other,
}

impl<'a> Value<'a> {
    /// A JSON value as the attribute it would be sent as.
    pub(crate) fn of_json(json: &'a serde_json::Value) -> Self {
        match json {
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Bool(flag) => Self::Bool(*flag),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(whole) => Self::Int(whole),
                None => number.as_f64().map_or(Self::Other, Self::Double),
            },
            _ => Self::Other,
        }
    }

    /// What was found, in words; of a personal value only its kind.
    pub(crate) fn found(self, personal: bool) -> String {
        match self {
            Self::Text("") => "an empty text".to_owned(),
            Self::Text(text) if personal => format!("a text of {} characters", text.chars().count()),
            Self::Text(text) => format!("the text {:?}", shorten(text)),
            Self::Int(_) if personal => "an integer".to_owned(),
            Self::Int(whole) => format!("the integer {whole}"),
            Self::Double(_) if personal => "a float".to_owned(),
            Self::Double(number) => format!("the float {number:?}"),
            Self::Bool(_) if personal => "true or false".to_owned(),
            Self::Bool(flag) => flag.to_string(),
            Self::Other => "a list, a map or bytes".to_owned(),
        }
    }
}

/// The beginning of a long text.
pub(crate) fn shorten(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_short_and_say_nothing_personal() {
        for (value, open, personal) in [
            (Value::Text("a@b.example"), "the text \"a@b.example\"", "a text of 11 characters"),
            (Value::Text(""), "an empty text", "an empty text"),
            (Value::Int(-7), "the integer -7", "an integer"),
            (Value::Double(7.0), "the float 7.0", "a float"),
            (Value::Bool(true), "true", "true or false"),
            (Value::Other, "a list, a map or bytes", "a list, a map or bytes"),
        ] {
            assert_eq!(value.found(false), open);
            assert_eq!(value.found(true), personal);
        }
        let long = "é".repeat(500);
        assert_eq!(Value::Text(&long).found(false), format!("the text \"{}…\"", "é".repeat(40)));
    }
}
