//! Tables `quotes_1m` and `quotes_1d`: the last prices and exchange rates of a minute and of a day.

use std::borrow::Cow;

use headroom_store::native::{Block, Numbers, Words};

use super::{MINUTE, Map};
use crate::decode::columns::{nanos, word};
use crate::decode::common::find;
use crate::decode::{DECIMAL_SCALE, Event, Log, parse_decimal};

/// Nanoseconds of a day.
const DAY: i64 = 1440 * MINUTE;

/// What a quote is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    tenant: String,
    is_rate: bool,
    /// The instrument, or the currency of which one is so many of the other.
    symbol: Vec<u8>,
    /// The other currency of a rate.
    quote: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Quote {
    ts: i64,
    /// Times 10^12.
    price: i128,
    currency: Vec<u8>,
    /// Venue, asset class, sector.
    labels: [Vec<u8>; 3],
}

/// The last quotes of a slice, by what they are of and the start of their minute.
#[derive(Debug, Default)]
pub(in crate::decode) struct Quotes(Map<(Key, i64), Quote>);

impl Quotes {
    /// Takes a `price.updated` or an `fx.updated` that says what it must.
    pub(in crate::decode) fn event(&mut self, tenant: &str, log: &Log<'_>, event: &Event<'_>) {
        let text = |key: &str| find(&log.attributes, key.as_bytes()).unwrap_or_default();
        let owned = |text: Cow<'_, [u8]>| text.into_owned();
        let is_rate = &*log.event_name == b"fx.updated";
        let (symbol, quote, price) = if is_rate {
            (text("base"), text("quote"), parse_decimal(&text("rate")))
        } else if &*log.event_name == b"price.updated" {
            let [_, price, ..] = &event.decimals;
            (event.symbol.clone(), Cow::default(), price.known())
        } else {
            return;
        };
        let Some(price) = price.filter(|price| *price > 0) else { return };
        if symbol.is_empty() || (is_rate && quote.is_empty()) {
            return;
        }
        let ts = nanos(log.time);
        let currency = if is_rate { owned(quote.clone()) } else { owned(event.currency.clone()) };
        let labels = if is_rate {
            Default::default()
        } else {
            ["venue", "asset.class", "sector"].map(|key| owned(text(key)))
        };
        let key = Key { tenant: tenant.to_owned(), is_rate, symbol: owned(symbol), quote: owned(quote) };
        let new = Quote { ts, price, currency, labels };
        let last = self.0.entry((key, ts.div_euclid(MINUTE) * 60));
        last.and_modify(|last| {
            if ts > last.ts {
                last.clone_from(&new);
            }
        })
        .or_insert(new);
    }

    /// Table `quotes_1m`.
    pub(super) fn minutes(&self) -> Block<'static> {
        block(self.0.iter().map(|((key, minute), quote)| (key, *minute, quote)))
    }

    /// Table `quotes_1d`.
    pub(super) fn days(&self) -> Block<'static> {
        let mut days: Map<(&Key, i64), &Quote> = Map::default();
        for ((key, _), quote) in &self.0 {
            let day = quote.ts.div_euclid(DAY) * (DAY / 1_000_000_000);
            let last = days.entry((key, day)).or_insert(quote);
            if quote.ts > last.ts {
                *last = quote;
            }
        }
        block(days.into_iter().map(|((key, day), quote)| (key, day, quote)))
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

fn block<'a>(quotes: impl Iterator<Item = (&'a Key, i64, &'a Quote)>) -> Block<'static> {
    let [mut tenant, mut kind, mut symbol, mut other, mut currency] = [(); 5].map(|()| Words::new());
    let mut labels = [(); 3].map(|()| Words::new());
    let (mut m, mut ts) = (Numbers::seconds(), Numbers::nanoseconds());
    let mut price = Numbers::decimal(DECIMAL_SCALE as u8);
    for (key, start, quote) in quotes {
        tenant.push(&key.tenant);
        kind.push(if key.is_rate { "rate" } else { "price" });
        word(&mut symbol, &key.symbol);
        word(&mut other, &key.quote);
        m.push(start);
        ts.push(quote.ts);
        price.push(quote.price);
        word(&mut currency, &quote.currency);
        for (column, label) in labels.iter_mut().zip(&quote.labels) {
            word(column, label);
        }
    }
    let [venue, asset_class, sector] = labels;
    Block::new()
        .with("tenant", tenant)
        .with("kind", kind)
        .with("symbol", symbol)
        .with("quote", other)
        .with("m", m)
        .with("ts", ts)
        .with("price", price)
        .with("currency", currency)
        .with("venue", venue)
        .with("asset_class", asset_class)
        .with("sector", sector)
}
