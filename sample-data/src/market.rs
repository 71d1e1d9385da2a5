//! Prices: a random walk per symbol in session, and the dollar in rupees.

use chrono::{DateTime, Utc};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use rust_decimal::Decimal;

use crate::calendar::Venue;
use crate::schedule::{Class, SPLIT_SYMBOL, Schedule};
use crate::shape::in_session;

/// Symbol, the price it starts at, in cents or paise, and its sector by GICS, none of a fund.
/// Prices are invented.
const LISTED: [(&str, Venue, i64, &str); 30] = [
    ("AAPL", Venue::Xnys, 23_140, "Information Technology"),
    ("MSFT", Venue::Xnys, 43_875, "Information Technology"),
    ("NVDA", Venue::Xnys, 13_690, "Information Technology"),
    ("AMZN", Venue::Xnys, 19_825, "Consumer Discretionary"),
    ("GOOGL", Venue::Xnys, 17_410, "Communication Services"),
    ("META", Venue::Xnys, 56_230, "Communication Services"),
    ("TSLA", Venue::Xnys, 27_715, "Consumer Discretionary"),
    ("JPM", Venue::Xnys, 22_460, "Financials"),
    ("V", Venue::Xnys, 29_105, "Financials"),
    ("JNJ", Venue::Xnys, 15_960, "Health Care"),
    ("WMT", Venue::Xnys, 8_235, "Consumer Staples"),
    ("KO", Venue::Xnys, 6_890, "Consumer Staples"),
    ("PEP", Venue::Xnys, 16_555, "Consumer Staples"),
    ("DIS", Venue::Xnys, 9_870, "Communication Services"),
    ("NFLX", Venue::Xnys, 71_040, "Communication Services"),
    ("AMD", Venue::Xnys, 15_120, "Information Technology"),
    ("CRM", Venue::Xnys, 28_990, "Information Technology"),
    ("INTC", Venue::Xnys, 2_375, "Information Technology"),
    ("COST", Venue::Xnys, 89_310, "Consumer Staples"),
    ("VOO", Venue::Xnys, 52_665, ""),
    ("RELIANCE", Venue::Xnse, 281_500, "Energy"),
    ("TCS", Venue::Xnse, 402_050, "Information Technology"),
    ("HDFCBANK", Venue::Xnse, 168_240, "Financials"),
    ("INFY", Venue::Xnse, 184_515, "Information Technology"),
    ("ICICIBANK", Venue::Xnse, 126_380, "Financials"),
    ("ITC", Venue::Xnse, 47_705, "Consumer Staples"),
    ("SBIN", Venue::Xnse, 81_260, "Financials"),
    ("BHARTIARTL", Venue::Xnse, 157_835, "Communication Services"),
    ("LT", Venue::Xnse, 362_010, "Industrials"),
    ("HINDUNILVR", Venue::Xnse, 251_975, "Consumer Staples"),
];

/// Index of a symbol in the market's list.
pub(crate) type SymbolId = u8;

/// Prices at the simulated instant.
pub(crate) struct Market {
    /// Minor units (cents, paise), before rounding.
    walk: Vec<f64>,
    usd_inr: f64,
}

impl Market {
    /// The market at its first prices; `split` tells whether [`SPLIT_SYMBOL`]
    /// has split already.
    pub(crate) fn new(split: bool) -> Self {
        let walk = LISTED.iter().map(|(_, _, price, _)| *price as f64).collect();
        let mut market = Self { walk, usd_inr: 88.42 };
        if split {
            market.split();
        }
        market
    }

    /// All symbols of a venue.
    pub(crate) fn listed(venue: Venue) -> impl Iterator<Item = SymbolId> {
        (0..LISTED.len() as SymbolId).filter(move |s| Self::venue(*s) == venue)
    }

    /// A symbol's ticker.
    pub(crate) fn ticker(symbol: SymbolId) -> &'static str {
        LISTED[usize::from(symbol)].0
    }

    /// Where a symbol is traded.
    pub(crate) fn venue(symbol: SymbolId) -> Venue {
        LISTED[usize::from(symbol)].1
    }

    /// A symbol's sector; `None` for a fund.
    pub(crate) fn sector(symbol: SymbolId) -> Option<&'static str> {
        Some(LISTED[usize::from(symbol)].3).filter(|sector| !sector.is_empty())
    }

    /// The symbol of a ticker.
    pub(crate) fn symbol(ticker: &str) -> Option<SymbolId> {
        LISTED.iter().position(|(t, ..)| *t == ticker).map(|i| i as SymbolId)
    }

    /// The current price, two decimals; rupee prices move in steps of 0.05.
    pub(crate) fn price(&self, symbol: SymbolId) -> Decimal {
        self.price_times(symbol, 1.0)
    }

    /// The current price times `factor`, on the symbol's price grid.
    pub(crate) fn price_times(&self, symbol: SymbolId, factor: f64) -> Decimal {
        let tick = if Self::venue(symbol) == Venue::Xnse { 5.0 } else { 1.0 };
        let minor = (self.walk[usize::from(symbol)] * factor / tick).round().max(1.0) * tick;
        Decimal::new(minor as i64, 2)
    }

    /// Rupees for a dollar, four decimals.
    pub(crate) fn usd_inr(&self) -> Decimal {
        Decimal::new((self.usd_inr * 1e4).round() as i64, 4)
    }

    /// Moves every open market by one minute.
    pub(crate) fn step(&mut self, rng: &mut impl Rng, schedule: &Schedule, t: DateTime<Utc>) {
        for venue in Venue::ALL {
            if !in_session(venue, t) {
                continue;
            }
            let live = |class| {
                schedule.events.iter().any(|e| e.class == class && e.venue == venue && e.window().contains(t))
            };
            let sigma = if live(Class::RateDecision) { 0.0018 } else { 0.0005 };
            for symbol in Self::listed(venue) {
                let z: f64 = StandardNormal.sample(rng);
                self.walk[usize::from(symbol)] *= (sigma * z).exp();
            }
            for event in &schedule.events {
                if event.start == t
                    && let Some(symbol) = event.symbol.and_then(Self::symbol)
                {
                    // A surprise of about 6 % either way at the report.
                    let z: f64 = StandardNormal.sample(rng);
                    self.walk[usize::from(symbol)] *= (0.06 * z).clamp(-0.15, 0.15).exp();
                }
            }
        }
        let z: f64 = StandardNormal.sample(rng);
        self.usd_inr *= (0.00006 * z).exp();
    }

    /// Halves the price of the share that splits 2:1.
    pub(crate) fn split(&mut self) {
        if let Some(symbol) = Self::symbol(SPLIT_SYMBOL) {
            self.walk[usize::from(symbol)] /= 2.0;
        }
    }
}
