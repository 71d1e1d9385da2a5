//! Many portfolios day by day: what they held, what they made, and each of their flows.
//!
//! Each portfolio is replayed from its bookings, as when it is asked for alone: the figures are the same. The work is
//! bounded before it begins, by bookings and by days of portfolios; what is too much is refused.

mod quotes;

use chrono::{DateTime, NaiveDate, Utc};
use headroom_portfolio::book::{Entry, Position, Replay, Terms, View, end_of};
use headroom_portfolio::performance::{Ask, DayReturn, Portfolio, daily_returns};
use headroom_store::Store;
use rust_decimal::Decimal;

use super::read::{Books, MOST_BOOKINGS, all_bookings, bookings, instruments, with_events};
use crate::error::{QueryError, Result};
use crate::range::TimeRange;
use quotes::BySymbol;

/// Days of portfolios that one question may value: a year of 500 portfolios.
const MOST_DAYS: u64 = 200_000;

/// Which portfolios are told, and how much of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// All of the tenant's where none are named; names that nothing was booked to are passed over.
    pub portfolios: Option<&'a [String]>,
    /// Rows; telling stops there.
    pub most: usize,
}

/// A position at the close of a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// In UTC.
    pub day: NaiveDate,
    /// `portfolio.id`
    pub portfolio_id: String,
    /// What is held, or short.
    pub position: Position,
}

/// A day of a portfolio.
#[derive(Debug, Clone, PartialEq)]
pub struct ReturnDay {
    /// `portfolio.id`
    pub portfolio_id: String,
    /// Currency of its money; none where nothing was booked that has one.
    pub currency: Option<String>,
    /// Its figures.
    pub day: DayReturn,
}

/// Money that moved in a portfolio, as it was corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedFlow {
    /// When.
    pub ts: DateTime<Utc>,
    /// `portfolio.id`
    pub portfolio_id: String,
    /// Names the booking.
    pub event_id: String,
    /// As in [`headroom_portfolio::book::CashMove`].
    pub kind: &'static str,
    /// '' for none.
    pub symbol: String,
    /// '' where it may be any.
    pub currency: String,
    /// Of a trade.
    pub quantity: Option<Decimal>,
    /// Of a trade, per piece.
    pub price: Option<Decimal>,
    /// Above zero came in, below zero went out; without fees.
    pub amount: Option<Decimal>,
    /// Paid on top.
    pub fees: Decimal,
    /// Why the amount is missing.
    pub unavailable: Option<String>,
}

/// What portfolios hold at the close of each of these days; today's as of now. What is closed is left out.
///
/// # Errors
/// [`QueryError::Unavailable`] when it is too much; what the store says.
pub async fn positions(
    store: &Store,
    tenant: &str,
    wanted: Wanted<'_>,
    (from, to): (NaiveDate, NaiveDate),
    now: DateTime<Utc>,
) -> Result<Vec<Held>> {
    let (from, to) = (from, to.min(now.date_naive()));
    let days = from.iter_days().take_while(|day| *day <= to).count() as u64;
    if days == 0 {
        return Ok(Vec::new());
    }
    let until = end_of(to).min(now);
    let (books, market) = tokio::try_join!(books(store, tenant, wanted), instruments(store, tenant, until))?;
    bounded(days.saturating_mul(books.len() as u64), "positions")?;
    let quotes = BySymbol::read(store, tenant, &books, &market, from, until).await?;
    let mut told = Vec::new();
    for (portfolio_id, (_, own)) in &books {
        let entries = quotes.with(with_events(own, &market));
        let mut replay = Replay::new(&entries, Terms::default());
        for day in from.iter_days().take_while(|day| *day <= to) {
            let valued = replay.value(end_of(day).min(now), &View::default());
            let held =
                valued.positions.into_iter().filter(|one| one.quantity.is_none_or(|all| !all.is_zero()));
            told.extend(held.map(|position| Held { day, portfolio_id: portfolio_id.clone(), position }));
            if told.len() >= wanted.most {
                return Ok(told);
            }
        }
        // A statement that is stopped ends here.
        tokio::task::yield_now().await;
    }
    Ok(told)
}

/// What portfolios were worth and made on each of these days, from their first booking on.
///
/// # Errors
/// [`QueryError::Unavailable`] when it is too much; what the store says.
pub async fn returns(
    store: &Store,
    tenant: &str,
    wanted: Wanted<'_>,
    (from, to): (NaiveDate, NaiveDate),
    now: DateTime<Utc>,
) -> Result<Vec<ReturnDay>> {
    let until = end_of(to).min(now);
    let (books, market) = tokio::try_join!(books(store, tenant, wanted), instruments(store, tenant, until))?;
    // Each is valued on all days of its life, of which the returns since its beginning are made.
    let lives = books.values().filter_map(|(_, own)| own.iter().map(|entry| entry.ts.date_naive()).min());
    let firsts: Vec<NaiveDate> = lives.filter(|first| *first <= until.date_naive()).collect();
    let Some(first) = firsts.iter().min() else { return Ok(Vec::new()) };
    let life = |first: &NaiveDate| (until.date_naive() - *first).num_days().unsigned_abs() + 1;
    bounded(firsts.iter().map(life).sum(), "returns")?;
    let quotes = BySymbol::read(store, tenant, &books, &market, *first, until).await?;
    let ask = Ask { to: Some(until.date_naive()), ..Ask::default() };
    let mut told = Vec::new();
    for (portfolio_id, (_, own)) in &books {
        let entries = quotes.with(with_events(own, &market));
        let found = daily_returns(Portfolio { name: portfolio_id, entries: &entries }, &ask);
        let currency = found.base_currency;
        let days = found.days.into_iter().filter(|day| day.date >= from);
        told.extend(days.map(|day| ReturnDay {
            portfolio_id: portfolio_id.clone(),
            currency: currency.clone(),
            day,
        }));
        if told.len() >= wanted.most {
            return Ok(told);
        }
        tokio::task::yield_now().await;
    }
    Ok(told)
}

/// The flows of portfolios in a range: money that moved, each booking once and as it was corrected.
///
/// # Errors
/// [`QueryError::Unavailable`] when there are too many bookings; what the store says.
pub async fn flows(
    store: &Store,
    tenant: &str,
    wanted: Wanted<'_>,
    range: TimeRange,
) -> Result<Vec<BookedFlow>> {
    let books = books(store, tenant, wanted).await?;
    let mut told = Vec::new();
    for (portfolio_id, (_, own)) in &books {
        let replay = Replay::new(own, Terms::default());
        let within = replay.ahead().filter(|entry| entry.ts >= range.from && entry.ts < range.to);
        told.extend(within.filter_map(|entry| flow(portfolio_id, entry)));
        if told.len() >= wanted.most {
            return Ok(told);
        }
        tokio::task::yield_now().await;
    }
    Ok(told)
}

fn flow(portfolio_id: &str, entry: &Entry) -> Option<BookedFlow> {
    let cash = entry.movement.cash()?;
    Some(BookedFlow {
        ts: entry.ts,
        portfolio_id: portfolio_id.to_owned(),
        event_id: entry.event_id.clone(),
        kind: cash.kind,
        symbol: cash.symbol.to_owned(),
        currency: cash.currency.to_owned(),
        quantity: cash.quantity,
        price: cash.price,
        amount: cash.amount.ok(),
        fees: cash.fees,
        unavailable: cash.amount.err().map(str::to_owned),
    })
}

async fn books(store: &Store, tenant: &str, wanted: Wanted<'_>) -> Result<Books> {
    match wanted.portfolios {
        None => all_bookings(store, tenant).await,
        Some([]) => Ok(Books::new()),
        Some(named) => bookings(store, tenant, named.iter().map(String::as_str), Some(MOST_BOOKINGS)).await,
    }
}

fn bounded(days: u64, what: &str) -> Result<()> {
    if days <= MOST_DAYS {
        return Ok(());
    }
    Err(QueryError::unavailable(
        format!(
            "{what} would be told of {days} days of portfolios, and at most {MOST_DAYS} are told at once"
        ),
        "name portfolios (portfolio_id = '..') or ask for fewer days; portfolio_moves and asset_moves have sums of all",
    ))
}
