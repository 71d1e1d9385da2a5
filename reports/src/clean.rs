//! Text as it may be shown: nothing hidden, nothing that moves other text, nothing that XML forbids.

use std::borrow::Cow;

/// Longest text that is shown, in characters; the rest is cut, visibly.
pub(crate) const MAX_TEXT: usize = 20_000;

/// One line of text: line breaks and tabs become spaces, other forbidden characters `U+FFFD`.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    clean(text, false)
}

/// Text of several lines, for queries: line feeds are kept.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    clean(text, true)
}

fn clean(text: &str, breaks: bool) -> Cow<'_, str> {
    let shown = |c: char| replacement(c, breaks) == Some(c);
    if text.len() <= MAX_TEXT && text.chars().all(shown) {
        return Cow::Borrowed(text);
    }
    let mut out: String = text.chars().take(MAX_TEXT).filter_map(|c| replacement(c, breaks)).collect();
    if text.chars().nth(MAX_TEXT).is_some() {
        out.push_str("… (cut)");
    }
    Cow::Owned(out)
}

/// What a character is shown as; `None` for those that only choose a variant of the one before.
fn replacement(c: char, breaks: bool) -> Option<char> {
    Some(match c {
        '\n' if breaks => c,
        '\n' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        '\r' | '\u{ad}' | '\u{fe00}'..='\u{fe0f}' => return None,
        // Overrides of direction, by which a name reads as another, marks of no width, characters of private use.
        '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{fdd0}'..='\u{fdef}' => '\u{fffd}',
        // Controls; what is no character; and the planes of private ones and of tags.
        c if c.is_control() || (u32::from(c) & 0xfffe) == 0xfffe || u32::from(c) >= 0xe_0000 => '\u{fffd}',
        c => c,
    })
}

/// Text for HTML and XML, in elements and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_left_alone_and_trickery_is_shown() {
        assert!(matches!(line("Ωmega € ₹ 取引 नमस्ते"), Cow::Borrowed(_)));
        assert_eq!(line("a\tb\r\nc"), "a b c");
        assert_eq!(lines("a\nb"), "a\nb");
        assert_eq!(line("pay\u{202e}fdp.exe"), "pay\u{fffd}fdp.exe");
        assert_eq!(
            line("\u{0}\u{1b}[31m\u{feff}\u{e000}\u{ffff}"),
            "\u{fffd}\u{fffd}[31m\u{fffd}\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn long_text_is_cut_visibly() {
        let cut = line(&"x".repeat(MAX_TEXT + 1)).into_owned();
        assert!(cut.ends_with("x… (cut)"));
        assert_eq!(line(&"x".repeat(MAX_TEXT)).len(), MAX_TEXT);
    }

    #[test]
    fn the_five_are_escaped() {
        assert_eq!(escape("<a href=\"'\">&"), "&lt;a href=&quot;&#39;&quot;&gt;&amp;");
    }
}
