//! Counts of two groups of spans into what sets them apart. Pure.

use std::collections::BTreeMap;

use headroom_store::schema::LOOKUP_KEYS;

use super::{Difference, Identifier, Scope};
use crate::lookup::mask_email;
use crate::proportion::{self, Share, Z95};

/// Differences smaller than this are not worth a reader's time, however sure they are.
const LEAST_DIFFERENCE: f64 = 0.02;
/// Corrected probabilities above this are noise.
const SIGNIFICANT: f64 = 0.05;
/// Values seen less often are not tested: they cannot stand out, and each test costs the others some certainty.
const LEAST_SEEN: u64 = 5;
/// An attribute with more values than this, on fewer than two spans each, names single things.
const MANY_VALUES: usize = 50;
/// A single thing is looked at when it is on this share of the selected spans.
const LARGE_PART: f64 = 0.05;
/// Most rows in an answer.
const MOST: usize = 50;
/// Longest value that is shown, in characters.
const LONGEST: usize = 200;

/// Spans of both groups that have one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Selected spans.
    pub inside: u64,
    /// Spans of the baseline.
    pub outside: u64,
}

impl Seen {
    /// Adds other counts.
    pub fn add(&mut self, other: Self) {
        self.inside += other.inside;
        self.outside += other.outside;
    }

    fn all(self) -> u64 {
        self.inside + self.outside
    }
}

/// The values of one attribute.
pub type Values = BTreeMap<String, Seen>;

/// What was counted of a kind of attribute, and in how many spans.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Spans of both groups.
    pub spans: Seen,
    /// By scope and key.
    pub attributes: BTreeMap<(Scope, String), Values>,
}

/// Ranked differences, and what was not ranked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ranked {
    /// Largest first.
    pub differences: Vec<Difference>,
    /// How many values were compared.
    pub tried: u64,
    /// Attributes that name single things.
    pub identifiers: Vec<Identifier>,
}

/// What is more frequent among the selected spans than in the baseline, by difference of proportions: only what is
/// unlikely to be chance, each probability multiplied by how many values were tried (Bonferroni).
pub fn rank(counts: &[Counts]) -> Ranked {
    let mut identifiers = Vec::new();
    let mut tried = Vec::new();
    for part in counts {
        for ((scope, key), values) in &part.attributes {
            let mut present = Seen::default();
            values.values().for_each(|seen| present.add(*seen));
            let single = values.len() > MANY_VALUES && present.all() < 2 * values.len() as u64;
            if single {
                let distinct = values.len() as u64;
                identifiers.push(Identifier {
                    key: key.clone(),
                    scope: *scope,
                    distinct,
                    spans: present.all(),
                });
            }
            let worth = |seen: &Seen| {
                seen.all() >= LEAST_SEEN
                    && (!single || seen.inside as f64 >= LARGE_PART * part.spans.inside as f64)
            };
            let values = values.iter().map(|(value, seen)| (Some(value.as_str()), *seen));
            let absent = Seen {
                inside: part.spans.inside.saturating_sub(present.inside),
                outside: part.spans.outside.saturating_sub(present.outside),
            };
            for (value, seen) in values.chain([(None, absent)]).filter(|(_, seen)| worth(seen)) {
                tried.push((*scope, key.as_str(), value, seen, part.spans));
            }
        }
    }
    let tests = tried.len() as u64;
    let mut differences: Vec<Difference> = tried
        .into_iter()
        .filter_map(|(scope, key, value, seen, spans)| {
            let inside = Share { of: seen.inside, all: spans.inside };
            let outside = Share { of: seen.outside, all: spans.outside };
            let apart = inside.value() - outside.value();
            if apart < LEAST_DIFFERENCE {
                return None;
            }
            let p_value = (proportion::p_value(inside, outside) * tests as f64).min(1.0);
            let (low, high) = proportion::difference(inside, outside, Z95);
            (p_value < SIGNIFICANT).then(|| Difference {
                scope,
                key: key.to_owned(),
                value: value.map(shown),
                withheld: false,
                inside: seen.inside,
                inside_of: spans.inside,
                inside_share: inside.value(),
                outside: seen.outside,
                outside_of: spans.outside,
                outside_share: outside.value(),
                difference: apart,
                difference_low: low,
                difference_high: high,
                p_value,
            })
        })
        .collect();
    differences.sort_by(|a, b| {
        b.difference
            .total_cmp(&a.difference)
            .then_with(|| (a.scope, &a.key, &a.value).cmp(&(b.scope, &b.key, &b.value)))
    });
    differences.truncate(MOST);
    Ranked { differences, tried: tests, identifiers }
}

/// Whether an attribute says whose a span is, or which order's: not for everybody's eyes.
pub fn names_somebody(key: &str) -> bool {
    const PEOPLE: [&str; 5] = ["customer.id", "customer_id", "user.id", "enduser.id", "client.id"];
    PEOPLE.contains(&key) || LOOKUP_KEYS.contains(&key)
}

/// A value as it is shown: addresses of people masked whatever the key, and not longer than a line or two.
fn shown(value: &str) -> String {
    let value = if value.contains('@') { mask_email(value) } else { value.to_owned() };
    value.chars().take(LONGEST).collect()
}
