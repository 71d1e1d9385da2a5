//! Values that are too long, and cutting them.

use std::borrow::Cow;

use crate::decode::Value;

/// No value in protobuf grows by more than this when it is written as text: a double of eleven
/// bytes may have 309 digits.
const MOST_GROWTH: usize = 32;

/// Whether a value has more than `max` bytes as text; 0 allows any.
pub(super) fn is_long(value: &Value<'_>, max: usize) -> bool {
    if max == 0 {
        return false;
    }
    match value {
        Value::Empty | Value::Bool(_) | Value::Int(_) | Value::Double(_) => false,
        Value::Text(text) => text.len() > max,
        // Base64.
        Value::Bytes(bytes) => bytes.len().div_ceil(3) * 4 > max,
        Value::Array(chunk) | Value::List(chunk) => {
            chunk.bytes.len() > max / MOST_GROWTH && value.text().len() > max
        }
    }
}

/// The value as text of at most `max` bytes, the last of which say what is missing.
pub(super) fn cut(value: &Value<'_>, max: usize) -> Vec<u8> {
    let text: Cow<'_, [u8]> = value.text();
    let mark = format!("\u{2026}[cut, {} bytes]", text.len());
    let mut kept = max.saturating_sub(mark.len());
    // Not inside a character: at most three bytes back.
    while kept > 0 && text.get(kept).is_some_and(|byte| byte & 0xc0 == 0x80) {
        kept -= 1;
    }
    let mut out = text[..kept.min(text.len())].to_vec();
    out.extend_from_slice(mark.as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_at_a_character_and_says_so() {
        let text = "ä".repeat(100);
        let value = Value::Text(text.as_bytes());
        assert!(is_long(&value, 199) && !is_long(&value, 200) && !is_long(&value, 0));
        let out = String::from_utf8(cut(&value, 65)).expect("whole characters");
        assert_eq!(out, format!("{}\u{2026}[cut, 200 bytes]", "ä".repeat(23)));
        assert!(out.len() <= 65);
        // What was cut once is not cut again.
        assert!(!is_long(&Value::Text(out.as_bytes()), 65));
    }

    #[test]
    fn bytes_count_as_the_text_they_become() {
        let bytes = [7; 300];
        assert!(!is_long(&Value::Bytes(&bytes), 400) && is_long(&Value::Bytes(&bytes), 399));
        assert!(cut(&Value::Bytes(&bytes), 399).ends_with("[cut, 400 bytes]".as_bytes()));
    }

    #[test]
    fn bytes_that_are_no_text_are_cut_too() {
        assert!(cut(&Value::Text(&[0x80; 100]), 64).len() <= 64);
        assert!(cut(&Value::Text(&[0xff; 100]), 64).len() == 64);
    }
}
