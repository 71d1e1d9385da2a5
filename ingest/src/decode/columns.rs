//! The columns of each table, named as the tables name them.

use std::borrow::Cow;

use headroom_store::native::{Array, Block, Clear, Fixed, Map, Nullable, Numbers, Strings, Words};

use super::any::{Pair, Value};
use super::common::Resource;
use super::rollups::MINUTE;

/// `Map(LowCardinality(String), String)`.
pub(super) type TextMap = Map<Words, Strings>;

/// `Map(LowCardinality(String), LowCardinality(String))`.
pub(super) type WordMap = Map<Words, Words>;

/// The hasher of maps that are filled while decoding: fast, and seeded at random.
pub(super) type Hasher = hashbrown::DefaultHashBuilder;

/// Declares the columns of a table: a struct of builders, and the block they make.
macro_rules! columns {
    ($(#[$doc:meta])* $name:ident { $($column:ident: $type:ty = $new:expr),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(in crate::decode) struct $name {
            $(pub(in crate::decode) $column: $type,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($column: $new,)* }
            }
        }

        impl $name {
            /// Adds the columns to a block.
            pub(in crate::decode) fn onto<'a>(&'a self, block: Block<'a>) -> Block<'a> {
                block$(.with(stringify!($column), &self.$column))*
            }
        }

        impl Clear for $name {
            fn clear(&mut self) {
                $(self.$column.clear();)*
            }
        }
    };
}

pub(super) use columns;

columns! {
    /// Table `spans`.
    Spans {
        tenant: Words = Words::new(),
        service: Words = Words::new(),
        operation: Words = Words::new(),
        kind: Words = Words::new(),
        status: Words = Words::new(),
        status_message: Strings = Strings::new(),
        ts: Numbers<i64> = Numbers::nanoseconds(),
        duration_ns: Numbers<u64> = Numbers::new(),
        trace_id: Fixed<16> = Fixed::new(),
        span_id: Fixed<8> = Fixed::new(),
        parent_span_id: Fixed<8> = Fixed::new(),
        trace_state: Strings = Strings::new(),
        flags: Numbers<u32> = Numbers::new(),
        version: Words = Words::new(),
        region: Words = Words::new(),
        customer_id: Strings = Strings::new(),
        scope_name: Words = Words::new(),
        scope_version: Words = Words::new(),
        resource: WordMap = WordMap::default(),
        attributes: TextMap = TextMap::default(),
        attribute_types: WordMap = WordMap::default(),
        events_ts: Array<Numbers<i64>> = Array::new(Numbers::nanoseconds()),
        events_name: Array<Words> = Array::new(Words::new()),
        events_attributes: Array<TextMap> = Array::new(TextMap::default()),
        links_trace_id: Array<Fixed<16>> = Array::new(Fixed::new()),
        links_span_id: Array<Fixed<8>> = Array::new(Fixed::new()),
        links_attributes: Array<TextMap> = Array::new(TextMap::default()),
        dropped_attributes: Numbers<u32> = Numbers::new(),
        received_at: Numbers<i64> = Numbers::milliseconds(),
    }
}

columns! {
    /// Table `logs`.
    Logs {
        tenant: Words = Words::new(),
        service: Words = Words::new(),
        severity: Numbers<u8> = Numbers::new(),
        severity_text: Words = Words::new(),
        ts: Numbers<i64> = Numbers::nanoseconds(),
        observed_ts: Numbers<i64> = Numbers::nanoseconds(),
        event_name: Words = Words::new(),
        body: Strings = Strings::new(),
        trace_id: Fixed<16> = Fixed::new(),
        span_id: Fixed<8> = Fixed::new(),
        flags: Numbers<u32> = Numbers::new(),
        version: Words = Words::new(),
        region: Words = Words::new(),
        customer_id: Strings = Strings::new(),
        scope_name: Words = Words::new(),
        scope_version: Words = Words::new(),
        resource: WordMap = WordMap::default(),
        attributes: TextMap = TextMap::default(),
        attribute_types: WordMap = WordMap::default(),
        dropped_attributes: Numbers<u32> = Numbers::new(),
        received_at: Numbers<i64> = Numbers::milliseconds(),
    }
}

columns! {
    /// Table `events`.
    Events {
        tenant: Words = Words::new(),
        name: Words = Words::new(),
        ts: Numbers<i64> = Numbers::nanoseconds(),
        event_id: Strings = Strings::new(),
        service: Words = Words::new(),
        customer_id: Strings = Strings::new(),
        account_id: Strings = Strings::new(),
        order_id: Strings = Strings::new(),
        trade_id: Strings = Strings::new(),
        portfolio_id: Strings = Strings::new(),
        symbol: Words = Words::new(),
        side: Words = Words::new(),
        currency: Words = Words::new(),
        quantity: Decimals = decimals(),
        price: Decimals = decimals(),
        amount: Decimals = decimals(),
        fee: Decimals = decimals(),
        trace_id: Fixed<16> = Fixed::new(),
        span_id: Fixed<8> = Fixed::new(),
        body: Strings = Strings::new(),
        attributes: TextMap = TextMap::default(),
        attribute_types: WordMap = WordMap::default(),
        received_at: Numbers<i64> = Numbers::milliseconds(),
    }
}

impl Spans {
    /// The block, its rows in the order of the table's key.
    pub(super) fn sorted(&self) -> Block<'_> {
        let order = by_minute([&self.tenant, &self.service, &self.operation], &self.ts);
        self.onto(Block::new()).ordered(order)
    }
}

impl Logs {
    /// The block, its rows in the order of the table's key.
    pub(super) fn sorted(&self) -> Block<'_> {
        let order = by_minute([&self.tenant, &self.service], &self.ts);
        self.onto(Block::new()).ordered(order)
    }
}

/// The order of a key of `words` and the start of the minute; rows that it does not tell apart
/// stay as they came.
fn by_minute<const N: usize>(words: [&Words; N], ts: &Numbers<i64>) -> Vec<u32> {
    let ranked = words.map(|words| (words.numbers(), words.ranks()));
    let key = |(row, ts): (usize, &i64)| {
        let ranks = ranked.each_ref().map(|(numbers, ranks)| ranks[numbers[row] as usize]);
        (ranks, ts.div_euclid(MINUTE), row as u32)
    };
    let mut rows: Vec<_> = ts.values().iter().enumerate().map(key).collect();
    rows.sort_unstable();
    rows.into_iter().map(|(.., row)| row).collect()
}

/// `Nullable(Decimal(38, 12))`.
pub(super) type Decimals = Nullable<Numbers<i128>>;

pub(super) fn decimals() -> Decimals {
    Nullable::new(Numbers::decimal(super::DECIMAL_SCALE as u8))
}

columns! {
    /// Table `rejected`.
    Rejected {
        tenant: Words = Words::new(),
        ts: Numbers<i64> = Numbers::milliseconds(),
        signal: Words = Words::new(),
        reason: Words = Words::new(),
        detail: Strings = Strings::new(),
        payload: Strings = Strings::new(),
    }
}

/// Appends bytes that should be UTF-8; what is not becomes replacement characters and counts.
#[inline]
pub(super) fn text(column: &mut Strings, value: &[u8]) {
    if value.is_ascii() {
        return column.push_bytes(value);
    }
    match String::from_utf8_lossy(value) {
        Cow::Borrowed(text) => column.push(text),
        Cow::Owned(text) => {
            metrics::counter!("headroom_ingest_lossy_utf8_total").increment(1);
            column.push(&text);
        }
    }
}

/// Like [`text`], for a column of few different values; the value's number in the dictionary.
#[inline]
pub(super) fn word(column: &mut Words, value: &[u8]) -> u32 {
    // What is in the dictionary was found to be UTF-8 when it came in.
    if let Some(number) = column.push_known(value) {
        return number;
    }
    match String::from_utf8_lossy(value) {
        Cow::Borrowed(text) => column.push(text),
        Cow::Owned(text) => {
            metrics::counter!("headroom_ingest_lossy_utf8_total").increment(1);
            column.push(&text)
        }
    }
}

/// Appends a value as its text.
#[inline]
fn value(column: &mut Strings, value: &Value<'_>) {
    match value {
        Value::Text(bytes) => text(column, bytes),
        Value::Int(v) => column.push(itoa::Buffer::new().format(*v)),
        other => text(column, &other.text()),
    }
}

/// Appends a resource's attributes as a row of a map. `is_last` says that the row before is of
/// the same resource.
#[inline]
pub(super) fn words_of(map: &mut WordMap, resource: &Resource<'_>, is_last: bool) {
    if is_last {
        return map.repeat_row();
    }
    for pair in &resource.attributes {
        word(&mut map.keys, pair.key);
        word(&mut map.values, &pair.value.text());
    }
    map.end_row();
}

/// Appends attributes as a row of a map.
pub(super) fn pairs(map: &mut TextMap, pairs: &[Pair<'_>]) {
    for pair in pairs {
        word(&mut map.keys, pair.key);
        value(&mut map.values, &pair.value);
    }
    map.end_row();
}

/// Appends attributes and the types of those that are not text, and calls `each` with the
/// place of every attribute and the number of its key in the dictionary.
#[inline]
pub(super) fn typed_pairs(
    map: &mut TextMap,
    types: &mut WordMap,
    attributes: &[Pair<'_>],
    mut each: impl FnMut(usize, u32, &Words),
) {
    for (place, pair) in attributes.iter().enumerate() {
        let number = word(&mut map.keys, pair.key);
        value(&mut map.values, &pair.value);
        if let Some(name) = pair.value.type_name() {
            word(&mut types.keys, pair.key);
            types.values.push(name);
        }
        each(place, number, &map.keys);
    }
    types.end_row();
    map.end_row();
}

/// A time as the tables take it; those after the year 2262 are held there.
pub(super) fn nanos(ns: u64) -> i64 {
    i64::try_from(ns).unwrap_or(i64::MAX)
}
