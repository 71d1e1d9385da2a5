//! Reports as PDF.

use std::io::Write as _;
use std::process::{Command, Stdio};

use headroom_reports::chart::Scale;
use headroom_reports::{Block, Callout, Chart, Column, KeyFigure, Rich, Section, Severity};
use proptest::prelude::*;

use crate::make::{document, figure, line, table};
use crate::pdf_reader::Pdf;

fn read(document: &headroom_reports::Document) -> Pdf {
    Pdf::read(&document.to_pdf().unwrap())
}

/// Text with all runs of spaces as one.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_report_has_its_text_its_bookmarks_and_its_sources() {
    let mut report = document(
        "Uptime of November",
        vec![
            Block::Paragraph(
                Rich::new()
                    .plain("Orders cost ")
                    .bold("€ 0.0031")
                    .plain(" each in ")
                    .code("order-service")
                    .plain("."),
            ),
            figure(Chart::Line(line(vec![(1_793_577_600.0, 3.0), (1_793_581_200.0, 9.0)], Scale::Zero))),
            table(
                vec![Column::text("Service"), Column::number("Rate")],
                vec![vec!["Ωmega".into(), "1,234.50".into()]],
            ),
            Block::KeyFigures(vec![KeyFigure {
                label: "Peak".into(),
                value: "₹ 9".into(),
                note: "at noon".into(),
            }]),
            Block::Callout(Callout {
                severity: Severity::Warning,
                title: "Look".into(),
                text: "here".into(),
            }),
            Block::List { ordered: true, items: vec!["first thing".into(), "second thing".into()] },
            Block::Source { query: "GET /v1/slo".into(), range: "all of it".into() },
        ],
    );
    report.sections.push(Section::new("Second", vec![]));
    let pdf = read(&report);
    assert_eq!(pdf.outline(), ["Only section", "Second", "Sources"]);
    let text = squeezed(&pdf.texts().join(" "));
    for part in [
        "Uptime of November",
        "Orders cost € 0.0031 each in order-service .",
        "Figure 1. Requests rise [1]",
        "Requests, per second",
        "Ωmega 1,234.50",
        "Peak ₹ 9 at noon",
        "Warning Look here",
        "1. first thing 2. second thing",
        "SELECT minute, requests FROM service_minutes",
        "2026-11-01 00:00 to 2026-11-02 00:00 UTC",
        "[3] The statements under “Only section”. all of it GET /v1/slo",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(pdf.says("/Lang(en)") && pdf.says("/Marked true") && pdf.says("/Figure"));
    assert!(pdf.says("pdfuaid:part") && pdf.says("<pdfaid:part>2</pdfaid:part>"));
    assert!(
        pdf.says("Line chart of Requests, per second against Time, UTC"),
        "charts have words for those who hear"
    );
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let chart = Chart::Line(line(vec![(0.0, 1.0), (60.0, 2.0)], Scale::Log));
    let report = document("Twice", vec![figure(chart)]);
    assert_eq!(report.to_pdf().unwrap(), report.to_pdf().unwrap());
}

#[test]
fn a_long_table_has_its_header_on_every_page() {
    let rows =
        (0..500).map(|n| vec![Rich::new().code(format!("service-{n}")), format!("{n}.50").into()]).collect();
    let report =
        document("Long", vec![table(vec![Column::text("Service name"), Column::number("Cost")], rows)]);
    let pdf = read(&report);
    assert!((11..=16).contains(&pdf.page_count()), "{} pages", pdf.page_count());
    let texts = pdf.texts();
    let count = texts.len();
    for (n, text) in texts.iter().enumerate() {
        let text = squeezed(text);
        assert!(text.contains(&format!("{} of {count}", n + 1)), "page {} has no number: {text}", n + 1);
        if text.contains("service-") {
            let header = text.find("Service name Cost").unwrap();
            assert!(header < text.find("service-").unwrap(), "page {}: {text}", n + 1);
        }
    }
    let all = texts.join(" ");
    assert!((0..500).all(|n| all.contains(&format!("service-{n} "))), "no row is lost");
}

#[test]
fn a_heading_is_not_left_alone_at_the_foot_of_a_page() {
    for filler in 30..60 {
        let blocks = (0..filler).map(|n| Block::Paragraph(format!("Line {n}").into())).collect();
        let mut report = document("Feet", blocks);
        report.sections.push(Section::new("Alone at the foot", vec![Block::Paragraph("Follows it".into())]));
        let texts = read(&report).texts();
        let page = texts.iter().rposition(|t| t.contains("Alone at the foot")).unwrap();
        assert!(texts[page].contains("Follows it"), "with {filler} lines before it");
    }
}

#[test]
fn long_words_rows_and_queries_are_broken_and_nothing_is_lost() {
    let word = "abcdefghij".repeat(40);
    let long = (0..1_500).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
    let many = (0..14).map(|n| Column::text(format!("Column {n}"))).collect();
    let row = (0..14).map(|n| Rich::from(format!("{n}{word}"))).collect();
    let report = document(
        &word,
        vec![
            Block::Paragraph(word.as_str().into()),
            table(
                vec![Column::text("One"), Column::number("Two")],
                vec![vec![long.as_str().into(), "1".into()]],
            ),
            table(many, vec![row]),
            Block::Source { query: word.repeat(10), range: word.clone() },
            Block::Callout(Callout {
                severity: Severity::Info,
                title: word.clone(),
                text: long.as_str().into(),
            }),
        ],
    );
    let pdf = read(&report);
    let text: String = pdf.texts().join(" ");
    for n in 0..1_500 {
        assert!(text.contains(&format!("w{n} ")), "w{n}");
    }
    let letters = text.chars().filter(|c| ('a'..='j').contains(c)).count();
    assert!(letters >= 400 * (1 + 14 + 10), "{letters}");
}

#[test]
fn empty_things_are_said_to_be_empty() {
    let report = document(
        "",
        vec![
            table(vec![Column::text("Service")], vec![]),
            table(vec![], vec![]),
            table(vec![], vec![vec!["cell without a header".into()], vec![]]),
            figure(Chart::Line(line(vec![], Scale::Zero))),
            Block::List { ordered: false, items: vec![] },
            Block::KeyFigures(vec![]),
            Block::Paragraph(Rich::new()),
        ],
    );
    let text = squeezed(&read(&report).texts().join(" "));
    for part in [
        "Report without a title",
        "No rows in this time range",
        "No columns",
        "cell without a header",
        "No data",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let mut nothing = report;
    nothing.sections.clear();
    assert_eq!(read(&nothing).page_count(), 1);
}

#[test]
fn what_the_fonts_lack_is_seen() {
    let report =
        document("取引 report", vec![Block::Paragraph("a\u{202e}b नमस्ते 🚀 e\u{301} \u{0} ok".into())]);
    let text = squeezed(&read(&report).texts().join(" "));
    assert!(text.contains("□□ report"), "{text}");
    assert!(text.contains("a□b") && text.ends_with("1 of 1"), "{text}");
}

#[test]
fn links_lead_where_they_say() {
    let text = Rich::new()
        .link("good", "https://example.com/a?b=1")
        .link("bad", "javascript:alert(1)")
        .link("here", "/slo/7");
    let pdf = read(&document("Links", vec![Block::Paragraph(text)]));
    assert!(pdf.says("https://example.com/a?b=1"));
    assert!(!pdf.says("javascript") && !pdf.says("/URI(/slo"));
}

/// Another reader agrees: `pdftotext` of poppler, where it is installed.
#[test]
fn poppler_reads_the_text_in_order() {
    let rows = (0..80).map(|n| vec![format!("row {n}").into(), format!("{n}.00").into()]).collect();
    let report = document(
        "Poppler",
        vec![
            Block::Paragraph(
                "The answer comes first, and the words of a line that is too long for one stay words."
                    .repeat(3)
                    .as_str()
                    .into(),
            ),
            table(vec![Column::text("Name"), Column::number("Cost, €")], rows),
        ],
    );
    let child = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("SKIPPED: pdftotext is not installed (apt-get install poppler-utils)");
        return;
    };
    let bytes = report.to_pdf().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&bytes));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let text = squeezed(&String::from_utf8(output.stdout).unwrap());
    assert!(
        text.contains("The answer comes first, and the words of a line that is too long for one stay words."),
        "{text}"
    );
    assert!(text.contains("row 7 7.00 row 8 8.00"), "{text}");
    assert_eq!(text.matches("Name Cost, €").count(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_makes_a_pdf(title in any::<String>(), cell in any::<String>(), query in "\\PC{0,80}|(.|\n){0,200}") {
        let mut report = document(&title, vec![
            Block::Paragraph(Rich::new().plain(&cell).bold(&title).code(&query).link(&cell, &query)),
            table(vec![Column::text(&title), Column::number(&cell)], vec![vec![cell.as_str().into()], vec![], vec![query.as_str().into(), "1".into(), "2".into()]]),
            Block::Callout(Callout { severity: Severity::Good, title: cell.clone(), text: query.as_str().into() }),
            Block::KeyFigures(vec![KeyFigure { label: title.clone(), value: cell.clone(), note: query.clone() }]),
            Block::List { ordered: false, items: vec![title.as_str().into()] },
            Block::Source { query: query.clone(), range: cell.clone() },
        ]);
        report.subtitle = query;
        report.tenant = cell.clone();
        report.sections.push(Section::new(cell, vec![]));
        prop_assert!(report.to_pdf().is_ok_and(|pdf| pdf.starts_with(b"%PDF-1.7")), "{:?}", report.to_pdf().err());
    }
}
