#![allow(clippy::unwrap_used)]
use chrono::{DateTime, Utc};
use headroom_portfolio::book::{Figures, Movement, Pick, Ratio, Side, Terms, book};
use rust_decimal::Decimal;

use super::entry;
use crate::events::Event;

fn start() -> DateTime<Utc> {
    "2026-11-02T00:00:00Z".parse().unwrap()
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn event(name: &str) -> Event {
    Event {
        event_id: "e".to_owned(),
        name: name.to_owned(),
        ts: start(),
        symbol: "ACME".to_owned(),
        side: "buy".to_owned(),
        currency: "USD".to_owned(),
        ..Event::default()
    }
}

fn with(name: &str, attributes: &[(&str, &str)]) -> Event {
    let attributes = attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Event { attributes: attributes.collect(), ..event(name) }
}

fn filled(attributes: &[(&str, &str)]) -> Event {
    Event { quantity: Some(dec("1")), price: Some(dec("10")), ..with("order.filled", attributes) }
}

fn movement(event: &Event) -> Movement {
    entry(event).unwrap().movement
}

#[test]
fn events_that_do_not_say_what_they_must_are_flagged() {
    let bare = event("order.filled");
    let cases = [
        (Event { price: None, ..filled(&[]) }, "no price is given"),
        (Event { side: "short".to_owned(), ..filled(&[]) }, "neither buy nor sell"),
        (Event { currency: "us$".to_owned(), ..filled(&[]) }, "the currency \"us$\" is not known"),
        (Event { quantity: Some(Decimal::ZERO), ..filled(&[]) }, "no quantity above zero"),
        (Event { symbol: String::new(), ..filled(&[]) }, "no symbol is given"),
        (filled(&[("position.effect", "roll")]), "\"roll\" is neither open nor close"),
        (filled(&[("lots", "b1:0")]), "the lot \"b1:0\" names no pieces above zero"),
        (event("deposit.completed"), "no amount is given"),
        (with("split.applied", &[("ratio", "0:1")]), "the ratio \"0:1\""),
        (event("symbol.changed"), "no new symbol is given"),
        (event("booking.cancelled"), "which event it cancels"),
        (event("booking.corrected"), "which event it corrects"),
        (
            Event {
                symbol: String::new(),
                currency: String::new(),
                ..with("booking.corrected", &[("corrects.event.id", "b1")])
            },
            "no right figure is given",
        ),
        (with("booking.corrected", &[("corrects.event.id", "b1"), ("ratio", "2")]), "the ratio \"2\""),
    ];
    for (event, reason) in cases {
        let Movement::Unreadable { reason: told, .. } = movement(&event) else { panic!("{event:?}") };
        assert!(told.starts_with(&event.name) && told.contains(reason), "{told}");
        let flags = book(&[entry(&event).unwrap()], Terms::default()).flags;
        assert_eq!(flags[0].reason, told);
    }
    assert_eq!(entry(&Event { name: "order.placed".to_owned(), ..bare }), None);
    for name in ["price.updated", "fx.updated"] {
        assert_eq!(entry(&event(name)), None, "the last price before it still counts");
    }
}

#[test]
fn a_split_that_cannot_be_read_moves_no_money_and_a_payment_any() {
    let money = |event: &Event| match movement(event) {
        Movement::Unreadable { money, .. } => money,
        other => panic!("{other:?}"),
    };
    assert_eq!(money(&event("split.applied")), None);
    assert_eq!(money(&event("fee.charged")).as_deref(), Some("USD"));
    assert_eq!(money(&Event { currency: "dollars".to_owned(), ..event("fee.charged") }).as_deref(), Some(""));
}

#[test]
fn a_position_effect_makes_a_short_sale_or_a_cover() {
    let side = |side: &str, effect: &str| {
        let event = Event { side: side.to_owned(), ..filled(&[("position.effect", effect)]) };
        match movement(&event) {
            Movement::Trade(trade) => trade.side,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        [side("buy", ""), side("buy", "open"), side("buy", "close")],
        [Side::Buy, Side::Buy, Side::BuyToCover]
    );
    assert_eq!(
        [side("sell", ""), side("sell", "close"), side("sell", "open")],
        [Side::Sell, Side::Sell, Side::SellShort]
    );
}

#[test]
fn what_is_restated_names_what_it_restates() {
    let Movement::Trade(trade) = movement(&filled(&[("lots", "b:1:40  b2")])) else { panic!() };
    let pick = |lot: &str, quantity: Option<&str>| Pick { lot: lot.to_owned(), quantity: quantity.map(dec) };
    assert_eq!(trade.lots, [pick("b:1", Some("40")), pick("b2", None)]);
    let right = Event {
        price: Some(dec("9.5")),
        currency: String::new(),
        ..with("booking.corrected", &[("corrects.event.id", "b1"), ("ratio", "3:2")])
    };
    let figures = Figures {
        symbol: Some("ACME".to_owned()),
        price: Some(dec("9.5")),
        ratio: Ratio::parse("3:2"),
        ..Figures::default()
    };
    assert_eq!(movement(&right), Movement::Correction { of: "b1".to_owned(), figures: Box::new(figures) });
    assert_eq!(
        movement(&with("booking.cancelled", &[("cancels.event.id", "b1")])),
        Movement::Cancel { of: "b1".to_owned() }
    );
    assert_eq!(
        movement(&with("symbol.changed", &[("new.symbol", "APEX")])),
        Movement::Rename { from: "ACME".to_owned(), to: "APEX".to_owned() }
    );
    assert_eq!(
        movement(&with("fx.updated", &[("base", "EUR"), ("quote", "USD"), ("rate", "1.08")])),
        Movement::Rate { base: "EUR".to_owned(), quote: "USD".to_owned(), rate: dec("1.08") }
    );
}
