//! From a business event to something that can be booked.

use headroom_portfolio::book::{
    Entry, Figures, Money, Movement, Pick, Purpose, Ratio, Side, Trade, is_currency, parse_decimal,
};
use rust_decimal::Decimal;

use crate::events::Event;

/// What an event books, or makes known; `None` for events that move nothing.
pub fn entry(event: &Event) -> Option<Entry> {
    let movement = match event.name.as_str() {
        "order.filled" | "order.partially_filled" => trade(event),
        "deposit.completed" => money(event, Purpose::Deposit),
        "withdrawal.completed" => money(event, Purpose::Withdrawal),
        "fee.charged" => money(event, Purpose::Fee),
        "tax.withheld" => money(event, Purpose::Tax),
        "interest.paid" => money(event, Purpose::Interest),
        "dividend.paid" => money(event, Purpose::Dividend),
        "split.applied" => split(event),
        "symbol.changed" => renamed(event),
        "booking.corrected" => correction(event),
        "booking.cancelled" => cancel(event),
        "price.updated" => price(event),
        "fx.updated" => rate(event),
        _ => return None,
    };
    let movement = match movement {
        Ok(movement) => movement,
        // A price that says nothing spoils nothing: the one before it counts.
        Err(_) if matches!(event.name.as_str(), "price.updated" | "fx.updated") => return None,
        Err(reason) => Movement::Unreadable {
            symbol: event.symbol.clone(),
            money: moves_money(&event.name)
                .then(|| Some(event.currency.clone()).filter(|code| is_currency(code)).unwrap_or_default()),
            reason: format!("{}: {reason}", event.name),
        },
    };
    Some(Entry { event_id: event.event_id.clone(), ts: event.ts, movement })
}

/// Of a correction it is not known what it should have moved: any money.
fn moves_money(name: &str) -> bool {
    !matches!(name, "split.applied" | "symbol.changed")
}

fn trade(event: &Event) -> Result<Movement, String> {
    let effect = event.attribute("position.effect").unwrap_or_default();
    let side = match (event.side.as_str(), effect) {
        ("buy", "" | "open") => Side::Buy,
        ("buy", "close") => Side::BuyToCover,
        ("sell", "" | "close") => Side::Sell,
        ("sell", "open") => Side::SellShort,
        ("buy" | "sell", other) => {
            return Err(format!("the position effect \"{other}\" is neither open nor close"));
        }
        (other, _) => return Err(format!("the side \"{other}\" is neither buy nor sell")),
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
        lots: lots(event.attribute("lots").unwrap_or_default())?,
    }))
}

/// `evt-1:40 evt-2`: 40 pieces of the lot that evt-1 opened, and the rest of evt-2.
fn lots(text: &str) -> Result<Vec<Pick>, String> {
    let pick = |word: &str| {
        let (lot, pieces) = match word.rsplit_once(':') {
            Some((lot, pieces)) => (lot, Some(pieces)),
            None => (word, None),
        };
        let quantity = match pieces.map(parse_decimal) {
            None => None,
            Some(Some(quantity)) if quantity > Decimal::ZERO => Some(quantity),
            Some(_) => return Err(format!("the lot \"{word}\" names no pieces above zero")),
        };
        Ok(Pick { lot: lot.to_owned(), quantity })
    };
    text.split_whitespace().map(pick).collect()
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

fn renamed(event: &Event) -> Result<Movement, String> {
    let to = event.attribute("new.symbol").ok_or("no new symbol is given")?;
    let from = Some(&event.symbol).filter(|symbol| !symbol.is_empty()).ok_or("no symbol is given")?;
    Ok(Movement::Rename { from: from.clone(), to: to.to_owned() })
}

fn correction(event: &Event) -> Result<Movement, String> {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let ratio = match event.attribute("ratio") {
        None => None,
        Some(text) => Some(
            Ratio::parse(text)
                .ok_or_else(|| format!("the ratio \"{text}\" is not two numbers above zero such as 2:1"))?,
        ),
    };
    let figures = Figures {
        symbol: text(&event.symbol),
        quantity: event.quantity,
        price: event.price,
        amount: event.amount,
        currency: text(&event.currency),
        fee: event.fee,
        ratio,
    };
    if figures == Figures::default() {
        return Err("no right figure is given".to_owned());
    }
    let of = event.attribute("corrects.event.id").ok_or("it does not say which event it corrects")?;
    Ok(Movement::Correction { of: of.to_owned(), figures: Box::new(figures) })
}

fn cancel(event: &Event) -> Result<Movement, String> {
    let of = event.attribute("cancels.event.id").ok_or("it does not say which event it cancels")?;
    Ok(Movement::Cancel { of: of.to_owned() })
}

fn price(event: &Event) -> Result<Movement, String> {
    let price = event.price.filter(|price| *price > Decimal::ZERO).ok_or("no price above zero is given")?;
    Ok(Movement::Price { symbol: event.symbol.clone(), price, currency: currency(event)? })
}

fn rate(event: &Event) -> Result<Movement, String> {
    let code = |key: &str| {
        let code = event.attribute(key).filter(|code| is_currency(code));
        code.map(str::to_owned).ok_or_else(|| format!("no currency is given as {key}"))
    };
    let rate =
        event.decimal("rate").filter(|rate| *rate > Decimal::ZERO).ok_or("no rate above zero is given")?;
    Ok(Movement::Rate { base: code("base")?, quote: code("quote")?, rate })
}

fn currency(event: &Event) -> Result<String, String> {
    if is_currency(&event.currency) {
        Ok(event.currency.clone())
    } else {
        Err(format!("the currency \"{}\" is not known", event.currency))
    }
}
