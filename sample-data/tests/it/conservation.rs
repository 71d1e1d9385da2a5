//! Conservation: in whatever order the events of a fortnight arrive, and however often, nothing that
//! all portfolios hold together comes from nowhere or is lost.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use headroom_portfolio::book::{Book, Entry, Movement, Terms, book};
use headroom_query::events::Event;
use headroom_query::portfolio::entry;
use headroom_sample_data::SampleConfig;
use headroom_sample_data::record::Log;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rust_decimal::Decimal;

use crate::config;
use crate::truth::{decimal, events, put_right, split_factor};

const MINUTES: i64 = 14 * 1_440;
const HOUR_NS: i64 = 3_600_000_000_000;

/// What all portfolios hold together, figure by figure: `USD dividends`, `KO pieces`.
type Figures = BTreeMap<String, Decimal>;

fn add(figures: &mut Figures, of: &str, what: &str, change: Decimal) {
    *figures.entry(format!("{of} {what}")).or_default() += change;
}

/// What the events say, one after the other, with wrong ones put right: without lots, portfolios or books.
fn told(events: &[Log]) -> Figures {
    let mut figures = Figures::new();
    for log in put_right(events) {
        let name = log.event.expect("an event");
        let (currency, symbol) =
            (log.text("currency").unwrap_or_default(), log.text("symbol").unwrap_or_default());
        let (what, sign) = match name {
            "deposit.completed" => ("deposits", Decimal::ONE),
            "withdrawal.completed" => ("withdrawals", Decimal::NEGATIVE_ONE),
            "dividend.paid" => ("dividends", Decimal::ONE),
            "interest.paid" => ("interest", Decimal::ONE),
            "fee.charged" => ("fees", Decimal::NEGATIVE_ONE),
            "tax.withheld" => ("taxes", Decimal::NEGATIVE_ONE),
            "split.applied" => {
                *figures.entry(format!("{symbol} pieces")).or_default() *= split_factor(&log);
                continue;
            }
            "order.filled" | "order.partially_filled" => {
                let (quantity, fee) = (decimal(&log, "quantity"), decimal(&log, "fee"));
                let sign = if log.text("side") == Some("buy") { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
                add(&mut figures, symbol, "pieces", sign * quantity);
                add(&mut figures, currency, "cash", -sign * quantity * decimal(&log, "price") - fee);
                add(&mut figures, currency, "fees", fee);
                continue;
            }
            _ => continue,
        };
        let amount = decimal(&log, "amount");
        add(&mut figures, currency, what, amount);
        add(&mut figures, currency, "cash", sign * amount);
    }
    figures.retain(|_, figure| !figure.is_zero());
    figures
}

/// What the books of all portfolios hold together. Panics where the lots of a position, or the cost
/// of the lots and the cash, do not come out.
fn booked<'a>(books: impl IntoIterator<Item = &'a Book>) -> Figures {
    let mut figures = Figures::new();
    for book in books {
        let mut cost: BTreeMap<&str, Decimal> = BTreeMap::new();
        for (symbol, holding) in &book.holdings {
            assert_eq!(holding.spoiled, None, "{symbol}");
            assert_eq!(holding.lots.iter().map(|lot| lot.quantity).sum::<Decimal>(), holding.quantity());
            assert_eq!(holding.lots.iter().map(|lot| lot.cost).sum::<Decimal>(), holding.cost());
            *cost.entry(&holding.currency).or_default() += holding.cost();
            add(&mut figures, symbol, "pieces", holding.quantity());
        }
        for (currency, purse) in &book.purses {
            let out = purse.withdrawals + purse.fees + purse.taxes;
            let came = purse.deposits + purse.dividends + purse.interest - out;
            let made = book.realised(currency).expect("a figure");
            let lots = cost.get(currency.as_str()).copied().unwrap_or_default();
            assert_eq!(purse.cash + lots, came + made, "{currency}");
            for (what, figure) in [
                ("cash", purse.cash),
                ("deposits", purse.deposits),
                ("withdrawals", purse.withdrawals),
                ("dividends", purse.dividends),
                ("interest", purse.interest),
                ("fees", purse.fees),
                ("taxes", purse.taxes),
            ] {
                add(&mut figures, currency, what, figure);
            }
        }
    }
    figures.retain(|_, figure| !figure.is_zero());
    figures
}

/// The events as an unreliable sender brings them: most within a minute, some in bulk hours or days
/// late, one in ten twice or three times.
fn arriving(events: &[Log], seed: u64) -> Vec<&Log> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut arrivals = Vec::new();
    for log in events {
        let copies = if rng.random_bool(0.1) { rng.random_range(2..=3) } else { 1 };
        for _ in 0..copies {
            let late = match rng.random_range(0..100) {
                0 => rng.random_range(0..96 * HOUR_NS),
                1..5 => (1 + log.ts / (6 * HOUR_NS)) * 6 * HOUR_NS - log.ts,
                _ => rng.random_range(0..HOUR_NS / 60),
            };
            arrivals.push((log.ts + late, rng.random::<u32>(), log));
        }
    }
    arrivals.sort_by_key(|(at, order, _)| (*at, *order));
    arrivals.into_iter().map(|(.., log)| log).collect()
}

/// The entries of each portfolio in the order they arrive; what belongs to none concerns all.
fn portfolios(arrivals: &[&Log]) -> BTreeMap<String, Vec<Entry>> {
    let mut all: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    let mut common = Vec::new();
    for log in arrivals {
        let Some(entry) = entry(&event(log)) else { continue };
        match (log.text("portfolio.id"), &entry.movement) {
            (Some(portfolio), _) => all.entry(portfolio.to_owned()).or_default().push(entry),
            (None, Movement::Price { .. } | Movement::Rate { .. }) => {}
            (None, _) => common.push(entry),
        }
    }
    for entries in all.values_mut() {
        entries.extend_from_slice(&common);
    }
    all
}

fn event(log: &Log) -> Event {
    let text = |key| log.text(key).unwrap_or_default().to_owned();
    let decimal = |key| log.text(key).map(|text| text.parse().expect("a decimal"));
    Event {
        event_id: text("event.id"),
        name: log.event.expect("an event").to_owned(),
        ts: DateTime::<Utc>::from_timestamp_nanos(log.ts),
        symbol: text("symbol"),
        side: text("side"),
        currency: text("currency"),
        quantity: decimal("quantity"),
        price: decimal("price"),
        amount: decimal("amount"),
        fee: decimal("fee"),
        attributes: log
            .attributes
            .iter()
            .filter_map(|(key, _)| Some((key.to_string(), log.text(key.as_str())?.to_owned())))
            .collect(),
        ..Event::default()
    }
}

/// The figures of the books that differ from what was told.
fn differences(told: &Figures, booked: &Figures) -> Vec<String> {
    let keys: std::collections::BTreeSet<_> = told.keys().chain(booked.keys()).collect();
    keys.into_iter().filter(|key| told.get(*key) != booked.get(*key)).cloned().collect()
}

#[test]
fn nothing_is_lost_however_the_events_arrive() {
    let cfg = SampleConfig { backfill_traces_per_minute: 8.0, ..config() };
    let all = events(&cfg, "2026-11-07T01:00:00Z", MINUTES);
    let count = |name| all.iter().filter(|log| log.event == Some(name)).count();
    for name in ["split.applied", "dividend.paid", "tax.withheld", "interest.paid", "fee.charged"] {
        assert!(count(name) > 0, "{name} never happened");
    }
    assert!(count("booking.corrected") > 14 && count("booking.cancelled") > 5);
    let told = told(&all);

    let arrivals = arriving(&all, 7);
    assert!(arrivals.len() > all.len() + all.len() / 20 && !arrivals.is_sorted_by_key(|log| log.ts));
    let entries = portfolios(&arrivals);
    let mut books: BTreeMap<&String, Book> =
        entries.iter().map(|(portfolio, entries)| (portfolio, book(entries, Terms::default()))).collect();
    for (portfolio, book) in &books {
        assert_eq!((&book.flags[..], book.spoiled_cash.len()), (&[][..], 0), "{portfolio}");
    }
    assert_eq!(differences(&told, &booked(books.values())), Vec::<String>::new());

    // And so that it is known to notice: of each kind one event that never arrives.
    for name in [
        "deposit.completed",
        "withdrawal.completed",
        "interest.paid",
        "dividend.paid",
        "tax.withheld",
        "fee.charged",
        "booking.corrected",
        "booking.cancelled",
        "order.filled",
    ] {
        let lost = all.iter().rfind(|log| log.event == Some(name)).expect("one of each");
        let of = lost.text("portfolio.id").expect("a portfolio");
        let (portfolio, arrived) = entries.get_key_value(of).expect("its entries");
        let rest: Vec<Entry> = arrived
            .iter()
            .filter(|entry| Some(entry.event_id.as_str()) != lost.text("event.id"))
            .cloned()
            .collect();
        let whole = books.insert(portfolio, book(&rest, Terms::default())).expect("its book");
        assert!(!differences(&told, &booked(books.values())).is_empty(), "{name} is not missed");
        books.insert(portfolio, whole);
    }
}
