//! Content lines: unfolded, and split into name, parameters and value (RFC 5545, 3.1).

/// A content line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Property {
    /// In capitals.
    pub(super) name: String,
    /// Names in capitals, values without quotes.
    pub(super) parameters: Vec<(String, String)>,
    pub(super) value: String,
    /// Where it begins, counted from 1.
    pub(super) line: usize,
}

impl Property {
    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Joins folded lines; each with the number of its first.
pub(super) fn unfold(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, last))) => last.push_str(rest),
            _ if line.trim().is_empty() => {}
            _ => lines.push((index + 1, line.to_owned())),
        }
    }
    lines
}

/// Splits a content line; the error says what is missing.
pub(super) fn split(line: usize, text: &str) -> Result<Property, String> {
    let mut parts = Vec::new();
    let (mut quoted, mut begin, mut value) = (false, 0, None);
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            ';' | ':' if !quoted => {
                parts.push(&text[begin..at]);
                begin = at + 1;
                if letter == ':' {
                    value = Some(&text[begin..]);
                    break;
                }
            }
            _ => {}
        }
    }
    let Some(value) = value else {
        return Err("no colon between name and value: a content line is written NAME:value (RFC 5545, 3.1)"
            .to_owned());
    };
    let mut parts = parts.into_iter();
    let name = parts.next().unwrap_or_default();
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(format!("`{name}` is not the name of a property (RFC 5545, 3.1)"));
    }
    let parameters = parts.map(|part| match part.split_once('=') {
        Some((key, value)) => Ok((key.to_ascii_uppercase(), value.replace('"', ""))),
        None => Err(format!("the parameter `{part}` has no value")),
    });
    Ok(Property {
        name: name.to_ascii_uppercase(),
        parameters: parameters.collect::<Result<_, _>>()?,
        value: value.to_owned(),
        line,
    })
}
