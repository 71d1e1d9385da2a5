//! The columns of each table, named as the tables name them.

use std::borrow::Cow;

use headroom_store::native::{Array, Block, Fixed, Map, Nullable, Numbers, Strings};

use super::any::Pair;

/// `Map(String, String)`.
pub(super) type TextMap = Map<Strings, Strings>;

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
            pub(in crate::decode) fn onto(self, block: Block) -> Block {
                block$(.with(stringify!($column), self.$column))*
            }
        }
    };
}

pub(super) use columns;

columns! {
    /// Table `spans`.
    Spans {
        tenant: Strings = Strings::new(),
        service: Strings = Strings::new(),
        operation: Strings = Strings::new(),
        kind: Strings = Strings::new(),
        status: Strings = Strings::new(),
        status_message: Strings = Strings::new(),
        ts: Numbers<i64> = Numbers::nanoseconds(),
        duration_ns: Numbers<u64> = Numbers::new(),
        trace_id: Fixed<16> = Fixed::new(),
        span_id: Fixed<8> = Fixed::new(),
        parent_span_id: Fixed<8> = Fixed::new(),
        trace_state: Strings = Strings::new(),
        flags: Numbers<u32> = Numbers::new(),
        version: Strings = Strings::new(),
        region: Strings = Strings::new(),
        customer_id: Strings = Strings::new(),
        scope_name: Strings = Strings::new(),
        scope_version: Strings = Strings::new(),
        resource: TextMap = TextMap::default(),
        attributes: TextMap = TextMap::default(),
        attribute_types: TextMap = TextMap::default(),
        events_ts: Array<Numbers<i64>> = Array::new(Numbers::nanoseconds()),
        events_name: Array<Strings> = Array::new(Strings::new()),
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
        tenant: Strings = Strings::new(),
        service: Strings = Strings::new(),
        severity: Numbers<u8> = Numbers::new(),
        severity_text: Strings = Strings::new(),
        ts: Numbers<i64> = Numbers::nanoseconds(),
        observed_ts: Numbers<i64> = Numbers::nanoseconds(),
        event_name: Strings = Strings::new(),
        body: Strings = Strings::new(),
        trace_id: Fixed<16> = Fixed::new(),
        span_id: Fixed<8> = Fixed::new(),
        flags: Numbers<u32> = Numbers::new(),
        version: Strings = Strings::new(),
        region: Strings = Strings::new(),
        customer_id: Strings = Strings::new(),
        scope_name: Strings = Strings::new(),
        scope_version: Strings = Strings::new(),
        resource: TextMap = TextMap::default(),
        attributes: TextMap = TextMap::default(),
        attribute_types: TextMap = TextMap::default(),
        dropped_attributes: Numbers<u32> = Numbers::new(),
        received_at: Numbers<i64> = Numbers::milliseconds(),
    }
}

columns! {
    /// Table `events`.
    Events {
        tenant: Strings = Strings::new(),
        name: Strings = Strings::new(),
        ts: Numbers<i64> = Numbers::nanoseconds(),
        event_id: Strings = Strings::new(),
        service: Strings = Strings::new(),
        customer_id: Strings = Strings::new(),
        account_id: Strings = Strings::new(),
        order_id: Strings = Strings::new(),
        trade_id: Strings = Strings::new(),
        portfolio_id: Strings = Strings::new(),
        symbol: Strings = Strings::new(),
        side: Strings = Strings::new(),
        currency: Strings = Strings::new(),
        quantity: Decimals = decimals(),
        price: Decimals = decimals(),
        amount: Decimals = decimals(),
        fee: Decimals = decimals(),
        trace_id: Fixed<16> = Fixed::new(),
        span_id: Fixed<8> = Fixed::new(),
        body: Strings = Strings::new(),
        attributes: TextMap = TextMap::default(),
        attribute_types: TextMap = TextMap::default(),
        received_at: Numbers<i64> = Numbers::milliseconds(),
    }
}

/// `Nullable(Decimal(38, 12))`.
pub(super) type Decimals = Nullable<Numbers<i128>>;

fn decimals() -> Decimals {
    Nullable::new(Numbers::decimal(super::DECIMAL_SCALE as u8))
}

columns! {
    /// Table `rejected`.
    Rejected {
        tenant: Strings = Strings::new(),
        ts: Numbers<i64> = Numbers::milliseconds(),
        signal: Strings = Strings::new(),
        reason: Strings = Strings::new(),
        detail: Strings = Strings::new(),
        payload: Strings = Strings::new(),
    }
}

/// Appends bytes that should be UTF-8; what is not becomes replacement characters and counts.
pub(super) fn text(column: &mut Strings, value: &[u8]) {
    match String::from_utf8_lossy(value) {
        Cow::Borrowed(text) => column.push(text),
        Cow::Owned(text) => {
            metrics::counter!("headroom_ingest_lossy_utf8_total").increment(1);
            column.push(&text);
        }
    }
}

/// Appends attributes as a row of a map.
pub(super) fn pairs(map: &mut TextMap, pairs: &[Pair<'_>]) {
    for pair in pairs {
        text(&mut map.keys, pair.key);
        text(&mut map.values, &pair.value.text());
    }
    map.end_row();
}

/// Appends attributes and the types of those that are not text.
pub(super) fn typed_pairs(map: &mut TextMap, types: &mut TextMap, attributes: &[Pair<'_>]) {
    for pair in attributes {
        if let Some(name) = pair.value.type_name() {
            text(&mut types.keys, pair.key);
            types.values.push(name);
        }
    }
    types.end_row();
    pairs(map, attributes);
}

/// A time as the tables take it; those after the year 2262 are held there.
pub(super) fn nanos(ns: u64) -> i64 {
    i64::try_from(ns).unwrap_or(i64::MAX)
}
