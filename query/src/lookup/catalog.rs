//! Reason codes in plain words, from `data/reasons.json`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::subject::Flow;

/// A code and what it means in each flow.
#[derive(Debug, Deserialize)]
struct Entry {
    code: String,
    #[serde(default)]
    aliases: Vec<String>,
    fault: Fault,
    #[serde(default)]
    confidential: bool,
    order: Option<Words>,
    payment: Option<Words>,
    kyc: Option<Words>,
}

/// Whose fault a failure was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fault {
    /// The platform's.
    Ours,
    /// A partner's that the platform relies on: neither the customer's nor quite ours.
    Upstream,
    /// The customer's, the bank's, the market's: not the platform's.
    NotOurs,
    /// Better left open.
    NotSaid,
}

#[derive(Debug, Clone, Deserialize)]
struct Words {
    by: String,
    says: String,
    next_step: String,
}

/// A reason as an agent may read it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reason {
    /// Who said no; `None` when that is not to be said.
    pub(super) by: Option<String>,
    /// Why.
    pub(super) says: String,
    /// Whose fault.
    pub(super) fault: Fault,
    /// What to do.
    pub(super) next_step: String,
}

static CATALOG: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/reasons.json"))
        .expect("invariant: data/reasons.json is read in a test")
});

/// Parts of words that give a suspicion away, wherever they stand.
const TELLTALE: [&str; 7] = ["fraud", "stolen", "sanction", "aml", "watchlist", "suspic", "launder"];

/// Whether a text gives a suspicion away.
pub(super) fn hints(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    TELLTALE.iter().any(|part| text.contains(part))
}

/// `Card-Declined` becomes `card_declined`.
fn normalised(code: &str) -> String {
    code.trim().to_ascii_lowercase().replace(['-', ' ', '.'], "_")
}

/// The words for a reason code (and the free text beside it) in a flow. The free text is
/// shown only when the code is unknown, and nothing that hints at a suspicion ever is.
pub(super) fn reason(flow: Flow, code: Option<&str>, free_text: Option<&str>) -> Reason {
    let code = code.map(normalised);
    // Some programs send words alone, and the words are the code: `document expired`.
    let named = code.clone().or_else(|| free_text.map(normalised));
    let entry = named.as_deref().and_then(|code| {
        CATALOG.iter().find(|entry| entry.code == code || entry.aliases.iter().any(|alias| alias == code))
    });
    let confidential = entry.is_some_and(|entry| entry.confidential)
        || code.as_deref().is_some_and(hints)
        || free_text.is_some_and(hints);
    if confidential {
        return Reason {
            by: None,
            says: "the reason cannot be shared".to_owned(),
            fault: Fault::NotSaid,
            next_step: "Give the customer no reason, and hand the case to the risk team.".to_owned(),
        };
    }
    let words = entry.and_then(|entry| match flow {
        Flow::Order => entry.order.as_ref().or(entry.payment.as_ref()),
        Flow::Deposit | Flow::Withdrawal => entry.payment.as_ref().or(entry.order.as_ref()),
        Flow::Kyc => entry.kyc.as_ref().or(entry.payment.as_ref()),
    });
    if let (Some(entry), Some(words)) = (entry, words) {
        return Reason {
            by: Some(words.by.clone()),
            says: words.says.clone(),
            fault: entry.fault,
            next_step: words.next_step.clone(),
        };
    }
    let said = free_text.map(str::to_owned).or_else(|| code.map(|code| code.replace('_', " ")));
    Reason {
        by: None,
        says: said.unwrap_or_else(|| "no reason was given".to_owned()),
        fault: Fault::NotSaid,
        next_step:
            "Hand the case with its trace to the engineers on call: this reason is not in the catalog yet."
                .to_owned(),
    }
}

#[cfg(test)]
pub(super) fn codes() -> Vec<String> {
    CATALOG.iter().flat_map(|entry| entry.aliases.iter().chain([&entry.code]).cloned()).collect()
}
