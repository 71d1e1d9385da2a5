//! How bad a record is: the ranges of `SeverityNumber` that OpenTelemetry gives names to.

use serde::Serialize;
use utoipa::ToSchema;

use crate::scan::{Compare, Filter, Literal};

/// A range of severity numbers; `unset` where a program gave neither number nor a known word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are OpenTelemetry's")]
pub enum Level {
    Unset,
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

impl Level {
    /// Every level, mildest first.
    pub const ALL: [Self; 7] =
        [Self::Unset, Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Fatal];

    /// Its name, as it is typed and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// Words that programs write instead of a number, in capitals.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Unset => &[],
            Self::Trace => &["TRACE", "FINEST", "FINER"],
            Self::Debug => &["DEBUG", "FINE", "VERBOSE"],
            Self::Info => &["INFO", "INFORMATION", "NOTICE"],
            Self::Warn => &["WARN", "WARNING"],
            Self::Error => &["ERROR", "ERR", "SEVERE"],
            Self::Fatal => &["FATAL", "CRITICAL", "CRIT", "ALERT", "EMERGENCY", "PANIC"],
        }
    }

    /// The level of a name that a person typed: its own, or one of the words programs write.
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.to_ascii_uppercase();
        Self::ALL
            .into_iter()
            .find(|level| level.name().eq_ignore_ascii_case(text) || level.words().contains(&word.as_str()))
    }

    /// The level of a record: by its number, or by its word where it has none.
    pub fn of(number: u8, text: &str) -> Self {
        match number {
            1..=4 => Self::Trace,
            5..=8 => Self::Debug,
            9..=12 => Self::Info,
            13..=16 => Self::Warn,
            17..=20 => Self::Error,
            21..=24 => Self::Fatal,
            _ => {
                let word = text.to_ascii_uppercase();
                Self::ALL
                    .into_iter()
                    .find(|level| level.words().contains(&word.as_str()))
                    .unwrap_or(Self::Unset)
            }
        }
    }

    /// The smallest number of the level; 0 for `unset`.
    fn first(self) -> u64 {
        Self::ALL
            .iter()
            .position(|level| *level == self)
            .map_or(0, |place| (place as u64 * 4).saturating_sub(3))
    }

    /// Records of this level.
    pub(super) fn filter(self) -> Filter {
        let number = |op, number| Filter::compare("severity", op, Literal::UInt(number));
        let without = number(Compare::Eq, 0);
        if self == Self::Unset {
            let known = Self::ALL.iter().flat_map(|level| level.spellings());
            let said = Filter::In("severity_text".to_owned(), known.collect());
            return Filter::And(vec![without, Filter::Not(Box::new(said))]);
        }
        let numbered = Filter::And(vec![
            number(Compare::GreaterEq, self.first()),
            number(Compare::LessEq, self.first() + 3),
        ]);
        let said = Filter::In("severity_text".to_owned(), self.spellings().collect());
        Filter::Or(vec![numbered, Filter::And(vec![without, said])])
    }

    /// Records of this level and worse.
    pub(super) fn and_worse(self) -> Filter {
        Filter::Or(Self::ALL.into_iter().filter(|level| *level >= self).map(Self::filter).collect())
    }

    /// The words as programs write them: in capitals, small, or with one capital.
    fn spellings(self) -> impl Iterator<Item = Literal> {
        self.words().iter().flat_map(|word| {
            let small = word.to_ascii_lowercase();
            [(*word).to_owned(), format!("{}{}", &word[..1], &small[1..]), small].map(Literal::Text)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_have_levels() {
        let of = |number| Level::of(number, "").name();
        assert_eq!(
            [of(0), of(1), of(5), of(9), of(12), of(13), of(17), of(24)].join(" "),
            "unset trace debug info info warn error fatal"
        );
        assert_eq!(Level::of(0, "Warning"), Level::Warn);
        assert_eq!(Level::of(9, "ERROR"), Level::Info, "the number is what counts");
        assert_eq!(Level::of(0, "loud"), Level::Unset);
        assert_eq!(Level::parse("err"), Some(Level::Error));
        assert_eq!(Level::parse("loud"), None);
        for level in Level::ALL {
            assert_eq!(Level::of(level.first() as u8, ""), level);
            assert_eq!(Level::parse(level.name()), Some(level));
        }
    }
}
