//! A catalog as JSON: how it is read, checked and put above the built-in one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Catalog;
use crate::lookup::safe::hints;
use crate::lookup::subject::Flow;

/// What is wrong with a catalog: which entry, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CatalogError(String);

/// A code and what it means in each flow.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) code: String,
    /// Other names of it, in any flow.
    #[serde(default)]
    aliases: Vec<String>,
    /// Values of FIX's OrdRejReason (103): of orders.
    #[serde(default)]
    fix: Vec<String>,
    /// Response codes of card networks (ISO 8583) and names of card processors: of payments.
    #[serde(default)]
    card: Vec<String>,
    /// Status reasons of ISO 20022: of payments.
    #[serde(default)]
    iso20022: Vec<String>,
    pub(super) fault: Fault,
    #[serde(default)]
    confidential: bool,
    order: Option<Words>,
    payment: Option<Words>,
    kyc: Option<Words>,
}

/// Whose fault a failure was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::lookup) enum Fault {
    /// The platform's.
    Ours,
    /// A partner's that the platform relies on: neither the customer's nor quite ours.
    Upstream,
    /// The customer's side: what was asked for, the account, the bank, the papers.
    Customer,
    /// The market's.
    Market,
    /// Must not be told.
    NotSaid,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// Who said no.
    pub(super) by: String,
    /// Why, as the end of a sentence: `account closed`.
    pub(super) says: String,
    /// What the agent does.
    pub(super) next_step: String,
    /// What the customer is asked to do.
    pub(super) tell: Option<String>,
}

static BUILT_IN: LazyLock<Catalog> = LazyLock::new(|| {
    let entries = read(include_str!("../../../data/reasons.json"))
        .expect("invariant: data/reasons.json is read in a test");
    Catalog { entries }
});

impl Catalog {
    /// The catalog that comes with the program.
    pub fn built_in() -> Self {
        BUILT_IN.clone()
    }

    /// The built-in catalog with the entries of a file (JSON, a list) in place of those of the same codes, or added.
    ///
    /// # Errors
    /// The first entry that cannot be used, and what is wrong with it.
    pub fn with(text: &str) -> Result<Self, CatalogError> {
        let mut own = read(text)?;
        for (at, entry) in own.iter().enumerate() {
            let kept = BUILT_IN.entries.iter().find(|other| other.confidential && other.shares(entry));
            if let Some(other) = kept.filter(|_| !entry.confidential) {
                return Err(place(
                    at,
                    entry,
                    &format!("`{}` is never told, and a file cannot change that", other.code),
                ));
            }
        }
        let mut rest = BUILT_IN.entries.clone();
        rest.retain(|entry| own.iter().all(|mine| mine.code != entry.code));
        // The file is asked first, so its names win over the same names of the built-in entries.
        own.append(&mut rest);
        Ok(Self { entries: own })
    }
}

impl Entry {
    /// Whether a code, as [`normalised`] gives it, means this in a flow.
    pub(super) fn names(&self, flow: Flow, code: &str) -> bool {
        let has = |names: &[String]| names.iter().any(|name| name == code);
        self.code == code
            || has(&self.aliases)
            || match flow {
                Flow::Order => has(&self.fix),
                Flow::Deposit | Flow::Withdrawal => has(&self.card) || has(&self.iso20022),
                Flow::Kyc => false,
            }
    }

    pub(super) fn is_confidential(&self) -> bool {
        self.confidential
    }

    /// What it is called in a flow; the words of another flow where it has none of its own.
    pub(super) fn words(&self, flow: Flow) -> Option<&Words> {
        let (first, second) = match flow {
            Flow::Order => (&self.order, &self.payment),
            Flow::Deposit | Flow::Withdrawal => (&self.payment, &self.order),
            Flow::Kyc => (&self.kyc, &self.payment),
        };
        first.as_ref().or(second.as_ref())
    }

    /// Every name with the lists it stands in.
    fn all_names(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let own = self.aliases.iter().chain([&self.code]).map(|name| ("", name));
        let of = |kind: &'static str| move |name| (kind, name);
        own.chain(self.fix.iter().map(of("fix")))
            .chain(self.card.iter().map(of("card")))
            .chain(self.iso20022.iter().map(of("iso20022")))
    }

    fn shares(&self, other: &Self) -> bool {
        self.all_names().any(|name| other.all_names().any(|theirs| theirs == name))
    }

    fn normalise(&mut self) {
        self.code = normalised(&self.code);
        for name in
            self.aliases.iter_mut().chain(&mut self.fix).chain(&mut self.card).chain(&mut self.iso20022)
        {
            *name = normalised(name);
        }
    }

    fn fault(&self) -> Option<String> {
        if self.all_names().any(|(_, name)| name.is_empty()) {
            return Some("a code or another name of it is empty".to_owned());
        }
        let words = [("order", &self.order), ("payment", &self.payment), ("kyc", &self.kyc)];
        let given = words.iter().filter_map(|(flow, words)| Some((*flow, words.as_ref()?)));
        if self.confidential {
            let told = given.map(|(flow, _)| flow).next();
            return told.map(|flow| {
                format!("it is confidential and has words for `{flow}`, which would be read out")
            });
        }
        if self.fault == Fault::NotSaid {
            return Some(
                "fault `not_said` is for confidential entries: add \"confidential\": true".to_owned(),
            );
        }
        let mut any = false;
        for (flow, Words { by, says, next_step, tell }) in given {
            any = true;
            let texts = [("by", by), ("says", says), ("next_step", next_step)];
            let texts = texts.into_iter().chain(tell.iter().map(|tell| ("tell", tell)));
            for (key, text) in texts {
                let sentence = matches!(key, "next_step" | "tell");
                if text.trim().is_empty() {
                    return Some(format!("{flow}.{key} is empty"));
                }
                if hints(text) {
                    return Some(format!(
                        "{flow}.{key} hints at a suspicion; such a code is \"confidential\": true"
                    ));
                }
                if sentence != text.ends_with('.') {
                    let what = if sentence {
                        "is a sentence and ends with a full stop"
                    } else {
                        "ends no sentence: leave the full stop away"
                    };
                    return Some(format!("{flow}.{key} {what}"));
                }
            }
        }
        (!any).then(|| "it has no words: give at least one of `order`, `payment` and `kyc`".to_owned())
    }
}

/// `Card-Declined` becomes `card_declined`.
pub(super) fn normalised(code: &str) -> String {
    code.trim().to_ascii_lowercase().replace(['-', ' ', '.'], "_")
}

fn read(text: &str) -> Result<Vec<Entry>, CatalogError> {
    let values: Vec<serde_json::Value> = serde_json::from_str(text)
        .map_err(|error| CatalogError(format!("this is no JSON list of entries: {error}")))?;
    let mut entries = Vec::new();
    let mut known: BTreeMap<(&'static str, String), usize> = BTreeMap::new();
    for (at, value) in values.into_iter().enumerate() {
        let code = value["code"].as_str().unwrap_or("without a code").to_owned();
        let mut entry: Entry = serde_json::from_value(value)
            .map_err(|error| CatalogError(format!("entry {} (`{code}`): {error}", at + 1)))?;
        entry.normalise();
        if let Some(fault) = entry.fault() {
            return Err(place(at, &entry, &fault));
        }
        for (kind, name) in entry.all_names() {
            if let Some(other) = known.insert((kind, name.clone()), at + 1) {
                return Err(place(at, &entry, &format!("`{name}` stands in entry {other} already")));
            }
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn place(at: usize, entry: &Entry, what: &str) -> CatalogError {
    CatalogError(format!("entry {} (`{}`): {what}", at + 1, entry.code))
}

#[cfg(test)]
pub(in crate::lookup) fn codes() -> Vec<String> {
    BUILT_IN.entries.iter().flat_map(|entry| entry.aliases.iter().chain([&entry.code]).cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Catalog::with(text).expect_err("it is wrong").to_string()
    }

    const WORDS: &str =
        r#"{"by": "us", "says": "odd lots are not traded", "next_step": "Ask for a round number."}"#;

    #[test]
    fn a_file_adds_and_replaces() {
        let text = format!(
            r#"[{{"code": "Odd-Lot", "fix": ["777"], "fault": "customer", "order": {WORDS}}},
                               {{"code": "market_closed", "fault": "market", "order": {WORDS}}}]"#
        );
        let catalog = Catalog::with(&text).expect("it is right");
        assert_eq!(catalog.len(), Catalog::built_in().len() + 1);
        for code in ["odd_lot", "ODD.LOT", "777", "market_closed"] {
            assert_eq!(
                catalog.reason(Flow::Order, Some(code), None).says,
                "odd lots are not traded",
                "{code}"
            );
        }
        assert_eq!(catalog.reason(Flow::Deposit, Some("777"), None).fault, None, "FIX is for orders");
        assert_eq!(
            catalog.reason(Flow::Order, Some("exchange_closed"), None).fault,
            None,
            "it went with its entry"
        );
    }

    #[test]
    fn a_wrong_entry_is_named() {
        let entry = |more: &str| format!(r#"[{{"code": "x", "fault": "customer", {more}}}]"#);
        assert!(error("{}").starts_with("this is no JSON list of entries"));
        assert!(
            error(r#"[{"code": "x", "fault": "theirs"}]"#)
                .starts_with("entry 1 (`x`): unknown variant `theirs`")
        );
        assert!(error(&entry(r#""odrer": {}"#)).contains("unknown field `odrer`"));
        assert_eq!(
            error(&entry(r#""aliases": []"#)),
            "entry 1 (`x`): it has no words: give at least one of `order`, `payment` and `kyc`"
        );
        assert_eq!(
            error(&entry(&format!(r#""order": {WORDS}, "aliases": ["X"]"#))),
            "entry 1 (`x`): `x` stands in entry 1 already"
        );
        let stop = WORDS.replace("number.", "number");
        assert_eq!(
            error(&entry(&format!(r#""order": {stop}"#))),
            "entry 1 (`x`): order.next_step is a sentence and ends with a full stop"
        );
        let hint = WORDS.replace("odd lots", "suspicious lots");
        assert!(error(&entry(&format!(r#""order": {hint}"#))).contains("hints at a suspicion"));
        assert!(
            error(&entry(&format!(r#""confidential": true, "order": {WORDS}"#)))
                .contains("would be read out")
        );
        let told = entry(&format!(r#""iso20022": ["RR04"], "payment": {WORDS}"#));
        assert_eq!(
            error(&told),
            "entry 1 (`x`): `regulatory_hold` is never told, and a file cannot change that"
        );
    }
}
