//! Table `bookings`: events that are booked to a portfolio, by portfolio.

use headroom_store::native::{Block, Clear, Numbers, Strings, Words};
use headroom_store::schema::{BOOKED, BOOKING_KEYS};

use super::first_value;
use crate::decode::columns::{Decimals, TextMap, columns, decimals, nanos, text, word};
use crate::decode::{Event, Log};

columns! {
    /// Table `bookings`.
    Bookings {
        tenant: Words = Words::new(),
        portfolio_id: Strings = Strings::new(),
        ts: Numbers<i64> = Numbers::nanoseconds(),
        event_id: Strings = Strings::new(),
        name: Words = Words::new(),
        customer_id: Strings = Strings::new(),
        symbol: Words = Words::new(),
        side: Words = Words::new(),
        currency: Words = Words::new(),
        quantity: Decimals = decimals(),
        price: Decimals = decimals(),
        amount: Decimals = decimals(),
        fee: Decimals = decimals(),
        attributes: TextMap = TextMap::default(),
    }
}

impl Bookings {
    /// Adds the event, if it is booked and says to which portfolio.
    pub(in crate::decode) fn event(
        &mut self,
        tenant: &str,
        log: &Log<'_>,
        event: &Event<'_>,
        id: &[u8],
        customer: &[u8],
    ) {
        if event.portfolio_id.is_empty() || !BOOKED.iter().any(|name| name.as_bytes() == &*log.event_name) {
            return;
        }
        self.tenant.push(tenant);
        text(&mut self.portfolio_id, &event.portfolio_id);
        self.ts.push(nanos(log.time));
        text(&mut self.event_id, id);
        word(&mut self.name, &log.event_name);
        text(&mut self.customer_id, customer);
        word(&mut self.symbol, &event.symbol);
        word(&mut self.side, &event.side);
        word(&mut self.currency, &event.currency);
        let [quantity, price, amount, fee] = &event.decimals;
        self.quantity.push(quantity.known());
        self.price.push(price.known());
        self.amount.push(amount.known());
        self.fee.push(fee.known());
        for (at, pair) in log.attributes.iter().enumerate() {
            if BOOKING_KEYS.iter().any(|key| key.as_bytes() == pair.key)
                && let Some(value) = first_value(&log.attributes, at)
            {
                word(&mut self.attributes.keys, pair.key);
                text(&mut self.attributes.values, &value);
            }
        }
        self.attributes.end_row();
    }

    pub(super) fn block(&self) -> Block<'_> {
        self.onto(Block::new())
    }
}
