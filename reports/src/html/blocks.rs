//! Blocks as HTML.

use super::text;
use crate::chart::{Chart, Data};
use crate::clean::{escape, lines};
use crate::colours::Theme;
use crate::document::{Align, Block, Callout, Figure, KeyFigure, Origin, Severity, Table};
use crate::rich::{Rich, Span};

/// The width of a chart on a page and on a phone, in pixels.
const WIDE: u32 = 760;
const NARROW: u32 = 330;

/// What was numbered so far.
#[derive(Default)]
pub(super) struct Numbers {
    tables: usize,
    figures: usize,
    sources: usize,
}

pub(super) fn block(out: &mut String, block: &Block, numbers: &mut Numbers) {
    match block {
        Block::Paragraph(content) => *out += &format!("<p>{}</p>\n", rich(content)),
        Block::List { ordered, items } => {
            let tag = if *ordered { "ol" } else { "ul" };
            if !items.is_empty() {
                let items = concat(items, |item| format!("<li>{}</li>\n", rich(item)));
                *out += &format!("<{tag}>\n{items}</{tag}>\n");
            }
        }
        Block::Table(content) => {
            numbers.tables += 1;
            numbers.sources += 1;
            table(out, content, numbers);
        }
        Block::Figure(content) => {
            numbers.figures += 1;
            numbers.sources += 1;
            figure(out, content, numbers);
        }
        Block::Callout(content) => callout(out, content),
        Block::KeyFigures(content) => key_figures(out, content),
        Block::Source { query, range } => {
            numbers.sources += 1;
            *out += &format!(
                "<div class=\"source\"><details><summary>Where does this come from?</summary>\n{}</details>\
                 <span class=\"cite\">[{}]</span></div>\n",
                origin_text("", query, range),
                numbers.sources
            );
        }
    }
}

pub(super) fn rich(rich: &Rich) -> String {
    rich.spans()
        .iter()
        .map(|span| match (span, span.href()) {
            (Span::Bold(raw), _) => format!("<strong>{}</strong>", text(raw)),
            (Span::Code(raw), _) => format!("<code>{}</code>", text(raw)),
            (Span::Link { text: raw, .. }, Some(href)) => {
                format!("<a href=\"{}\" rel=\"noopener noreferrer\">{}</a>", escape(href), text(raw))
            }
            (span, _) => text(span.text()),
        })
        .collect()
}

/// The texts made of all items, one after the other.
fn concat<T>(items: impl IntoIterator<Item = T>, one: impl Fn(T) -> String) -> String {
    items.into_iter().fold(String::new(), |all, item| all + &one(item))
}

fn origin_text(what: &str, query: &str, range: &str) -> String {
    let what = if what.is_empty() { String::new() } else { format!("<p>{}</p>\n", text(what)) };
    format!(
        "{what}<pre><code>{}</code></pre>\n<p class=\"range\">Time range: {}</p>\n",
        escape(&lines(query)),
        text(range)
    )
}

fn origin(origin: &Origin) -> String {
    format!(
        "<details><summary>How was this computed?</summary>\n{}</details>\n",
        origin_text(&origin.what, &origin.query, &origin.range().text())
    )
}

fn cite(numbers: &Numbers) -> String {
    format!("<span class=\"cite\"> [{}]</span>", numbers.sources)
}

fn class(align: Align) -> &'static str {
    match align {
        Align::Text => "",
        Align::Number => " class=\"n\"",
    }
}

fn table(out: &mut String, table: &Table, numbers: &Numbers) {
    let empty = Rich::new();
    let shown = table.even(&empty);
    *out += &format!(
        "<div class=\"tablebox\">\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table {n}\">\n\
         <table>\n<caption><span class=\"no\">Table {n}.</span> {}{}</caption>\n<thead>\n<tr>",
        text(&table.caption),
        cite(numbers),
        n = numbers.tables
    );
    for column in &shown.columns {
        *out += &format!("<th scope=\"col\"{}>{}</th>", class(column.align), text(&column.title));
    }
    *out += "</tr>\n</thead>\n<tbody>\n";
    for row in &shown.rows {
        *out += "<tr>";
        for (n, (column, cell)) in shown.columns.iter().zip(row).enumerate() {
            // The first column names the row, if it has words.
            let (tag, scope) =
                if n == 0 && column.align == Align::Text { ("th", " scope=\"row\"") } else { ("td", "") };
            *out += &format!("<{tag}{scope}{}>{}</{tag}>", class(column.align), rich(cell));
        }
        *out += "</tr>\n";
    }
    if shown.rows.is_empty() {
        let span = shown.columns.len().max(1);
        *out += &format!("<tr><td colspan=\"{span}\" class=\"left\">No rows in this time range</td></tr>\n");
    }
    *out += "</tbody>\n</table>\n</div>\n";
    if let Some(note) = shown.left_out {
        *out += &format!("<p class=\"left\">{note}</p>\n");
    }
    *out += &origin(&table.origin);
    *out += "</div>\n";
}

fn figure(out: &mut String, figure: &Figure, numbers: &Numbers) {
    let picture = |class: &str, width: u32| {
        let svg = figure.chart.svg(Theme::Page, figure.chart.natural(width));
        format!("<div class=\"chart {class}\">{svg}</div>\n")
    };
    *out += &format!(
        "<figure>\n<figcaption><span class=\"no\">Figure {}.</span> {}{}</figcaption>\n{}{}{}{}</figure>\n",
        numbers.figures,
        text(&figure.caption),
        cite(numbers),
        picture("wide", WIDE),
        picture("narrow", NARROW),
        origin(&figure.origin),
        as_table(&figure.chart, numbers)
    );
}

/// The numbers of a chart, to be opened.
fn as_table(chart: &Chart, numbers: &Numbers) -> String {
    let Data { header, rows, note } = chart.data();
    if rows.is_empty() {
        return String::new();
    }
    let head =
        concat(&header, |(title, align)| format!("<th scope=\"col\"{}>{}</th>", class(*align), text(title)));
    let body = concat(&rows, |row| {
        let cells = header.iter().zip(row);
        let cells = concat(cells, |((_, align), cell)| format!("<td{}>{}</td>", class(*align), text(cell)));
        format!("<tr>{cells}</tr>\n")
    });
    let note = note.map_or_else(String::new, |note| format!("<p>{}</p>\n", text(&note)));
    format!(
        "<details><summary>Show as a table</summary>\n{note}<div class=\"scroll\" role=\"region\" tabindex=\"0\" \
         aria-label=\"Numbers of figure {}\"><table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>\
         </details>\n",
        numbers.figures
    )
}

fn callout(out: &mut String, callout: &Callout) {
    let class = match callout.severity {
        Severity::Good => "good",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
        Severity::Info => "info",
    };
    let (word, title) = (callout.severity.word(), text(&callout.title));
    *out += &format!(
        "<aside class=\"callout {class}\" aria-label=\"{word}: {title}\">\n<p class=\"title\">\
         <span class=\"word\">{word}</span>{title}</p>\n"
    );
    if !callout.text.text().is_empty() {
        *out += &format!("<p>{}</p>\n", rich(&callout.text));
    }
    *out += "</aside>\n";
}

fn key_figures(out: &mut String, figures: &[KeyFigure]) {
    if figures.is_empty() {
        return;
    }
    *out += "<dl class=\"keys\">\n";
    for figure in figures {
        *out += &format!(
            "<div><dt>{}</dt><dd class=\"value\">{}</dd><dd class=\"note\">{}</dd></div>\n",
            text(&figure.label),
            text(&figure.value),
            text(&figure.note)
        );
    }
    *out += "</dl>\n";
}
