//! What portfolios hold, what they made, and what moved in them: replayed from their bookings, as on the pages.

use super::Kind::{CoarseTime, Decimal, FloatOrNull, Text, TextOrNull, TimeOrNull};
use super::facts::facts;
use super::{View, column};

const DAY: &str = "the day, UTC: its close, of today as of now";

pub(crate) static POSITIONS: View = facts(
    "positions",
    "one row per portfolio and instrument held or short, by lots closed first in, first out; as of now unless conditions on day ask for the close of other days",
    &[
        column("day", "day", CoarseTime, DAY),
        column("portfolio_id", "portfolio_id", Text, "the portfolio"),
        column("symbol", "symbol", Text, "instrument"),
        column("quantity", "quantity", Decimal, "pieces held; below zero when they are short"),
        column("average_cost", "average_cost", Decimal, "cost basis of a piece"),
        column("cost_basis", "cost_basis", Decimal, "what the lots still held cost, without fees"),
        column("price", "price", Decimal, "last price, brought to pieces after splits since"),
        column("price_at", "price_at", TimeOrNull, "when it was made"),
        column("value", "value", Decimal, "quantity times price"),
        column("unrealised", "unrealised", Decimal, "value less cost basis"),
        column("currency", "currency", TextOrNull, "of all money in the row"),
        column("unavailable", "unavailable", TextOrNull, "why a figure is NULL"),
    ],
);

pub(crate) static RETURNS: View = facts(
    "returns",
    "one row per portfolio and day from its first booking on: worth, flows and time-weighted return; of the last 30 days unless conditions on day ask for others",
    &[
        column("day", "day", CoarseTime, DAY),
        column("portfolio_id", "portfolio_id", Text, "the portfolio"),
        column("currency", "currency", TextOrNull, "of all money in the row: that of its first booking"),
        column(
            "value",
            "value",
            Decimal,
            "positions and cash at the close; NULL without a price or rate for each",
        ),
        column("inflow", "inflow", Decimal, "from outside on the day"),
        column("outflow", "outflow", Decimal, "to outside on the day, without a sign"),
        column(
            "return_of_day",
            "return_of_day",
            FloatOrNull,
            "time-weighted return of the day: 0.01 is 1 %; NULL where a value is that it depends on",
        ),
        column(
            "return_since_start",
            "return_since_start",
            FloatOrNull,
            "time-weighted return since the first booking, not annualised; NULL after money moved beside an unknown value",
        ),
        column("unavailable", "unavailable", TextOrNull, "why a figure is NULL"),
    ],
);

pub(crate) static FLOWS: View = facts(
    "flows",
    "one row per booking that moved money in a portfolio, each once and as it was corrected; of the last 30 days unless conditions on ts ask for others",
    &[
        column("ts", "ts", CoarseTime, "when it was booked"),
        column("portfolio_id", "portfolio_id", Text, "the portfolio"),
        column(
            "kind",
            "kind",
            Text,
            "deposit, withdrawal, buy, sell, sell_short, buy_to_cover, dividend, interest, fee, tax, or unreadable",
        ),
        column(
            "amount",
            "amount",
            Decimal,
            "money in, below zero out, without fees; amount less fees adds up to cash",
        ),
        column("fees", "fees", Decimal, "paid on top of a trade; what is charged apart is a row of kind fee"),
        column("currency", "currency", TextOrNull, "of amount, price and fees"),
        column("symbol", "symbol", TextOrNull, "instrument; NULL is money for none"),
        column("quantity", "quantity", Decimal, "pieces of a trade, without a sign"),
        column("price", "price", Decimal, "price of a piece of a trade"),
        column("event_id", "event_id", Text, "the event in the view events"),
        column("unavailable", "unavailable", TextOrNull, "why the amount is NULL"),
    ],
);
