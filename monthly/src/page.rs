//! What the documents share: where figures come from, and how figures and times are written.

use chrono::{DateTime, SecondsFormat, Utc};
use headroom_capacity::money::Figure;
use headroom_reports::number::fixed;
use headroom_reports::{Block, Callout, Document, KeyFigure, Origin, Range, Rich, Section, Severity};

use crate::month::Period;
use crate::report::Kind;

/// Where a figure comes from: a question that can be asked again.
pub(crate) fn origin(kind: Kind, period: &Period, what: &str) -> Origin {
    let query = format!(
        "GET /api/v1/reports/{}?month={}&zone={}&format=json",
        kind.word(),
        period.month,
        period.zone
    );
    Origin { what: what.to_owned(), query, from: period.from, to: period.until }
}

/// The origin of what another door gives for the same time.
pub(crate) fn origin_of(path: &str, period: &Period, what: &str) -> Origin {
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let query = format!(
        "GET {path}{}from={}&to={}",
        if path.contains('?') { '&' } else { '?' },
        instant(period.from),
        instant(period.until)
    );
    Origin { what: what.to_owned(), query, from: period.from, to: period.until }
}

/// A report about a month of a tenant: what it is on, what it says in a sentence, and its parts.
pub(crate) fn document(
    on: &str,
    (tenant, period): (&str, &Period),
    sentence: String,
    sections: Vec<Section>,
) -> Document {
    Document {
        title: format!("{on}, {}", period.words()),
        subtitle: sentence,
        made_at: period.made_at,
        range: Range { from: period.from, to: period.until },
        tenant: tenant.to_owned(),
        sections,
    }
}

/// How to read times and days.
pub(crate) fn clocks(period: &Period) -> String {
    let days = if period.zone == "UTC" {
        "Times and days are in UTC.".to_owned()
    } else {
        format!("Days are those of {}; times are in UTC.", period.zone)
    };
    if period.over {
        return days;
    }
    format!("{days} The month is not over: figures are until {}.", moment(period.until))
}

pub(crate) fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

pub(crate) fn moment_or(at: Option<DateTime<Utc>>, otherwise: &str) -> String {
    at.map_or_else(|| otherwise.to_owned(), moment)
}

/// A figure as it is shown, or why there is none.
pub(crate) fn shown<T>(figure: &Figure<T>, show: impl Fn(&T) -> String) -> String {
    match figure {
        Figure::Known(value) => show(value),
        Figure::Unavailable { why } => format!("no figure: {why}"),
    }
}

/// A figure as a cell of a column of numbers has it: without one a dash, for reasons have no room there.
pub(crate) fn cell<T>(figure: &Figure<T>, show: impl Fn(&T) -> String) -> Rich {
    Rich::from(figure.known().map_or_else(|| "-".to_owned(), show))
}

/// Why figures that are shown as a dash are not there, of things by name.
pub(crate) fn reasons<'a, T: 'a>(figures: impl Iterator<Item = (&'a str, &'a Figure<T>)>) -> Option<Block> {
    let told = figures.filter_map(|(name, figure)| Some(Rich::from(format!("{name}: {}.", figure.why()?))));
    let told: Vec<Rich> = told.collect();
    (!told.is_empty()).then(|| bullets(told))
}

/// A count with its word: `1 alert`, `2 alerts`.
pub(crate) fn many(count: u64, word: &str) -> String {
    format!("{} {word}{}", fixed(count as f64, 0), if count == 1 { "" } else { "s" })
}

/// A share as a percentage, never rounded up to a whole that it is not.
pub(crate) fn percent(share: f64, decimals: usize) -> String {
    let scale = 10_f64.powi(decimals as i32);
    let value = (share * 100.0 * scale + 1e-6).floor() / scale;
    format!("{} %", fixed(value, decimals))
}

/// A share of a budget as a percentage.
pub(crate) fn rounded(share: f64, decimals: usize) -> String {
    format!("{} %", fixed(share * 100.0, decimals))
}

/// A length in the unit that suits it: `43 min`, `2.5 h`, `3.1 d`.
pub(crate) fn length(seconds: f64) -> String {
    match seconds {
        s if s < 100.0 => format!("{} s", fixed(s, 0)),
        s if s < 6_000.0 => format!("{} min", fixed(s / 60.0, 1)),
        s if s < 172_800.0 => format!("{} h", fixed(s / 3_600.0, 1)),
        s => format!("{} d", fixed(s / 86_400.0, 1)),
    }
}

pub(crate) fn key(label: &str, value: impl Into<String>, note: impl Into<String>) -> KeyFigure {
    KeyFigure { label: label.to_owned(), value: value.into(), note: note.into() }
}

pub(crate) fn said(text: impl Into<String>) -> Block {
    Block::Paragraph(Rich::from(text.into()))
}

pub(crate) fn callout(severity: Severity, title: impl Into<String>, text: impl Into<String>) -> Block {
    Block::Callout(Callout { severity, title: title.into(), text: Rich::from(text.into()) })
}

pub(crate) fn code(text: &str) -> Rich {
    Rich::new().code(text)
}

pub(crate) fn bullets(items: Vec<Rich>) -> Block {
    Block::List { ordered: false, items }
}

/// A section of one paragraph, for what there is nothing of.
pub(crate) fn nothing(title: &str, why: &str) -> Section {
    Section::new(title, vec![said(why)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_is_not_whole_is_never_shown_as_whole() {
        assert_eq!(percent(0.999_999_9, 3), "99.999 %");
        assert_eq!(percent(1.0, 3), "100.000 %");
        assert_eq!(percent(0.999, 3), "99.900 %");
        assert_eq!(percent(-0.25, 0), "−25 %");
    }

    #[test]
    fn lengths_are_in_the_unit_that_suits_them() {
        assert_eq!([59.0, 2_580.0, 9_000.0, 259_200.0].map(length), ["59 s", "43.0 min", "2.5 h", "3.0 d"]);
    }
}
