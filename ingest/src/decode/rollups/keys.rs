//! Table `key_index`: from what a customer can name to the records that carry it.

use std::borrow::Cow;
use std::ops::Range;

use headroom_store::native::{Block, Clear, Fixed, Numbers, Strings, Words};
use headroom_store::schema::LOOKUP_KEYS;

use super::Map;
use crate::decode::any::Pair;
use crate::decode::columns::{columns, text, word};

/// The attribute of the address, which is indexed as `email`.
const EMAIL: &str = "customer.email";

/// A record that carries keys.
#[derive(Debug, Clone, Copy)]
pub(in crate::decode) struct Named<'a> {
    pub(in crate::decode) tenant: &'a str,
    pub(in crate::decode) ts: i64,
    /// `span`, `log` or `event`.
    pub(in crate::decode) source: &'static str,
    /// The operation or the event's name.
    pub(in crate::decode) name: &'a [u8],
    pub(in crate::decode) service: &'a [u8],
    pub(in crate::decode) customer: &'a [u8],
    pub(in crate::decode) trace_id: &'a [u8; 16],
}

columns! {
    /// Table `key_index`.
    Rows {
        tenant: Words = Words::new(),
        value: Strings = Strings::new(),
        key: Words = Words::new(),
        ts: Numbers<i64> = Numbers::nanoseconds(),
        source: Words = Words::new(),
        name: Words = Words::new(),
        service: Words = Words::new(),
        customer_id: Strings = Strings::new(),
        trace_id: Fixed<16> = Fixed::new(),
    }
}

/// The rows of the index, and what is needed to write each once.
#[derive(Debug, Default)]
pub(in crate::decode) struct KeyIndex {
    rows: Rows,
    /// For each number of the attribute keys' dictionary: the key it is indexed as.
    indexed: Vec<Option<&'static str>>,
    /// What a trace's spans had last under a key: the place in `values` of value and customer,
    /// and where the customer begins.
    seen: Map<(u32, &'static str), (Range<usize>, usize)>,
    values: Vec<u8>,
}

/// What an attribute is indexed as.
fn indexed_as(key: &[u8]) -> Option<&'static str> {
    if key == EMAIL.as_bytes() {
        return Some("email");
    }
    LOOKUP_KEYS.into_iter().find(|known| known.as_bytes() == key)
}

/// The text of the attribute at `at`, unless it is empty or its key came before: of a key that
/// comes twice the first counts.
pub(in crate::decode) fn first_value<'a>(attributes: &[Pair<'a>], at: usize) -> Option<Cow<'a, [u8]>> {
    let (earlier, pair) = (&attributes[..at], &attributes[at]);
    if earlier.iter().any(|other| other.key == pair.key) {
        return None;
    }
    Some(pair.value.text()).filter(|value| !value.is_empty())
}

impl KeyIndex {
    /// The key that an attribute is indexed as, by its number in the dictionary `keys`.
    #[inline]
    pub(in crate::decode) fn indexed(&mut self, number: u32, keys: &Words) -> Option<&'static str> {
        while self.indexed.len() <= number as usize {
            self.indexed.push(indexed_as(keys.word(self.indexed.len() as u32)));
        }
        self.indexed[number as usize]
    }

    /// Indexes the keys among `attributes`, and the customer, for a record of its own.
    pub(in crate::decode) fn record(&mut self, record: &Named<'_>, attributes: &[Pair<'_>]) {
        if !record.customer.is_empty() {
            self.push(record, "customer.id", record.customer);
        }
        for (at, pair) in attributes.iter().enumerate() {
            if let Some(key) = indexed_as(pair.key)
                && let Some(value) = first_value(attributes, at)
            {
                self.push(record, key, &value);
            }
        }
    }

    /// Indexes a value of a span, unless a span of the same trace in this slice had it already,
    /// for the same customer: the index leads to the trace, and once is enough. `trace` is the
    /// trace's place.
    pub(in crate::decode) fn span(&mut self, trace: u32, span: &Named<'_>, key: &'static str, value: &[u8]) {
        let (last, middle) = self.seen.entry((trace, key)).or_default();
        if self.values[last.start..*middle] == *value && self.values[*middle..last.end] == *span.customer {
            return;
        }
        let start = self.values.len();
        self.values.extend_from_slice(value);
        *middle = self.values.len();
        self.values.extend_from_slice(span.customer);
        *last = start..self.values.len();
        self.push(span, key, value);
    }

    fn push(&mut self, record: &Named<'_>, key: &str, value: &[u8]) {
        let rows = &mut self.rows;
        rows.tenant.push(record.tenant);
        text(&mut rows.value, value);
        rows.key.push(key);
        rows.ts.push(record.ts);
        rows.source.push(record.source);
        word(&mut rows.name, record.name);
        word(&mut rows.service, record.service);
        text(&mut rows.customer_id, record.customer);
        rows.trace_id.push(record.trace_id);
    }

    pub(super) fn block(&self) -> Block<'_> {
        self.rows.onto(Block::new())
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.indexed.clear();
        self.seen.clear();
        self.values.clear();
    }
}
