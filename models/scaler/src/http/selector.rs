//! Kubernetes label selectors: `a=b`, `a==b`, `a!=b`, `a in (b, c)`, `a notin (b, c)`, `a`, `!a`, joined by commas.

use std::collections::BTreeMap;

/// A selector.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Selector(Vec<Rule>);

#[derive(Debug, PartialEq)]
struct Rule {
    key: String,
    test: Test,
}

#[derive(Debug, PartialEq)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Missing,
}

impl Selector {
    /// Reads a selector; the error names the part that is none.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::default());
        }
        parts(text).into_iter().map(|part| rule(part.trim())).collect::<Result<_, _>>().map(Self)
    }

    /// Whether labels are selected. As in Kubernetes, `!=` and `notin` hold for labels that are not there.
    pub(super) fn selects(&self, labels: &BTreeMap<&str, String>) -> bool {
        self.0.iter().all(|rule| {
            let label = labels.get(rule.key.as_str());
            match &rule.test {
                Test::In(values) => label.is_some_and(|label| values.contains(label)),
                Test::NotIn(values) => label.is_none_or(|label| !values.contains(label)),
                Test::Exists => label.is_some(),
                Test::Missing => label.is_none(),
            }
        })
    }

    /// Whether the selector says anything of a key.
    pub(super) fn mentions(&self, key: &str) -> bool {
        self.0.iter().any(|rule| rule.key == key)
    }

    /// The one value that a key must have, if the selector says so.
    pub(super) fn only(&self, key: &str) -> Option<&str> {
        self.0.iter().find_map(|rule| match &rule.test {
            Test::In(values) if rule.key == key && values.len() == 1 => Some(values[0].as_str()),
            _ => None,
        })
    }
}

/// Splits at the commas that are not within parentheses.
fn parts(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    text.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
    .collect()
}

fn rule(part: &str) -> Result<Rule, String> {
    let wrong =
        || format!("`{part}` is not a label selector such as `service=gateway` or `service in (a, b)`");
    let (key, test) = if let Some((key, value)) = part.split_once("!=") {
        (key, Test::NotIn(vec![value.trim().to_owned()]))
    } else if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        (key, Test::In(vec![value.trim().to_owned()]))
    } else if let Some(listed) = part.strip_suffix(')') {
        let (before, values) = listed.split_once('(').ok_or_else(wrong)?;
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        let (key, word) = before.trim().rsplit_once(' ').ok_or_else(wrong)?;
        match word {
            "in" => (key, Test::In(values)),
            "notin" => (key, Test::NotIn(values)),
            _ => return Err(wrong()),
        }
    } else if let Some(key) = part.strip_prefix('!') {
        (key, Test::Missing)
    } else {
        (part, Test::Exists)
    };
    let key = key.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    let values_plain = match &test {
        Test::In(values) | Test::NotIn(values) => values.iter().all(|value| value.chars().all(plain)),
        Test::Exists | Test::Missing => true,
    };
    if key.is_empty() || !key.chars().all(plain) || !values_plain {
        return Err(wrong());
    }
    Ok(Rule { key: key.to_owned(), test })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-z!=,() ]{0,40}|.{0,40}") {
            if let Ok(selector) = Selector::read(&text) {
                let _ = selector.selects(&BTreeMap::new());
            }
        }
    }

    fn selects(selector: &str) -> bool {
        let labels = BTreeMap::from([("service", "gateway".to_owned()), ("quantile", "0.95".to_owned())]);
        Selector::read(selector).unwrap().selects(&labels)
    }

    #[test]
    fn selectors_of_kubernetes() {
        for yes in [
            "",
            "service=gateway",
            "service == gateway",
            "service in (orders, gateway),quantile=0.95",
            "service notin (orders)",
            "service!=orders",
            "service",
            "!zone",
            "zone!=a",
        ] {
            assert!(selects(yes), "{yes}");
        }
        for no in
            ["service=orders", "service!=gateway", "zone", "!service", "service in (orders)", "zone in (a)"]
        {
            assert!(!selects(no), "{no}");
        }
    }

    #[test]
    fn what_is_no_selector_is_named() {
        for bad in ["=a", "service in gateway)", "service is (a)", "a b", "service=a=b", ",", "service=(a"] {
            let error = Selector::read(bad).unwrap_err();
            assert!(error.contains("is not a label selector"), "{bad}: {error}");
        }
    }
}
