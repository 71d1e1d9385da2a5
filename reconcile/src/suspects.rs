//! The same payment twice under two ids: nobody's duplicate by key, everybody's by looks.
//!
//! Every key of a side sends one event here. Events that look alike (customer, amount, currency,
//! direction) are hashed together and sorted by time, and each is held against the one before
//! it: linear in the number of events but for the sorting. So that a house account with millions
//! of equal amounts can be split too, time is cut into stretches of four windows, and an event in
//! the last window of a stretch goes into the next one as well, as a *shadow* that is compared
//! with and never reported.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::error::Result;
use crate::number::Number;
use crate::options::Side;
use crate::record::{Record, Value};
use crate::report::Fact;
use crate::spill::Spill;
use crate::wire::{Reader, put_bytes, put_optional};

/// Windows in a stretch.
const STRETCH: i64 = 4;
/// Nanoseconds of the shortest stretch.
const LEAST: i64 = 1_000_000_000;

/// What makes payments look alike.
#[derive(Debug)]
pub(crate) struct Looks {
    /// Fields, each with its substitutes.
    fields: Vec<Vec<String>>,
    /// Nanoseconds; 0: nothing is suspect.
    window: i64,
}

impl Looks {
    pub(crate) fn new(fields: &[String], window: i64) -> Self {
        let fields = fields.iter().map(|field| field.split('|').map(str::to_owned).collect()).collect();
        Self { fields, window }
    }

    /// Whether the search needs a field.
    pub(crate) fn needs(&self, name: &str) -> bool {
        self.window > 0 && self.fields.iter().flatten().any(|field| field == name)
    }

    /// What an event looks like; `None` when it has not one of the first two fields.
    fn of(&self, record: &Record) -> Option<Vec<Fact>> {
        let mut looks = Vec::with_capacity(self.fields.len());
        for (place, substitutes) in self.fields.iter().enumerate() {
            let found = substitutes.iter().find_map(|name| Some((name, record.get(name)?)));
            match found {
                Some((name, value)) => looks.push(Fact { field: name.clone(), value: plain(name, value) }),
                None if place < 2 => return None,
                None => {}
            }
        }
        Some(looks)
    }

    /// Puts an event where those go that look like it.
    pub(crate) fn offer(&self, spill: &mut Spill, side: Side, key: &[u8], record: &Record) -> Result<()> {
        let Some(time) = record.time.filter(|_| self.window > 0) else { return Ok(()) };
        let Some(looks) = self.of(record) else { return Ok(()) };
        let length = self.stretch();
        let stretch = time.div_euclid(length);
        Self::put(spill, side, stretch, &looks, (key, time, record.id.as_deref()), false)?;
        if time.rem_euclid(length) >= length - self.window {
            Self::put(spill, side, stretch + 1, &looks, (key, time, record.id.as_deref()), true)?;
        }
        Ok(())
    }

    fn put(
        spill: &mut Spill,
        side: Side,
        stretch: i64,
        looks: &[Fact],
        (key, time, id): (&[u8], i64, Option<&str>),
        shadow: bool,
    ) -> Result<()> {
        let mut group = vec![u8::from(side == Side::Right)];
        group.extend(stretch.to_le_bytes());
        for fact in looks {
            put_bytes(&mut group, fact.field.as_bytes());
            put_bytes(&mut group, fact.value.as_bytes());
        }
        let mut hasher = DefaultHasher::new();
        group.hash(&mut hasher);
        let mut payload = Vec::with_capacity(group.len() + key.len() + 32);
        put_bytes(&mut payload, &group);
        payload.extend(time.to_le_bytes());
        payload.push(u8::from(shadow));
        put_bytes(&mut payload, key);
        put_optional(&mut payload, id.map(str::as_bytes));
        spill.push(hasher.finish(), &payload)
    }

    /// Gives out the pairs in a block of payloads: each event with the one before it that it repeats.
    /// `None` when the payloads are damaged.
    pub(crate) fn pairs<'a>(
        &self,
        payloads: impl Iterator<Item = &'a [u8]> + Clone,
        mut each: impl FnMut(&Entry<'a>, &Entry<'a>),
    ) -> Option<()> {
        let mut entries = Vec::with_capacity(payloads.clone().count());
        for payload in payloads {
            entries.push(Entry::take(payload)?);
        }
        entries.sort_unstable();
        for pair in entries.windows(2) {
            let [first, second] = pair else { continue };
            let alike = first.group == second.group && !second.shadow;
            if alike && second.time.saturating_sub(first.time) <= self.window {
                each(first, second);
            }
        }
        Some(())
    }

    /// Nanoseconds of a stretch.
    pub(crate) fn stretch(&self) -> i64 {
        self.window.saturating_mul(STRETCH).max(LEAST)
    }
}

/// An event among those that look like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry<'a> {
    group: &'a [u8],
    pub(crate) time: i64,
    pub(crate) key: &'a [u8],
    pub(crate) id: Option<&'a str>,
    shadow: bool,
}

impl<'a> Entry<'a> {
    fn take(payload: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(payload);
        let group = reader.bytes()?;
        let time = reader.time()?;
        let shadow = reader.byte()? == 1;
        let key = reader.bytes()?;
        let id = reader.optional(|id| std::str::from_utf8(id).ok()).ok()?;
        Some(Self { group, time, key, id, shadow })
    }

    /// The side it is on.
    pub(crate) fn side(&self) -> Side {
        if self.group.first() == Some(&1) { Side::Right } else { Side::Left }
    }

    /// What it looks like.
    pub(crate) fn looks(&self) -> Option<Vec<Fact>> {
        let texts = Reader::new(self.group.get(9..)?).texts()?;
        Some(
            texts
                .chunks_exact(2)
                .map(|pair| Fact { field: pair[0].clone(), value: pair[1].clone() })
                .collect(),
        )
    }
}

/// The value, with an amount in its shortest form: `10.0` looks like `10`.
fn plain(name: &str, value: &Value) -> String {
    let number = matches!(value, Value::Number(_)) || crate::field::is_decimal(name);
    let number = number.then(|| Number::parse(value.text())).flatten();
    number.map_or_else(|| value.text().to_owned(), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spill::{Limits, payloads};
    use proptest::prelude::*;

    const SECOND: i64 = 1_000_000_000;

    /// The keys of suspect pairs among (key, seconds, amount) of one customer.
    fn found(events: &[(&str, i64, &str)]) -> Vec<(String, String)> {
        let fields = ["customer_id|account_id", "amount", "side"].map(str::to_owned);
        let looks = Looks::new(&fields, 60 * SECOND);
        let mut spill = Spill::new(Limits { buffered: 1 << 20, block: 1 << 20, each: 0 }, None);
        for (key, seconds, amount) in events {
            let record = Record::at(Some(seconds * SECOND)).with("account_id", "c").with("amount", amount);
            looks.offer(&mut spill, Side::Left, key.as_bytes(), &record).unwrap();
        }
        let mut pairs = Vec::new();
        let mut look = |block: &[u8]| {
            let text = |key: &[u8]| String::from_utf8(key.to_vec()).unwrap();
            let payloads = payloads(block).map(|(_, payload)| payload);
            looks.pairs(payloads, |first, second| pairs.push((text(first.key), text(second.key)))).unwrap();
            Ok(())
        };
        spill.drain(&mut look, &|_, _| unreachable!()).unwrap();
        pairs.sort();
        pairs
    }

    fn pair(first: &str, second: &str) -> (String, String) {
        (first.to_owned(), second.to_owned())
    }

    #[test]
    fn two_within_the_window_are_suspect_and_two_outside_are_not() {
        assert_eq!(found(&[("a", 0, "10"), ("b", 60, "10.00")]), [pair("a", "b")]);
        assert_eq!(found(&[("a", 0, "10"), ("b", 61, "10")]), []);
        assert_eq!(found(&[("a", 0, "10"), ("b", 5, "10.01")]), []);
    }

    #[test]
    fn a_series_is_a_pair_for_each_repetition() {
        let series = [("c", 80, "10"), ("a", 0, "10"), ("b", 40, "10")];
        assert_eq!(found(&series), [pair("a", "b"), pair("b", "c")]);
    }

    #[test]
    fn events_without_amount_are_not_looked_at() {
        assert_eq!(found(&[("a", 0, ""), ("b", 1, "")]), []);
    }

    proptest! {
        #[test]
        fn stretches_change_nothing(mut times in proptest::collection::btree_set(-2_000_i64..2_000, 0..40)) {
            let names: Vec<String> = times.iter().map(i64::to_string).collect();
            let events: Vec<(&str, i64, &str)> =
                times.iter().zip(&names).map(|(time, name)| (name.as_str(), *time, "1")).collect();
            let mut expected = Vec::new();
            while let Some(first) = times.pop_first() {
                if let Some(second) = times.first().filter(|second| **second - first <= 60) {
                    expected.push(pair(&first.to_string(), &second.to_string()));
                }
            }
            expected.sort();
            prop_assert_eq!(found(&events), expected);
        }
    }
}
