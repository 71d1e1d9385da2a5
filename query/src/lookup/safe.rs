//! What may be read out: no suspicion, no personal data.

/// Parts of words that give a suspicion away, wherever they stand.
const TELLTALE: [&str; 8] =
    ["fraud", "stolen", "sanction", "aml", "watchlist", "suspic", "launder", "surveillance"];
/// A number of so many digits may be an account or a card.
const LONG_NUMBER: usize = 6;
/// Longest text of a program that is shown, in letters.
const LONGEST: usize = 160;

/// Whether a text gives a suspicion away.
pub(super) fn hints(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    TELLTALE.iter().any(|part| text.contains(part))
}

/// A program's text as it may be shown: addresses and long numbers masked, cut when it is long. `None` when it hints at
/// a suspicion, or says nothing.
pub(super) fn safe(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || hints(text) {
        return None;
    }
    let words: Vec<String> = text.split_whitespace().map(masked).collect();
    let mut shown: String = words.join(" ").chars().take(LONGEST).collect();
    if shown.len() < words.join(" ").len() {
        shown.push('\u{2026}');
    }
    Some(shown)
}

fn masked(word: &str) -> String {
    if word.contains('@') {
        return "***".to_owned();
    }
    let digits = word.chars().filter(char::is_ascii_digit).count();
    if digits < LONG_NUMBER {
        return word.to_owned();
    }
    word.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_numbers_and_suspicions_are_not_shown() {
        assert_eq!(safe(" no route to jane@doe.com at 10:02 "), Some("no route to *** at 10:02".to_owned()));
        assert_eq!(safe("IBAN DE44500105175407324931"), Some("IBAN DE####################".to_owned()));
        assert_eq!(safe("blocked: Fraud score 0.9"), None);
        assert_eq!(safe("  "), None);
        assert_eq!(safe(&"long ".repeat(100)).map(|text| text.chars().count()), Some(LONGEST + 1));
    }
}
