//! From entries to a history: every portfolio is walked through once, all of them side by side.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::history::{Day, History, period};
use super::options::{Ask, Benchmark, Portfolio};
use super::symbols::Symbols;
use super::unavailable::{Figure, Unavailable, add_to};
use crate::book::{self, Entry, Flag, Movement, Replay, View};

/// Reasons that are told of a day; of more their number.
const REASONS: usize = 3;

/// A portfolio on its way.
struct Walker<'a> {
    replay: Replay<'a>,
    symbols: Symbols,
    /// What its reasons begin with.
    prefix: String,
}

pub(super) fn history(portfolios: &[Portfolio<'_>], ask: &Ask) -> Figure<History> {
    let mut walkers: Vec<Walker<'_>> = portfolios
        .iter()
        .map(|portfolio| Walker {
            replay: Replay::new(portfolio.entries, ask.terms),
            symbols: Symbols::default(),
            prefix: if portfolios.len() > 1 { format!("{}: ", portfolio.name) } else { String::new() },
        })
        .collect();
    let booked = || walkers.iter().filter_map(|walker| walker.replay.ahead().find(|entry| is_booked(entry)));
    let first = booked().map(|entry| entry.ts.date_naive()).min();
    let first = first.ok_or_else(|| Unavailable::missing("nothing was booked"))?;
    if let Some(to) = ask.to.filter(|to| *to < first) {
        return Err(Unavailable::missing(format!(
            "nothing was booked by {to}: the first booking is of {first}"
        )));
    }
    let before = first.pred_opt().unwrap_or(first);
    let from = ask.from.unwrap_or(before).max(before);
    let dates = || walkers.iter().flat_map(|walker| walker.replay.ahead()).map(|entry| entry.ts.date_naive());
    let period = period(from, ask.to.or_else(|| dates().max()).unwrap_or(first))?;
    let mut days: BTreeSet<NaiveDate> =
        dates().filter(|date| *date > period.from && *date < period.to).collect();
    days.extend([period.from, period.to]);
    if ask.quiet_days {
        days.extend(period.from.iter_days().take_while(|date| *date < period.to));
    }

    let base_currency = ask.view.base_currency.clone().or_else(|| first_currency(&walkers));
    let view =
        View { base_currency: base_currency.clone(), stale_after: ask.view.stale_after, ..View::default() };
    let mut benchmark = match &ask.benchmark {
        Some(Benchmark::Values(values)) => values.clone(),
        Some(Benchmark::Symbol(_)) | None => BTreeMap::new(),
    };
    let days = days
        .into_iter()
        .map(|date| {
            let mut day = Day::empty(date);
            let mut flows = BTreeMap::new();
            for walker in &mut walkers {
                let end = walker.replay.day(date, &view);
                walker.step(end, date == period.from, date == period.to, &mut day, &mut flows);
            }
            if let Some(Benchmark::Symbol(symbol)) = &ask.benchmark {
                let base = base_currency.as_deref().unwrap_or_default();
                let close = walkers.iter().find_map(|walker| close_of(&walker.replay, symbol, base));
                // At the rate of its own day.
                close.into_iter().for_each(|(of, value)| _ = benchmark.entry(of).or_insert(value));
            }
            flows.into_values().for_each(|amount| day.flowed(amount));
            day
        })
        .collect();
    let mut symbols = Symbols::default();
    let mut flags = Vec::new();
    for walker in walkers {
        let prefix = &walker.prefix;
        flags.extend(walker.replay.book().flags.iter().map(|flag| Flag {
            event_id: flag.event_id.clone(),
            reason: format!("{prefix}{}", flag.reason),
        }));
        symbols.add(walker.symbols);
    }
    Ok(History { base_currency, period, days, symbols: Some(symbols), benchmark, flags })
}

/// Flows by the moment at which they came or went.
type Moments = BTreeMap<chrono::DateTime<chrono::Utc>, Figure<Decimal>>;

impl Walker<'_> {
    /// Adds this portfolio's day to that of all.
    fn step(&mut self, end: book::Day, first: bool, last: bool, day: &mut Day, flows: &mut Moments) {
        let why = || Unavailable::missing(format!("{}{}", self.prefix, joined(&end.unavailable)));
        add_to(&mut day.value, end.value.ok_or_else(why));
        day.traded |= end.traded;
        if !first {
            for flow in &end.flows {
                let amount = flow.amount.ok_or_else(why);
                add_to(flows.entry(flow.at).or_insert(Ok(Decimal::ZERO)), amount.clone());
                self.symbols.flowed(flow.at.date_naive(), amount);
            }
            self.symbols.moved(end.moves);
        }
        if let Some(worth) = end.worth {
            match (first, last) {
                (true, _) => self.symbols.begin(worth),
                (_, true) => self.symbols.end(worth),
                _ => {}
            }
        }
    }
}

/// The last price of a symbol in the base currency, as if no split had been, and its day.
fn close_of(replay: &Replay<'_>, symbol: &str, base: &str) -> Option<(NaiveDate, f64)> {
    let last = replay.market().prices.get(symbol)?;
    let price = replay.market().convert(last.price, &last.currency, base)?.to_f64()?;
    let splits =
        replay.book().holdings.get(symbol).map(|holding| holding.splits.as_slice()).unwrap_or_default();
    let before = splits.iter().filter(|(at, _)| *at <= last.at);
    let pieces: f64 = before.filter_map(|(_, ratio)| ratio.new.checked_div(ratio.old)?.to_f64()).product();
    Some((last.at.date_naive(), price * pieces))
}

/// Prices and rates are known of what is not held, too.
fn is_booked(entry: &Entry) -> bool {
    !matches!(entry.movement, Movement::Price { .. } | Movement::Rate { .. })
}

/// Currency of the first money that moved in any of them.
fn first_currency(walkers: &[Walker<'_>]) -> Option<String> {
    let moved = walkers.iter().filter_map(|walker| {
        walker.replay.ahead().find_map(|entry| match &entry.movement {
            Movement::Trade(trade) => Some((entry.ts, trade.currency.clone())),
            Movement::Money(money) => Some((entry.ts, money.currency.clone())),
            _ => None,
        })
    });
    moved.min_by_key(|(at, _)| *at).map(|(_, currency)| currency)
}

fn joined(reasons: &[String]) -> String {
    let told = reasons.iter().take(REASONS).cloned().collect::<Vec<_>>().join("; ");
    match reasons.len().saturating_sub(REASONS) {
        0 => told,
        more => format!("{told}; and {more} more reasons"),
    }
}
