#![allow(clippy::unwrap_used)]
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::events::Event;

fn start() -> DateTime<Utc> {
    "2026-11-02T00:00:00Z".parse().unwrap()
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn at(day: i64, movement: Movement) -> Entry {
    Entry { event_id: format!("{day}-{movement:?}"), ts: start() + TimeDelta::days(day), movement }
}

fn trade(buy: bool, quantity: &str, price: &str) -> Movement {
    let (quantity, price) = (dec(quantity), dec(price));
    Movement::Trade(Trade {
        symbol: "ACME".to_owned(),
        side: side(buy),
        quantity,
        price,
        currency: "USD".to_owned(),
        fee: Decimal::ZERO,
        lots: Vec::new(),
    })
}

fn side(buy: bool) -> Side {
    if buy { Side::Buy } else { Side::Sell }
}

fn money(purpose: Purpose, amount: Decimal, currency: &str) -> Movement {
    Movement::Money(Money { purpose, symbol: String::new(), amount, currency: currency.to_owned() })
}

fn deposit(amount: &str, currency: &str) -> Movement {
    money(Purpose::Deposit, dec(amount), currency)
}

fn split(new: i64, old: i64) -> Movement {
    Movement::Split { symbol: "ACME".to_owned(), ratio: Ratio { new: new.into(), old: old.into() } }
}

fn market(price: &str, day: i64) -> Market {
    let price = Price { price: dec(price), currency: "USD".to_owned(), at: start() + TimeDelta::days(day) };
    Market { prices: [("ACME".to_owned(), price)].into(), ..Market::default() }
}

fn valued(entries: &[Entry], market: &Market) -> Portfolio {
    appraise("pf", start() + TimeDelta::days(100), &book(entries), market)
}

#[test]
fn first_in_first_out() {
    let entries = [
        at(0, deposit("1000", "USD")),
        at(1, trade(true, "10", "10")),
        at(2, trade(true, "10", "20")),
        at(3, trade(false, "15", "30")),
    ];
    let portfolio = valued(&entries, &market("40", 4));
    let position = &portfolio.positions[0];
    assert_eq!(position.quantity, Some(dec("5")));
    assert_eq!(position.cost_basis, Some(dec("100")));
    assert_eq!(position.average_cost, Some(dec("20")));
    assert_eq!(position.realised, Some(dec("250")));
    assert_eq!(position.market_value, Some(dec("200")));
    assert_eq!(position.unrealised, Some(dec("100")));
    assert_eq!(portfolio.cash, [Cash { currency: "USD".to_owned(), amount: Some(dec("1150")) }]);
    assert_eq!(portfolio.totals.market_value, Some(dec("200")));
    assert!(portfolio.unavailable.is_empty() && portfolio.flags.is_empty());
}

#[test]
fn a_round_trip_as_published_elsewhere() {
    // Two pieces bought at 75.80 and sold at 85.73 gain 19.86.
    let portfolio =
        valued(&[at(0, trade(true, "2", "75.80")), at(1, trade(false, "2", "85.73"))], &Market::default());
    let position = &portfolio.positions[0];
    assert_eq!((position.realised, position.quantity), (Some(dec("19.86")), Some(Decimal::ZERO)));
    assert_eq!(position.unavailable, None, "a closed position needs no price");
    assert_eq!(portfolio.totals.realised, Some(dec("19.86")));
}

#[test]
fn a_price_from_before_a_split_is_adjusted() {
    let entries = [at(0, trade(true, "10", "100")), at(2, split(2, 1))];
    for (price, day) in [("120", 1), ("60", 3)] {
        let position = &valued(&entries, &market(price, day)).positions[0];
        assert_eq!((position.quantity, position.price), (Some(dec("20")), Some(dec("60"))));
        assert_eq!((position.market_value, position.unrealised), (Some(dec("1200")), Some(dec("200"))));
    }
}

#[test]
fn what_cannot_be_known_is_null_with_its_reason() {
    let oversold = [at(0, trade(true, "1", "10")), at(1, trade(false, "2", "10"))];
    let portfolio = valued(&oversold, &market("10", 2));
    assert_eq!(portfolio.positions[0].quantity, None);
    assert_eq!(portfolio.positions[0].unavailable.as_deref(), Some("2 ACME were sold when 1 were held"));
    assert_eq!(portfolio.totals.market_value, None);
    assert_eq!(portfolio.flags.len(), 1);
    assert_eq!(portfolio.unavailable, ["ACME: 2 ACME were sold when 1 were held"]);

    let unpriced = valued(&[at(0, trade(true, "1", "10"))], &Market::default());
    assert_eq!(unpriced.positions[0].cost_basis, Some(dec("10")));
    assert_eq!((unpriced.positions[0].market_value, unpriced.totals.market_value), (None, None));
    assert_eq!(unpriced.totals.cost_basis, Some(dec("10")));
    assert_eq!(unpriced.unavailable, ["ACME: no price of ACME is known at that time"]);
}

#[test]
fn totals_need_an_exchange_rate() {
    let mut entries = vec![at(0, deposit("100", "EUR")), at(1, trade(true, "1", "11"))];
    entries.push(at(2, money(Purpose::Fee, dec("1.10"), "USD")));
    let mut market = market("22", 3);
    let portfolio = valued(&entries, &market);
    assert_eq!(portfolio.base_currency.as_deref(), Some("EUR"));
    assert_eq!(portfolio.positions[0].market_value, Some(dec("22")));
    assert_eq!(portfolio.totals.market_value, None);
    assert_eq!(portfolio.unavailable, ["totals: no exchange rate from USD to EUR is known at that time"]);
    market.rates.insert(("EUR".to_owned(), "USD".to_owned()), dec("1.1"));
    let portfolio = valued(&entries, &market);
    assert_eq!((portfolio.totals.market_value, portfolio.totals.fees), (Some(dec("20")), Some(dec("1"))));
    market.rates.insert(("EUR".to_owned(), "USD".to_owned()), Decimal::ZERO);
    assert_eq!(valued(&entries, &market).totals.market_value, None, "a rate of zero is no rate");
}

#[test]
fn events_that_do_not_say_what_they_must_are_flagged() {
    let base = Event {
        event_id: "e".to_owned(),
        ts: start(),
        symbol: "ACME".to_owned(),
        side: "buy".to_owned(),
        currency: "USD".to_owned(),
        ..Event::default()
    };
    let filled = Event { name: "order.filled".to_owned(), quantity: Some(dec("1")), ..base.clone() };
    let cases = [
        (filled.clone(), "no price is given"),
        (Event { price: Some(dec("1")), side: "short".to_owned(), ..filled.clone() }, "neither buy nor sell"),
        (
            Event { price: Some(dec("1")), currency: "us$".to_owned(), ..filled.clone() },
            "the currency \"us$\" is not known",
        ),
        (Event { price: Some(dec("1")), quantity: Some(Decimal::ZERO), ..filled }, "no quantity above zero"),
        (
            Event { name: "deposit.completed".to_owned(), symbol: String::new(), ..base.clone() },
            "no amount is given",
        ),
        (
            Event {
                name: "split.applied".to_owned(),
                attributes: [("ratio".to_owned(), "0:1".to_owned())].into(),
                ..base.clone()
            },
            "the ratio \"0:1\"",
        ),
    ];
    for (event, reason) in cases {
        let entries = [at(-1, trade(true, "1", "1")), entry(&event).unwrap()];
        let portfolio = valued(&entries, &market("1", 0));
        assert!(portfolio.flags[0].reason.contains(reason), "{:?}", portfolio.flags);
        assert!(
            portfolio.unavailable.iter().any(|shown| shown.contains(reason)),
            "{:?}",
            portfolio.unavailable
        );
        let spoiled = event.symbol.is_empty() || portfolio.positions[0].quantity.is_none();
        assert!(spoiled, "{portfolio:?}");
    }
    assert_eq!(entry(&Event { name: "order.placed".to_owned(), ..base }), None);
    assert_eq!(Ratio::parse("3:2"), Some(Ratio { new: dec("3"), old: dec("2") }));
    assert_eq!(Ratio::parse("2"), None);
}

#[test]
fn figures_too_large_are_flagged_not_wrapped() {
    let huge = "79228162514264337593543950335";
    let portfolio = valued(&[at(0, trade(true, huge, huge))], &market("1", 1));
    assert_eq!(portfolio.positions[0].quantity, None);
    assert_eq!(portfolio.cash.first().and_then(|cash| cash.amount), None);
    assert!(portfolio.flags[0].reason.contains("28 digits"));
}

fn trades() -> impl Strategy<Value = Vec<(bool, u32, u32)>> {
    prop::collection::vec((any::<bool>(), 1_u32..1_000_000, 1_u32..1_000_000), 1..60)
}

/// Trades that never sell more than is held: thousandths of pieces at cents.
fn covered(trades: &[(bool, u32, u32)]) -> Vec<Entry> {
    let mut held = 0_u32;
    let mut entries = Vec::new();
    for (day, (buy, quantity, price)) in trades.iter().enumerate() {
        let buy = *buy || held == 0;
        let quantity = if buy { *quantity } else { (*quantity).min(held) };
        held = if buy { held + quantity } else { held - quantity };
        let movement = Trade {
            symbol: "ACME".to_owned(),
            side: side(buy),
            quantity: Decimal::new(quantity.into(), 3),
            price: Decimal::new((*price).into(), 2),
            currency: "USD".to_owned(),
            fee: Decimal::ZERO,
            lots: Vec::new(),
        };
        entries.push(at(day as i64, Movement::Trade(movement)));
    }
    entries
}

proptest! {
    #[test]
    fn lots_sum_to_the_position(list in trades()) {
        let entries = covered(&list);
        let holding = &book(&entries).holdings["ACME"];
        let signed: Decimal = entries.iter().map(|entry| match &entry.movement {
            Movement::Trade(trade) if trade.side.buys() => trade.quantity,
            Movement::Trade(trade) => -trade.quantity,
            _ => Decimal::ZERO,
        }).sum();
        prop_assert_eq!(holding.quantity(), signed);
        prop_assert!(holding.lots.iter().all(|lot| lot.quantity > Decimal::ZERO));
        prop_assert_eq!(holding.spoiled.clone(), None);
    }

    #[test]
    fn cash_and_cost_explain_what_was_realised(list in trades()) {
        // Money out of the purse is either still in the lots or was taken as a loss.
        let book = book(&covered(&list));
        let holding = &book.holdings["ACME"];
        let gap = book.purses["USD"].cash + holding.cost() - holding.realised;
        prop_assert!(gap.abs() < dec("0.000000001"), "{}", gap);
    }

    #[test]
    fn a_split_changes_no_money(list in trades(), day in 0_i64..60, factor in 2_i64..10) {
        let entries = covered(&list);
        // The same life with a split in it: later pieces are more and cheaper.
        let mut with_split: Vec<Entry> = entries.clone();
        for entry in &mut with_split {
            if let Movement::Trade(trade) = &mut entry.movement && entry.ts >= start() + TimeDelta::days(day) {
                trade.quantity *= Decimal::from(factor);
                trade.price /= Decimal::from(factor);
            }
        }
        with_split.push(at(day, split(factor, 1)));
        let plain = valued(&entries, &market("12.60", 100));
        let adjusted = dec("12.60") / Decimal::from(factor);
        let split = valued(&with_split, &market(&adjusted.to_string(), 100));
        for figure in [|p: &Position| p.market_value, |p: &Position| p.cost_basis, |p: &Position| p.realised, |p: &Position| p.unrealised] {
            let (a, b) = (figure(&plain.positions[0]).unwrap(), figure(&split.positions[0]).unwrap());
            prop_assert!((a - b).abs() < dec("0.000001"), "{} {}", a, b);
        }
    }

    #[test]
    fn deposits_alone_make_nothing(amounts in prop::collection::vec(-1_000_000_i64..1_000_000, 1..30)) {
        let entries: Vec<Entry> = amounts.iter().enumerate().map(|(day, cents)| {
            at(day as i64, money(Purpose::Deposit, Decimal::new(*cents, 2), "USD"))
        }).collect();
        let portfolio = valued(&entries, &Market::default());
        prop_assert!(portfolio.positions.is_empty());
        prop_assert_eq!(portfolio.totals.realised, Some(Decimal::ZERO));
        prop_assert_eq!(portfolio.totals.unrealised, Some(Decimal::ZERO));
        let sum: Decimal = amounts.iter().map(|cents| Decimal::new(*cents, 2)).sum();
        prop_assert_eq!(portfolio.cash[0].amount, Some(sum.normalize()));
    }

    #[test]
    fn order_of_arrival_and_repetition_do_not_matter(list in trades(), turn in 0_usize..60) {
        let entries = covered(&list);
        let mut shuffled = [entries.clone(), entries.clone()].concat();
        let length = shuffled.len();
        shuffled.rotate_left(turn % length);
        shuffled.reverse();
        prop_assert_eq!(book(&shuffled), book(&entries));
    }
}
