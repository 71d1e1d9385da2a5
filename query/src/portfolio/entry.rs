//! From a business event to something that can be booked.

use headroom_portfolio::book::{Entry, Money, Movement, Purpose, Ratio, Side, Trade, is_currency};
use rust_decimal::Decimal;

use crate::events::Event;

/// What an event books; `None` for events that move nothing.
pub fn entry(event: &Event) -> Option<Entry> {
    let movement = match event.name.as_str() {
        "order.filled" | "order.partially_filled" => trade(event),
        "deposit.completed" => money(event, Purpose::Deposit),
        "withdrawal.completed" => money(event, Purpose::Withdrawal),
        "fee.charged" => money(event, Purpose::Fee),
        "dividend.paid" => money(event, Purpose::Dividend),
        "split.applied" => split(event),
        _ => return None,
    };
    let movement = movement.unwrap_or_else(|reason| Movement::Unreadable {
        symbol: event.symbol.clone(),
        // A split moves no money, whatever it says.
        money: (event.name != "split.applied")
            .then(|| Some(event.currency.clone()).filter(|code| is_currency(code)).unwrap_or_default()),
        reason: format!("{}: {reason}", event.name),
    });
    Some(Entry { event_id: event.event_id.clone(), ts: event.ts, movement })
}

fn trade(event: &Event) -> Result<Movement, String> {
    let side = match event.side.as_str() {
        "buy" => Side::Buy,
        "sell" => Side::Sell,
        other => return Err(format!("the side \"{other}\" is neither buy nor sell")),
    };
    if event.symbol.is_empty() {
        return Err("no symbol is given".to_owned());
    }
    Ok(Movement::Trade(Trade {
        symbol: event.symbol.clone(),
        side,
        quantity: event
            .quantity
            .filter(|pieces| *pieces > Decimal::ZERO)
            .ok_or("no quantity above zero is given")?,
        price: event.price.filter(|price| *price >= Decimal::ZERO).ok_or("no price is given")?,
        currency: currency(event)?,
        fee: event.fee.unwrap_or_default(),
        lots: Vec::new(),
    }))
}

fn money(event: &Event, purpose: Purpose) -> Result<Movement, String> {
    let outside = matches!(purpose, Purpose::Deposit | Purpose::Withdrawal);
    Ok(Movement::Money(Money {
        purpose,
        symbol: if outside { String::new() } else { event.symbol.clone() },
        amount: event.amount.ok_or("no amount is given")?,
        currency: currency(event)?,
    }))
}

fn split(event: &Event) -> Result<Movement, String> {
    let text = event.attribute("ratio").unwrap_or_default();
    let ratio = Ratio::parse(text)
        .ok_or_else(|| format!("the ratio \"{text}\" is not two numbers above zero such as 2:1"))?;
    Ok(Movement::Split { symbol: event.symbol.clone(), ratio })
}

fn currency(event: &Event) -> Result<String, String> {
    if is_currency(&event.currency) {
        Ok(event.currency.clone())
    } else {
        Err(format!("the currency \"{}\" is not known", event.currency))
    }
}
