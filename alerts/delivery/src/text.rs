//! Texts of bounded length.

/// Longest address that goes into a link; receivers refuse the whole message for a longer one.
pub(crate) const MAX_URL: usize = 2_000;

/// What stands for the rest of a text.
const ELLIPSIS: char = '…';

/// The text on one line without control characters, which some receivers refuse: each run of white space is one space.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// At most `max` UTF-16 units of the text, in which JSON receivers count: never fewer than the characters that others count.
pub(crate) fn cut(text: &str, max: usize) -> String {
    cut_escaped(text, max, |c, out| out.push(c))
}

/// As [`cut`], with each character written by `escape`: what is written for one character is never split.
pub(crate) fn cut_escaped(text: &str, max: usize, escape: impl Fn(char, &mut String)) -> String {
    let mut out = String::with_capacity(text.len());
    let mut units = 0;
    // Where to go back to when the text turns out to be too long: the last place with room for the ellipsis.
    let mut keep = 0;
    for c in text.chars() {
        if units < max {
            keep = out.len();
        }
        let before = out.len();
        escape(c, &mut out);
        units += out[before..].encode_utf16().count();
        if units > max {
            out.truncate(keep);
            if max > 0 {
                out.push(ELLIPSIS);
            }
            break;
        }
    }
    out
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_texts_stay() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("😀😀", 4), "😀😀");
        assert_eq!(cut("😀😀", 3), "😀…");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(one_line("a\r\nBcc: b\u{0}\tc "), "a Bcc: b c");
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    proptest! {
        #[test]
        fn never_longer(text in ".{0,60}", max in 0_usize..40) {
            let cut = cut(&text, max);
            prop_assert!(cut.encode_utf16().count() <= max);
            prop_assert!(cut == text || max == 0 || text.starts_with(cut.trim_end_matches(ELLIPSIS)));
        }
    }
}
