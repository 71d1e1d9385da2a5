//! What moved in a portfolio day by day: sums of it over portfolios, days or both are sums of what all of them hold.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use super::entry::{Entry, Figures, Movement, Purpose};
use super::exact::{add, scaled, times};
use super::replay::Replay;
use super::{Book, Flag, Terms, end_of};

/// What a move is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MoveKey {
    /// In UTC.
    pub day: NaiveDate,
    /// The instrument; '' for money that is for none.
    pub symbol: String,
    /// Of the money.
    pub currency: String,
}

impl MoveKey {
    /// The least key of a day.
    pub fn first_of(day: NaiveDate) -> Self {
        Self { day, symbol: String::new(), currency: String::new() }
    }
}

/// What moved on a day in one instrument, or in cash alone. All of it is a sum.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayMove {
    /// Pieces more at the end of the day, counted in pieces of its end: a split changes no sum.
    pub quantity: Decimal,
    /// Money more.
    pub cash: Decimal,
    /// From outside.
    pub inflow: Decimal,
    /// To outside.
    pub outflow: Decimal,
    /// Dividends and interest.
    pub income: Decimal,
    /// Of trades, and charged.
    pub fees: Decimal,
    /// Withheld or paid.
    pub taxes: Decimal,
    /// What was paid for pieces.
    pub bought: Decimal,
    /// What pieces were sold for.
    pub sold: Decimal,
    /// What closing lots brought over their cost.
    pub realised: Decimal,
    /// Purchases and sales.
    pub trades: u32,
    /// One when the position, or the cash of the currency, cannot be told from this day on; it is taken out of the
    /// sums then.
    pub unknown: u32,
}

impl DayMove {
    /// Both together. A sum that 28 digits cannot hold makes the position unknown.
    pub fn add(&mut self, other: &Self) {
        let mut holds = true;
        for (sum, more) in [
            (&mut self.quantity, other.quantity),
            (&mut self.cash, other.cash),
            (&mut self.inflow, other.inflow),
            (&mut self.outflow, other.outflow),
            (&mut self.income, other.income),
            (&mut self.fees, other.fees),
            (&mut self.taxes, other.taxes),
            (&mut self.bought, other.bought),
            (&mut self.sold, other.sold),
            (&mut self.realised, other.realised),
        ] {
            match add(*sum, more) {
                Some(total) => *sum = total,
                None => holds = false,
            }
        }
        self.trades = self.trades.saturating_add(other.trades);
        self.unknown = self.unknown.saturating_add(other.unknown + u32::from(!holds));
    }

    /// More of a figure. What 28 digits cannot hold makes the position unknown.
    fn plus(&mut self, figure: fn(&mut Self) -> &mut Decimal, amount: Option<Decimal>) {
        let sum = amount.and_then(|amount| add(*figure(self), amount));
        match sum {
            Some(sum) => *figure(self) = sum,
            None => self.unknown += 1,
        }
    }
}

/// What moved, by day, instrument and currency, and what could not be booked as it is. Everything that an entry is about has a move, also where nothing
/// moves, because it was cancelled, or corrected to something else: whoever keeps moves replaces those of before.
pub fn moves(entries: &[Entry], terms: Terms) -> (BTreeMap<MoveKey, DayMove>, Vec<Flag>) {
    moves_until(entries, terms, DateTime::<Utc>::MAX_UTC)
}

/// The same of entries up to and at a moment, with their corrections, whenever these were made: its day is told as it
/// stood then.
pub fn moves_until(
    entries: &[Entry],
    terms: Terms,
    until: DateTime<Utc>,
) -> (BTreeMap<MoveKey, DayMove>, Vec<Flag>) {
    let mut walk = Walk { moves: mentioned(entries), ..Walk::default() };
    let mut replay = Replay::new(entries, terms);
    while let Some(day) = replay.next_at().filter(|at| *at <= until).map(|at| at.date_naive()) {
        while let Some(entry) = replay.step(end_of(day).min(until)) {
            walk.entry(day, &entry.movement, replay.book());
        }
        walk.close(day);
    }
    (walk.moves, replay.book().flags.clone())
}

/// A symbol as it was when it was looked at last.
#[derive(Debug, Clone, Default)]
struct Seen {
    quantity: Decimal,
    /// What was there when the day began, in pieces of now.
    opened: Decimal,
    realised: Decimal,
    currency: String,
    is_spoiled: bool,
}

#[derive(Default)]
struct Walk {
    moves: BTreeMap<MoveKey, DayMove>,
    symbols: BTreeMap<String, Seen>,
    /// By currency; none where it cannot be told.
    cash: BTreeMap<String, Option<Decimal>>,
    /// Symbols that may have moved today.
    today: Vec<String>,
}

impl Walk {
    fn at(&mut self, day: NaiveDate, symbol: &str, currency: &str) -> &mut DayMove {
        let key = MoveKey { day, symbol: symbol.to_owned(), currency: currency.to_owned() };
        self.moves.entry(key).or_default()
    }

    fn entry(&mut self, day: NaiveDate, movement: &Movement, book: &Book) {
        match movement {
            Movement::Trade(trade) => {
                let own = self.at(day, &trade.symbol, &trade.currency);
                let traded: fn(&mut DayMove) -> &mut Decimal =
                    if trade.side.buys() { |own| &mut own.bought } else { |own| &mut own.sold };
                own.plus(traded, times(trade.quantity, trade.price));
                own.plus(|own| &mut own.fees, Some(trade.fee));
                own.trades += 1;
                self.symbol(day, &trade.symbol, book);
                self.money(day, &trade.symbol, &trade.currency, book);
            }
            Movement::Money(money) => {
                let figure: fn(&mut DayMove) -> &mut Decimal = match money.purpose {
                    Purpose::Deposit => |own| &mut own.inflow,
                    Purpose::Withdrawal => |own| &mut own.outflow,
                    Purpose::Fee => |own| &mut own.fees,
                    Purpose::Tax => |own| &mut own.taxes,
                    Purpose::Interest | Purpose::Dividend => |own| &mut own.income,
                };
                self.at(day, &money.symbol, &money.currency).plus(figure, Some(money.amount));
                self.money(day, &money.symbol, &money.currency, book);
            }
            Movement::Split { symbol, ratio } => {
                if let Some(seen) = self.symbols.get_mut(symbol) {
                    // What was there before is as many pieces more; what is left over is from rounding.
                    seen.opened = scaled(seen.opened, ratio.new, ratio.old).unwrap_or_default();
                    self.symbol(day, symbol, book);
                }
            }
            Movement::Rename { from, to } => {
                let Some(old) = self.symbols.remove(from) else { return };
                let new = self
                    .symbols
                    .entry(to.clone())
                    .or_insert_with(|| Seen { currency: old.currency.clone(), ..Seen::default() });
                let (opened, quantity) = (add(new.opened, old.quantity), add(new.quantity, old.quantity));
                let holds = opened.is_some() && quantity.is_some();
                (new.opened, new.quantity) = (opened.unwrap_or_default(), quantity.unwrap_or_default());
                new.is_spoiled |= !holds;
                let moved = add(old.quantity, -old.opened);
                if !holds || moved.is_none_or(|moved| !moved.is_zero()) {
                    let own = self.at(day, from, &old.currency);
                    own.plus(|own| &mut own.quantity, moved);
                    own.unknown += u32::from(!holds);
                }
                self.symbol(day, to, book);
            }
            Movement::Unreadable { symbol, money, .. } => {
                if !symbol.is_empty() {
                    self.symbol(day, symbol, book);
                }
                match money.as_deref() {
                    Some("") => {
                        for currency in self.cash.keys().cloned().collect::<Vec<_>>() {
                            self.money(day, "", &currency, book);
                        }
                    }
                    Some(currency) => self.money(day, "", currency, book),
                    None => {}
                }
            }
            Movement::Price { .. }
            | Movement::Rate { .. }
            | Movement::Correction { .. }
            | Movement::Cancel { .. } => {}
        }
    }

    /// What was realised, and whether the position can still be told.
    fn symbol(&mut self, day: NaiveDate, symbol: &str, book: &Book) {
        let Some(holding) = book.holdings.get(symbol) else { return };
        let seen = self.symbols.entry(symbol.to_owned()).or_default();
        if !holding.currency.is_empty() {
            seen.currency.clone_from(&holding.currency);
        }
        let realised = add(holding.realised, -seen.realised);
        seen.realised = holding.realised;
        let is_lost = holding.spoiled.is_some() && !seen.is_spoiled;
        seen.is_spoiled |= is_lost;
        seen.quantity = if seen.is_spoiled { Decimal::ZERO } else { holding.quantity() };
        let currency = seen.currency.clone();
        if is_lost || realised.is_none_or(|realised| !realised.is_zero()) {
            let own = self.at(day, symbol, &currency);
            own.unknown += u32::from(is_lost);
            own.plus(|own| &mut own.realised, realised);
        }
        self.today.push(symbol.to_owned());
    }

    /// What moved in the purse of a currency.
    fn money(&mut self, day: NaiveDate, symbol: &str, currency: &str, book: &Book) {
        let purse = book.purses.get(currency).map_or(Decimal::ZERO, |purse| purse.cash);
        let now = book.spoiled_cash(currency).is_none().then_some(purse);
        let before = self.cash.insert(currency.to_owned(), now).unwrap_or(Some(Decimal::ZERO));
        let moved = match (before, now) {
            (Some(before), Some(now)) => add(now, -before),
            (Some(before), None) => {
                self.at(day, "", currency).unknown += 1;
                Some(-before)
            }
            (None, _) => Some(Decimal::ZERO),
        };
        self.at(day, symbol, currency).plus(|own| &mut own.cash, moved);
    }

    /// The day is over: what is more of each symbol.
    fn close(&mut self, day: NaiveDate) {
        for symbol in std::mem::take(&mut self.today) {
            let Some(seen) = self.symbols.get_mut(&symbol) else { continue };
            let moved = add(seen.quantity, -seen.opened);
            seen.opened = seen.quantity;
            if moved.is_none_or(|moved| !moved.is_zero()) {
                let currency = seen.currency.clone();
                self.at(day, &symbol, &currency).plus(|own| &mut own.quantity, moved);
            }
        }
    }
}

/// Everything that entries are about, with nothing moved.
fn mentioned(entries: &[Entry]) -> BTreeMap<MoveKey, DayMove> {
    let mut about: BTreeMap<&str, (NaiveDate, Vec<&str>, Vec<&str>)> = BTreeMap::new();
    let mut keys = BTreeMap::new();
    let key = |day, symbol: &str, currency: &str| MoveKey {
        day,
        symbol: symbol.to_owned(),
        currency: currency.to_owned(),
    };
    for entry in entries {
        let Some(currency) = entry.movement.money() else { continue };
        let (symbol, day) = (entry.movement.symbol(), entry.ts.date_naive());
        let (_, symbols, currencies) = about.entry(&entry.event_id).or_insert((day, vec![], vec![]));
        symbols.push(symbol);
        currencies.push(currency);
        keys.insert(key(day, symbol, currency), DayMove::default());
    }
    for entry in entries {
        let Movement::Correction { of, figures } = &entry.movement else { continue };
        let Figures { symbol, currency, .. } = &**figures;
        let Some((_, symbols, currencies)) = about.get_mut(of.as_str()) else { continue };
        symbols.extend(symbol.as_deref());
        currencies.extend(currency.as_deref());
    }
    for (day, symbols, currencies) in about.into_values() {
        for symbol in &symbols {
            for currency in &currencies {
                keys.insert(key(day, symbol, currency), DayMove::default());
            }
        }
    }
    keys
}
