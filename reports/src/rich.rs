//! Text with bold, code and links.

/// A piece of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Plain text.
    Plain(String),
    /// Text of weight.
    Bold(String),
    /// A name of the machine's: a service, a table, an attribute.
    Code(String),
    /// A link. Only `http`, `https` and `mailto` addresses, paths (`/...`) and fragments (`#...`) become links;
    /// of any other only the text is shown.
    Link {
        /// What is shown.
        text: String,
        /// Where it leads.
        href: String,
    },
}

impl Span {
    /// The text without its style.
    pub fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Bold(text) | Self::Code(text) | Self::Link { text, .. } => text,
        }
    }

    /// Where a link leads, if it is one that may be followed.
    pub fn href(&self) -> Option<&str> {
        match self {
            Self::Link { href, .. } if allowed(href) => Some(href),
            _ => None,
        }
    }
}

/// A run of text in several styles. Made from a string, or step by step:
///
/// ```
/// use headroom_reports::Rich;
/// let text = Rich::new().code("order-service").plain(" saturates ").bold("first").plain(".");
/// assert_eq!(text.text(), "order-service saturates first.");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rich(Vec<Span>);

impl Rich {
    /// No text yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends plain text.
    #[must_use]
    pub fn plain(self, text: impl Into<String>) -> Self {
        self.and(Span::Plain(text.into()))
    }

    /// Appends bold text.
    #[must_use]
    pub fn bold(self, text: impl Into<String>) -> Self {
        self.and(Span::Bold(text.into()))
    }

    /// Appends a name of the machine's.
    #[must_use]
    pub fn code(self, text: impl Into<String>) -> Self {
        self.and(Span::Code(text.into()))
    }

    /// Appends a link.
    #[must_use]
    pub fn link(self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.and(Span::Link { text: text.into(), href: href.into() })
    }

    /// Appends a piece.
    #[must_use]
    pub fn and(mut self, span: Span) -> Self {
        self.0.push(span);
        self
    }

    /// The pieces.
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// The text without its styles.
    pub fn text(&self) -> String {
        self.0.iter().map(Span::text).collect()
    }
}

impl From<&str> for Rich {
    fn from(text: &str) -> Self {
        Self::new().plain(text)
    }
}

impl From<String> for Rich {
    fn from(text: String) -> Self {
        Self::new().plain(text)
    }
}

/// Whether an address may be a link: a scheme that runs nothing, or a place on the same site.
fn allowed(href: &str) -> bool {
    if href.len() > 2_000 || href.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return false;
    }
    let scheme = |name: &str| href.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    scheme("https://")
        || scheme("http://")
        || scheme("mailto:")
        || href.starts_with('#')
        || (href.starts_with('/') && !href.starts_with("//") && !href.starts_with("/\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_run_nothing_are_links() {
        for good in
            ["https://example.com/a?b=c#d", "HTTP://example.com", "mailto:ops@example.com", "/slo/7", "#s2"]
        {
            assert!(allowed(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/\\evil.example",
            "vbscript:x",
            "file:///etc/passwd",
            "",
        ] {
            assert!(!allowed(bad), "{bad:?}");
        }
    }
}
