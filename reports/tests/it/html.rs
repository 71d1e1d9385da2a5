//! Reports as HTML.

use base64::Engine as _;
use headroom_reports::chart::Scale;
use headroom_reports::{Block, Callout, Chart, Column, KeyFigure, Rich, Severity};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::make::{document, figure, line, table};

fn body(html: &str) -> &str {
    &html[html.find("<body>").unwrap()..]
}

#[test]
fn a_small_report() {
    let report = document(
        "Uptime & more",
        vec![
            Block::Paragraph(
                Rich::new()
                    .plain("Served by ")
                    .code("order-service")
                    .plain(", see ")
                    .link("its SLO", "/slo/7"),
            ),
            Block::KeyFigures(vec![KeyFigure {
                label: "Uptime".into(),
                value: "99.98 %".into(),
                note: "of 30 days".into(),
            }]),
            Block::Callout(Callout {
                severity: Severity::Critical,
                title: "Budget is spent".into(),
                text: "Since noon.".into(),
            }),
            table(
                vec![Column::text("Service"), Column::number("Cost, €")],
                vec![vec!["a<b".into(), "1.50".into()]],
            ),
            Block::Source { query: "GET /v1/slo".into(), range: "30 days".into() },
        ],
    );
    insta::assert_snapshot!(body(&report.to_html()), @r##"
    <body>
    <a class="skip" href="#main">Skip to the report</a>
    <div class="page">
    <header>
    <p class="tenant">Northwind</p>
    <h1>Uptime &amp; more</h1>
    <p class="answer">All is well.</p>
    <dl class="meta"><div><dt>Time range</dt><dd>2026-11-01 00:00 to 2026-11-02 00:00 UTC</dd></div><div><dt>Made</dt><dd>2026-11-02 06:30 UTC</dd></div></dl>
    </header>
    <main id="main">
    <section aria-labelledby="s1">
    <h2 id="s1">Only section</h2>
    <p>Served by <code>order-service</code>, see <a href="/slo/7" rel="noopener noreferrer">its SLO</a></p>
    <dl class="keys">
    <div><dt>Uptime</dt><dd class="value">99.98 %</dd><dd class="note">of 30 days</dd></div>
    </dl>
    <aside class="callout critical" aria-label="Critical: Budget is spent">
    <p class="title"><span class="word">Critical</span>Budget is spent</p>
    <p>Since noon.</p>
    </aside>
    <div class="tablebox">
    <div class="scroll" role="region" tabindex="0" aria-label="Table 1">
    <table>
    <caption><span class="no">Table 1.</span> Services<span class="cite"> [1]</span></caption>
    <thead>
    <tr><th scope="col">Service</th><th scope="col" class="n">Cost, €</th></tr>
    </thead>
    <tbody>
    <tr><th scope="row">a&lt;b</th><td class="n">1.50</td></tr>
    </tbody>
    </table>
    </div>
    <details><summary>How was this computed?</summary>
    <p>Requests a minute.</p>
    <pre><code>SELECT minute, requests
    FROM service_minutes</code></pre>
    <p class="range">Time range: 2026-11-01 00:00 to 2026-11-02 00:00 UTC</p>
    </details>
    </div>
    <div class="source"><details><summary>Where does this come from?</summary>
    <pre><code>GET /v1/slo</code></pre>
    <p class="range">Time range: 30 days</p>
    </details><span class="cite">[2]</span></div>
    </section>
    <section class="sources">
    <h2>Sources</h2>
    <ol>
    <li>Requests a minute. <span class="range">2026-11-01 00:00 to 2026-11-02 00:00 UTC</span><pre><code>SELECT minute, requests
    FROM service_minutes</code></pre></li>
    <li>The statements under “Only section”. <span class="range">30 days</span><pre><code>GET /v1/slo</code></pre></li>
    </ol>
    </section>
    </main>
    <footer><p>Uptime &amp; more · Northwind · made 2026-11-02 06:30 UTC by Headroom</p></footer>
    </div>
    </body>
    </html>
    "##);
}

/// The names of elements that a page of ours has; text that became an element would be another.
const ELEMENTS: [&str; 50] = [
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "a",
    "div",
    "header",
    "p",
    "h1",
    "dl",
    "dt",
    "dd",
    "nav",
    "h2",
    "ol",
    "ul",
    "li",
    "main",
    "section",
    "strong",
    "code",
    "pre",
    "span",
    "details",
    "summary",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "figure",
    "figcaption",
    "aside",
    "footer",
    "svg",
    "desc",
    "line",
    "polyline",
    "polygon",
    "rect",
    "circle",
    "text",
    "g",
    "path",
    "!doctype",
    "em",
];

fn only_our_elements(html: &str) {
    for tag in html.split('<').skip(1) {
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '!')
            .collect();
        assert!(ELEMENTS.contains(&name.as_str()), "<{}", &tag[..tag.len().min(60)]);
    }
}

fn hostile(text: &str) -> headroom_reports::Document {
    let mut chart = line(vec![(0.0, 1.0), (60.0, 2.0)], Scale::Zero);
    chart.title = text.into();
    chart.y.label = text.into();
    chart.series[0].name = text.into();
    let mut report = document(
        text,
        vec![
            Block::Paragraph(Rich::new().plain(text).bold(text).code(text).link(text, text)),
            Block::List { ordered: true, items: vec![text.into()] },
            table(vec![Column::text(text)], vec![vec![text.into()]]),
            figure(Chart::Line(chart)),
            Block::Callout(Callout { severity: Severity::Info, title: text.into(), text: text.into() }),
            Block::KeyFigures(vec![KeyFigure { label: text.into(), value: text.into(), note: text.into() }]),
            Block::Source { query: text.into(), range: text.into() },
        ],
    );
    report.subtitle = text.into();
    report.tenant = text.into();
    report.sections[0].title = text.into();
    report
}

#[test]
fn hostile_names_are_text() {
    for text in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "javascript:alert(1)",
        "</style><script>x</script>",
        "</svg></title><script>",
        "]]><!--",
        "{{constructor}}",
    ] {
        let html = hostile(text).to_html();
        only_our_elements(&html);
        assert!(!html.contains("href=\"javascript"), "{text}");
        assert!(!html.contains("<script") && !html.contains("<img"), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_becomes_markup(text in "[<>&\"'/=a-z \\x00-\\x1f\u{80}-\u{9f}\u{2028}\u{202e}\u{fffe}]{0,40}|.{0,40}") {
        let html = hostile(&text).to_html();
        only_our_elements(&html);
        prop_assert!(html.chars().all(|c| !c.is_control() || c == '\n'));
        for tag in html.split('<').skip(1) {
            let inside = tag.split('>').next().unwrap_or_default();
            prop_assert!(!inside.contains(" on"), "an event handler in <{inside}>");
        }
    }
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    let report = document("Alone", vec![figure(Chart::Line(line(vec![(0.0, 1.0)], Scale::Log)))]);
    let html = report.to_html();
    assert!(html.contains("default-src 'none'"));
    assert!(
        !html.contains("<script")
            && !html.contains("<link")
            && !html.contains("url(")
            && !html.contains("@import")
    );
    assert!(!html.contains("style=\""), "the policy forbids style attributes");
    let addresses =
        html.split("http").skip(1).filter(|rest| rest.starts_with("://") || rest.starts_with("s://"));
    assert!(addresses.clone().all(|rest| rest.starts_with("://www.w3.org/2000/svg")), "no other address");
    let style = html.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(style.as_bytes()));
    assert!(
        html.contains(&format!("style-src 'sha256-{hash}'")),
        "the policy allows this style and no other"
    );
}

#[test]
fn headings_are_in_order_and_headers_have_a_scope() {
    let html = hostile("plain").to_html();
    let levels: Vec<&str> = html
        .match_indices("<h")
        .map(|(at, _)| &html[at + 2..at + 3])
        .filter(|l| "123456".contains(l))
        .collect();
    assert_eq!(levels.first(), Some(&"1"));
    assert_eq!(levels.iter().filter(|l| **l == "1").count(), 1);
    assert!(levels.iter().all(|l| ["1", "2"].contains(l)));
    for header in html.split("<th").skip(1).filter(|h| !h.starts_with("ead")) {
        assert!(header.starts_with(" scope=\""), "<th{}", &header[..30.min(header.len())]);
    }
    for landmark in ["<header>", "<main id=\"main\">", "<footer>"] {
        assert_eq!(html.matches(landmark).count(), 1, "{landmark}");
    }
    for picture in html.split("<svg").skip(1) {
        assert!(
            picture.contains("role=\"img\"") && picture.contains("<title>") && picture.contains("<desc>")
        );
    }
}

#[test]
fn long_tables_and_texts_are_cut_with_a_word() {
    let rows = (0..5_100).map(|n| vec![n.to_string().into()]).collect();
    let mut report = document("Long", vec![table(vec![Column::number("n")], rows)]);
    report.subtitle = "x".repeat(50_000);
    let html = report.to_html();
    assert!(html.contains("Not shown: 100 more rows.") && !html.contains(">5000<"));
    assert!(html.contains("x… (cut)"));
}
