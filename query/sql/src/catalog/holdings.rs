//! Portfolios: whose they are, what moved in them, and what things cost.

use super::Kind::{CoarseTime, Decimal, Int, Text, TextOrNull, Time};
use super::{Branch, Column, View, column};

pub(crate) static PORTFOLIOS: View = View {
    name: "portfolios",
    doc: "one row per portfolio that anything was booked to",
    branches: &[Branch::newest("portfolios")],
    once_by: &[],
    columns: &[
        column("portfolio_id", "portfolio_id", Text, "the portfolio"),
        column("customer_id", "customer_id", TextOrNull, "whose it is"),
        column("adviser_id", "adviser_id", TextOrNull, "who advises"),
        column("opened", "opened", CoarseTime, "day of the first booking, UTC"),
        column("trades", "trades", Int, "purchases and sales, cancelled ones left out"),
        column("flags", "flags", Int, "events that could not be booked as they are"),
    ],
};

const QUANTITY: Column = column(
    "quantity",
    "quantity",
    Decimal,
    "pieces more at the end of the day, in pieces of its end: apply later splits before you sum",
);
const CASH: Column = column("cash", "cash", Decimal, "money more");
const INFLOW: Column = column("inflow", "inflow", Decimal, "from outside");
const OUTFLOW: Column = column("outflow", "outflow", Decimal, "to outside");
const INCOME: Column = column("income", "income", Decimal, "dividends and interest");
const FEES: Column = column("fees", "fees", Decimal, "of trades, and charged");
const TAXES: Column = column("taxes", "taxes", Decimal, "withheld or paid");
const BOUGHT: Column = column("bought", "bought", Decimal, "paid for pieces");
const SOLD: Column = column("sold", "sold", Decimal, "got for pieces");
const REALISED: Column = column("realised", "realised", Decimal, "what closing lots brought over their cost");
const TRADES: Column = column("trades", "trades", Int, "purchases and sales");
const UNKNOWN: Column =
    column("unknown", "unknown", Int, "positions, or cash, that cannot be told from this day on");
const MOVED_ON: Column = column("day", "day", CoarseTime, "the day, UTC");
const OF_SYMBOL: Column = column("symbol", "symbol", TextOrNull, "instrument; NULL is money for none");
const OF_CURRENCY: Column = column("currency", "currency", Text, "of all money");
const COHORT: Column = column("cohort", "cohort", CoarseTime, "month of the portfolio's first booking");

pub(crate) static PORTFOLIO_MOVES: View = View {
    name: "portfolio_moves",
    doc: "what moved in a portfolio on a day, by instrument and currency; late bookings and corrections restate it",
    branches: &[Branch::newest("portfolio_moves")],
    once_by: &[],
    columns: &[
        MOVED_ON,
        column("portfolio_id", "portfolio_id", Text, "the portfolio"),
        OF_SYMBOL,
        OF_CURRENCY,
        COHORT,
        QUANTITY,
        CASH,
        INFLOW,
        OUTFLOW,
        INCOME,
        FEES,
        TAXES,
        BOUGHT,
        SOLD,
        REALISED,
        TRADES,
        UNKNOWN,
    ],
};

pub(crate) static ASSET_MOVES: View = View {
    name: "asset_moves",
    doc: "what moved in all portfolios of a cohort on a day, by instrument and currency",
    branches: &[Branch::newest("cohort_moves")],
    once_by: &[],
    columns: &[
        MOVED_ON,
        COHORT,
        OF_SYMBOL,
        OF_CURRENCY,
        QUANTITY,
        CASH,
        INFLOW,
        OUTFLOW,
        INCOME,
        FEES,
        TAXES,
        BOUGHT,
        SOLD,
        REALISED,
        TRADES,
        UNKNOWN,
    ],
};

pub(crate) static QUOTES: View = View {
    name: "quotes",
    doc: "the last price of each instrument, and the last exchange rate of each pair, on each day",
    branches: &[Branch::newest("quotes_1d")],
    once_by: &[],
    columns: &[
        column("day", "m", CoarseTime, "the day, UTC"),
        column("kind", "kind", Text, "price or rate"),
        column("symbol", "symbol", Text, "instrument, or the currency of which one is so many of the other"),
        column("quote", "quote", TextOrNull, "the other currency of a rate"),
        column("ts", "ts", Time, "when it was made"),
        column("price", "price", Decimal, "price of a piece, or the rate"),
        column("currency", "currency", Text, "currency of the price"),
        column("venue", "venue", TextOrNull, "where it was made"),
        column("asset_class", "asset_class", TextOrNull, "what the instrument is"),
        column("sector", "sector", TextOrNull, "sector of its issuer"),
    ],
};
