//! A document as one HTML file: no scripts, no requests, light and dark, for phones and for paper.

mod blocks;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::clean::{escape, line, lines};
use crate::colours::{Theme, declarations};
use crate::document::Document;
use blocks::Numbers;

impl Document {
    /// The document as one HTML file that needs nothing else. It runs no scripts, its content-security policy
    /// forbids any, and everything in it that came from data is escaped.
    pub fn to_html(&self) -> String {
        let title = escape(&self.shown_title());
        let style = style();
        let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; \
             base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
             <title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#main\">Skip to the report</a>\n<div class=\"page\">\n"
        );
        out += &self.head(&title);
        out += &self.contents();
        out += "<main id=\"main\">\n";
        let mut numbers = Numbers::default();
        for (n, section) in self.sections.iter().enumerate() {
            let id = n + 1;
            out += &format!(
                "<section aria-labelledby=\"s{id}\">\n<h2 id=\"s{id}\">{}</h2>\n",
                text(&section.title)
            );
            for block in &section.blocks {
                blocks::block(&mut out, block, &mut numbers);
            }
            out += "</section>\n";
        }
        out += &self.printed_sources();
        out += "</main>\n";
        out += &format!(
            "<footer><p>{title} · {} · made {} UTC by Headroom</p></footer>\n</div>\n</body>\n</html>\n",
            text(&self.tenant),
            self.made_at.format("%Y-%m-%d %H:%M")
        );
        out
    }

    fn head(&self, title: &str) -> String {
        let answer = match text(&self.subtitle) {
            subtitle if subtitle.is_empty() => String::new(),
            subtitle => format!("<p class=\"answer\">{subtitle}</p>\n"),
        };
        format!(
            "<header>\n<p class=\"tenant\">{}</p>\n<h1>{title}</h1>\n{answer}<dl class=\"meta\">\
             <div><dt>Time range</dt><dd>{}</dd></div><div><dt>Made</dt><dd>{} UTC</dd></div></dl>\n</header>\n",
            text(&self.tenant),
            self.range.text(),
            self.made_at.format("%Y-%m-%d %H:%M")
        )
    }

    fn contents(&self) -> String {
        if self.sections.len() < 2 {
            return String::new();
        }
        let entry = |(n, s): (usize, &crate::Section)| {
            format!("<li><a href=\"#s{}\">{}</a></li>\n", n + 1, text(&s.title))
        };
        let entries: String = self.sections.iter().enumerate().map(entry).collect();
        format!(
            "<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">Contents</h2>\n<ol>\n{entries}</ol>\n</nav>\n"
        )
    }

    /// The sources once more, numbered, for paper, where nothing can be opened.
    fn printed_sources(&self) -> String {
        let sources = self.sources();
        if sources.is_empty() {
            return String::new();
        }
        let mut out = "<section class=\"sources\">\n<h2>Sources</h2>\n<ol>\n".to_owned();
        for source in sources {
            out += &format!(
                "<li>{} <span class=\"range\">{}</span><pre><code>{}</code></pre></li>\n",
                text(&source.what),
                text(&source.range),
                escape(&lines(&source.query))
            );
        }
        out + "</ol>\n</section>\n"
    }
}

/// One line of text, cleaned and escaped.
fn text(raw: &str) -> String {
    escape(&line(raw))
}

fn style() -> String {
    let light = declarations(Theme::Light);
    let dark = declarations(Theme::Dark);
    format!(
        ":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{}",
        include_str!("html/style.css")
    )
}
