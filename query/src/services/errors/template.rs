//! A message without what is different each time.
//!
//! `order 8123 not found for jane@doe.com` becomes `order <number> not found for <email>`: messages that say the same of
//! different things are one group, and nobody's name or number is in it.

/// Longest template, in characters.
const LONGEST: usize = 300;
/// Digits and letters up to `f` that are taken for hex when so many stand together.
const LEAST_HEX: usize = 6;

/// The message with numbers, ids, hex, quoted text and e-mail addresses replaced by what they are.
pub fn template(message: &str) -> String {
    let letters: Vec<char> = message.chars().collect();
    let (mut text, mut at) = (String::new(), 0);
    while at < letters.len() {
        if let Some(end) = quoted(&letters, at) {
            text.push_str("<text>");
            at = end;
        } else if is_word(letters[at]) {
            let mut end = at;
            while end < letters.len() && (is_word(letters[end]) || joins(&letters, end)) {
                end += 1;
            }
            let word: String = letters[at..end].iter().collect();
            text.push_str(kind(&word).unwrap_or(&word));
            at = end;
        } else {
            text.push(letters[at]);
            at += 1;
        }
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().take(LONGEST).collect()
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Whether a sign stands between two letters of a word, as in an address, a decimal number or a UUID.
fn joins(letters: &[char], at: usize) -> bool {
    let is_sign = matches!(letters[at], '@' | '.' | '-' | '+' | ',' | ':');
    is_sign && at > 0 && is_word(letters[at - 1]) && letters.get(at + 1).is_some_and(|next| is_word(*next))
}

/// The end of quoted text that begins here. A quote within a word is an apostrophe.
fn quoted(letters: &[char], at: usize) -> Option<usize> {
    let quote = letters[at];
    if !matches!(quote, '\'' | '"' | '`') || at > 0 && is_word(letters[at - 1]) {
        return None;
    }
    let ends =
        |end: &usize| letters[*end] == quote && !letters.get(end + 1).is_some_and(|next| is_word(*next));
    (at + 1..letters.len()).find(ends).map(|end| end + 1)
}

/// What stands for a word, unless it is to be kept.
fn kind(word: &str) -> Option<&'static str> {
    if word.contains('@') {
        return Some("<email>");
    }
    if !word.chars().any(char::is_numeric) {
        return None;
    }
    let parts: Vec<&str> = word.split('-').collect();
    let is_hex = |text: &str| text.chars().all(|letter| letter.is_ascii_hexdigit());
    if parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(|part| is_hex(part)) {
        return Some("<uuid>");
    }
    if word.chars().all(|letter| letter.is_numeric() || matches!(letter, '.' | ',' | '-' | '+' | ':')) {
        return Some("<number>");
    }
    let hex = word.strip_prefix("0x").unwrap_or(word);
    Some(if is_hex(hex) && (hex.len() >= LEAST_HEX || hex.len() < word.len()) { "<hex>" } else { "<id>" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_differs_each_time_is_replaced() {
        for (message, expected) in [
            ("order 8123 not found", "order <number> not found"),
            ("order 99 not found", "order <number> not found"),
            ("order ord-81f3 not found", "order <id> not found"),
            ("can't reach 10.0.0.7:5432", "can't reach <number>"),
            ("no price within 30s, tried 1,000 times.", "no price within <id>, tried <number> times."),
            ("trace 4bf92f3577b34da6a3ce929d0e0e4736", "trace <hex>"),
            ("at 0xdeadbeef", "at <hex>"),
            ("id 123e4567-e89b-12d3-a456-426614174000!", "id <uuid>!"),
            ("user 'Jane Doe' (jane@doe.com) is unknown", "user <text> (<email>) is unknown"),
            ("key \"a\" of `b` isn't 'c'", "key <text> of <text> isn't <text>"),
            ("connection reset by peer", "connection reset by peer"),
            ("java.lang.IllegalState: two\n  lines", "java.lang.IllegalState: two lines"),
            ("", ""),
        ] {
            assert_eq!(template(message), expected);
        }
    }

    proptest! {
        #[test]
        fn no_digit_and_no_address_is_left(message in ".{0,80}") {
            let text = template(&message);
            prop_assert!(!text.chars().any(|letter| letter.is_ascii_digit()), "{text}");
        }

        #[test]
        fn a_template_is_its_own(message in "[^'\"`]{0,80}") {
            let text = template(&message);
            prop_assert_eq!(template(&text), text);
        }

        #[test]
        fn messages_of_different_things_are_one(a in 0_u64.., b in 0_u64.., id in any::<u128>(), other in any::<u128>()) {
            let say = |n: u64, id: u128| template(&format!("order {n} of u{id:032x}0: limit '{n}' hit"));
            prop_assert_eq!(say(a, id), say(b, other));
        }
    }
}
