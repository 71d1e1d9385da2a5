//! From a line to an entry.

use std::cell::Cell;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::FileError;
use super::table::Row;
use super::when::moment;
use crate::book::{
    Entry, Figures, Money, Movement, Pick, Purpose, Ratio, Side, Trade, is_currency, parse_decimal,
};

/// The types of lines, as they are listed where one is not known.
const TYPES: &str = "buy, sell, sell_short, buy_to_cover, deposit, withdrawal, fee, tax, interest, dividend, \
    split, symbol_change, correction, cancel, price, fx";

/// Columns that any line may fill.
const COMMON: [&str; 4] = ["date", "type", "id", "note"];

/// A line that is being read. It remembers which columns were of use, so that a figure in a column that its
/// type does not have is told and not passed over.
pub(super) struct Line<'a> {
    row: &'a Row<'a>,
    currency: Option<&'a str>,
    asked: Cell<u16>,
}

type Read<T> = Result<T, FileError>;

impl<'a> Line<'a> {
    pub(super) fn new(row: &'a Row<'a>, currency: Option<&'a str>) -> Self {
        Self { row, currency, asked: Cell::new(0) }
    }

    pub(super) fn entry(&self) -> Read<Entry> {
        let ts = self.date()?;
        let kind = self.row.get("type").to_ascii_lowercase();
        let movement = match kind.as_str() {
            "buy" => self.trade(Side::Buy)?,
            "sell" => self.trade(Side::Sell)?,
            "sell_short" => self.trade(Side::SellShort)?,
            "buy_to_cover" => self.trade(Side::BuyToCover)?,
            "deposit" => self.money(Purpose::Deposit)?,
            "withdrawal" => self.money(Purpose::Withdrawal)?,
            "fee" => self.money(Purpose::Fee)?,
            "tax" => self.money(Purpose::Tax)?,
            "interest" => self.money(Purpose::Interest)?,
            "dividend" => self.money(Purpose::Dividend)?,
            "split" => self.split()?,
            "symbol_change" => {
                Movement::Rename { from: self.need("symbol")?.to_owned(), to: self.need("ref")?.to_owned() }
            }
            "correction" => self.correction()?,
            "cancel" => Movement::Cancel { of: self.need("ref")?.to_owned() },
            "price" => Movement::Price {
                symbol: self.need("symbol")?.to_owned(),
                price: self.not_below_zero("price")?,
                currency: self.currency()?,
            },
            "fx" => self.rate()?,
            "" => return Err(self.row.wrong("type", format!("is empty: write one of {TYPES}"))),
            other => return Err(self.row.wrong("type", format!("\"{other}\" is none of {TYPES}"))),
        };
        let mut fields = self.row.fields();
        let unused = fields.find(|(column, field)| !field.is_empty() && !self.was_asked(column));
        if let Some((column, _)) = unused {
            return Err(self.row.wrong(column, format!("a line of type {kind} has no {column}")));
        }
        Ok(Entry { event_id: self.id(), ts, movement })
    }

    /// The id given, or what the line says.
    fn id(&self) -> String {
        let given = self.row.get("id");
        if !given.is_empty() {
            return given.to_owned();
        }
        let fields =
            super::COLUMNS.iter().filter(|column| **column != "note").map(|column| self.row.get(column));
        fields.filter(|field| !field.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn date(&self) -> Read<DateTime<Utc>> {
        let text = self.row.get("date");
        moment(text).ok_or_else(|| {
            let forms = "2026-11-20, 2026-11-20 09:30:00 or 2026-11-20T09:30:00Z";
            self.row.wrong("date", format!("\"{text}\" is no date: write {forms}"))
        })
    }

    fn trade(&self, side: Side) -> Read<Movement> {
        let closes = matches!(side, Side::Sell | Side::BuyToCover);
        let quantity = self.above_zero("quantity")?;
        Ok(Movement::Trade(Trade {
            symbol: self.need("symbol")?.to_owned(),
            side,
            quantity,
            price: self.price_of(quantity)?,
            currency: self.currency()?,
            fee: self.decimal("fee")?.unwrap_or_default(),
            lots: if closes { self.picks()? } else { Vec::new() },
        }))
    }

    /// The price, or the one that makes the amount of so many pieces.
    fn price_of(&self, quantity: Decimal) -> Read<Decimal> {
        if self.row.get("amount").is_empty() {
            return self.not_below_zero("price");
        }
        if !self.row.get("price").is_empty() {
            return Err(self.row.wrong("amount", "is given beside a price: write one of the two"));
        }
        let amount = self.not_below_zero("amount")?;
        let price = amount.checked_div(quantity);
        price.ok_or_else(|| self.row.wrong("amount", format!("{amount} is no sum for {quantity} pieces")))
    }

    /// `lot1 lot2:5`: the lots that a sale closes, and how many pieces of each.
    fn picks(&self) -> Read<Vec<Pick>> {
        let names = self.get("ref").split_whitespace();
        names
            .map(|name| {
                let Some((lot, pieces)) = name.rsplit_once(':') else {
                    return Ok(Pick { lot: name.to_owned(), quantity: None });
                };
                let quantity = parse_decimal(pieces).filter(|pieces| *pieces > Decimal::ZERO);
                let quantity = quantity.ok_or_else(|| {
                    self.row.wrong("ref", format!("\"{name}\" is no lot with a number of pieces above zero"))
                })?;
                Ok(Pick { lot: lot.to_owned(), quantity: Some(quantity) })
            })
            .collect()
    }

    fn money(&self, purpose: Purpose) -> Read<Movement> {
        let outside = matches!(purpose, Purpose::Deposit | Purpose::Withdrawal);
        Ok(Movement::Money(Money {
            purpose,
            symbol: if outside { String::new() } else { self.get("symbol").to_owned() },
            amount: if outside {
                self.above_zero("amount")?
            } else {
                self.decimal("amount")?.ok_or_else(|| self.row.wrong("amount", "is empty"))?
            },
            currency: self.currency()?,
        }))
    }

    /// New pieces to old: `2:1`, or `2` for one. What is no such ratio is booked as what spoils its symbol.
    fn split(&self) -> Read<Movement> {
        let (symbol, text) = (self.need("symbol")?.to_owned(), self.need("quantity")?);
        let ratio = Ratio::parse(text).or_else(|| Ratio::of(parse_decimal(text)?, Decimal::ONE));
        Ok(match ratio {
            Some(ratio) => Movement::Split { symbol, ratio },
            None => Movement::Unreadable {
                symbol,
                money: None,
                reason: format!("split: the ratio \"{text}\" is not of two numbers above zero such as 2:1"),
            },
        })
    }

    fn correction(&self) -> Read<Movement> {
        let text = self.get("quantity");
        let ratio = Ratio::parse(text);
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let figures = Figures {
            symbol: given(self.get("symbol")),
            quantity: if ratio.is_some() { None } else { self.decimal("quantity")? },
            price: self.decimal("price")?,
            amount: self.decimal("amount")?,
            currency: given(self.get("currency")).map(|code| self.known(&code)).transpose()?,
            fee: self.decimal("fee")?,
            ratio,
        };
        if figures == Figures::default() {
            return Err(self.row.wrong_line("a correction says which figure is to be another"));
        }
        Ok(Movement::Correction { of: self.need("ref")?.to_owned(), figures: Box::new(figures) })
    }

    /// One of the symbol is so many of the currency: `EUR` at 1.1 `USD`, or `EUR/USD` at 1.1.
    fn rate(&self) -> Read<Movement> {
        let text = self.need("symbol")?;
        let (base, quote) = match text.split_once('/') {
            Some((base, quote)) => (base, quote.to_owned()),
            None => (text, self.currency()?),
        };
        if !is_currency(base) || !is_currency(&quote) {
            return Err(self.row.wrong("symbol", format!("\"{text}\" is not EUR or EUR/USD")));
        }
        Ok(Movement::Rate { base: base.to_owned(), quote, rate: self.above_zero("price")? })
    }

    fn currency(&self) -> Read<String> {
        let named = Some(self.get("currency")).filter(|code| !code.is_empty());
        match named.or(self.currency) {
            Some(code) => self.known(code),
            None => Err(self.row.wrong("currency", "is empty, and none is given for the whole file")),
        }
    }

    fn known(&self, code: &str) -> Read<String> {
        if is_currency(code) {
            return Ok(code.to_owned());
        }
        Err(self.row.wrong("currency", format!("\"{code}\" is no currency: write three capital letters")))
    }

    fn above_zero(&self, column: &'static str) -> Read<Decimal> {
        let figure = self.decimal(column)?.filter(|figure| *figure > Decimal::ZERO);
        figure
            .ok_or_else(|| self.row.wrong(column, format!("\"{}\" is not above zero", self.row.get(column))))
    }

    fn not_below_zero(&self, column: &'static str) -> Read<Decimal> {
        let figure = self.decimal(column)?.ok_or_else(|| self.row.wrong(column, "is empty"))?;
        if figure < Decimal::ZERO {
            return Err(self.row.wrong(column, format!("{figure} is below zero")));
        }
        Ok(figure)
    }

    fn decimal(&self, column: &'static str) -> Read<Option<Decimal>> {
        self.get(column);
        self.row.decimal(column)
    }

    fn need(&self, column: &'static str) -> Read<&str> {
        let text = self.get(column);
        if text.is_empty() { Err(self.row.wrong(column, "is empty")) } else { Ok(text) }
    }

    fn get(&self, column: &str) -> &str {
        let place = super::COLUMNS.iter().position(|name| *name == column);
        self.asked.set(self.asked.get() | place.map_or(0, |place| 1 << place));
        self.row.get(column)
    }

    fn was_asked(&self, column: &str) -> bool {
        let place = super::COLUMNS.iter().position(|name| *name == column);
        COMMON.contains(&column) || place.is_some_and(|place| self.asked.get() & (1 << place) != 0)
    }
}
