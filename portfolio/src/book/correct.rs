//! The right figures in the place of wrong ones.

use rust_decimal::Decimal;

use super::entry::{Figures, Money, Movement, Ratio, Trade, is_currency};

impl Movement {
    /// The movement with these figures in the place of its own; an error where it has no such figure or
    /// cannot have this one.
    pub(super) fn corrected(&self, figures: &Figures) -> Result<Self, String> {
        let mut left = figures.clone();
        let mut movement = self.clone();
        match &mut movement {
            Self::Trade(trade) => {
                put(&mut trade.symbol, &mut left.symbol);
                put(&mut trade.quantity, &mut left.quantity);
                put(&mut trade.price, &mut left.price);
                put(&mut trade.currency, &mut left.currency);
                put(&mut trade.fee, &mut left.fee);
            }
            Self::Money(money) => {
                put(&mut money.symbol, &mut left.symbol);
                put(&mut money.amount, &mut left.amount);
                put(&mut money.currency, &mut left.currency);
            }
            Self::Split { symbol, ratio } => {
                put(symbol, &mut left.symbol);
                put(ratio, &mut left.ratio);
                if let Some(new) = left.quantity.take() {
                    *ratio = Ratio { new, old: Decimal::ONE };
                }
            }
            Self::Rename { from, .. } => put(from, &mut left.symbol),
            Self::Price { symbol, price, currency } => {
                put(symbol, &mut left.symbol);
                put(price, &mut left.price);
                put(currency, &mut left.currency);
            }
            Self::Rate { rate, .. } => put(rate, &mut left.price),
            Self::Correction { .. } | Self::Cancel { .. } | Self::Unreadable { .. } => {}
        }
        match left.first() {
            Some(name) => Err(format!("what it corrects has no {name} that could be corrected")),
            None => movement.checked(),
        }
    }

    /// Figures that could be booked.
    fn checked(self) -> Result<Self, String> {
        let wrong = match &self {
            Self::Trade(Trade { quantity, .. }) if *quantity <= Decimal::ZERO => {
                "the quantity is not above zero"
            }
            Self::Trade(Trade { price, .. }) | Self::Price { price, .. } if *price < Decimal::ZERO => {
                "the price is below zero"
            }
            Self::Rate { rate, .. } if *rate <= Decimal::ZERO => "the exchange rate is not above zero",
            Self::Split { ratio, .. } if Ratio::of(ratio.new, ratio.old).is_none() => {
                "the ratio is not of two numbers above zero"
            }
            Self::Trade(Trade { currency, .. })
            | Self::Money(Money { currency, .. })
            | Self::Price { currency, .. }
                if !is_currency(currency) =>
            {
                "the currency is not known"
            }
            _ => return Ok(self),
        };
        Err(wrong.to_owned())
    }

    /// The instrument that it is about, '' if none.
    pub(super) fn symbol(&self) -> &str {
        match self {
            Self::Trade(Trade { symbol, .. })
            | Self::Money(Money { symbol, .. })
            | Self::Split { symbol, .. }
            | Self::Rename { from: symbol, .. }
            | Self::Price { symbol, .. }
            | Self::Unreadable { symbol, .. } => symbol,
            Self::Rate { .. } | Self::Correction { .. } | Self::Cancel { .. } => "",
        }
    }

    /// The currency of the money that it moves.
    pub(super) fn money(&self) -> Option<&str> {
        match self {
            Self::Trade(Trade { currency, .. }) | Self::Money(Money { currency, .. }) => Some(currency),
            Self::Unreadable { money, .. } => money.as_deref(),
            _ => None,
        }
    }
}

impl Figures {
    /// Takes the figures of a later correction in the place of earlier ones.
    pub(super) fn replace(&mut self, later: &Self) {
        let mut later = later.clone();
        // Both say how a split is made.
        if later.quantity.is_some() || later.ratio.is_some() {
            (self.quantity, self.ratio) = (None, None);
        }
        replace(&mut self.symbol, &mut later.symbol);
        replace(&mut self.quantity, &mut later.quantity);
        replace(&mut self.price, &mut later.price);
        replace(&mut self.amount, &mut later.amount);
        replace(&mut self.currency, &mut later.currency);
        replace(&mut self.fee, &mut later.fee);
        replace(&mut self.ratio, &mut later.ratio);
    }

    /// The name of a figure that is given.
    fn first(&self) -> Option<&'static str> {
        let given = [
            (self.symbol.is_some(), "symbol"),
            (self.quantity.is_some(), "quantity"),
            (self.price.is_some(), "price"),
            (self.amount.is_some(), "amount"),
            (self.currency.is_some(), "currency"),
            (self.fee.is_some(), "fee"),
            (self.ratio.is_some(), "ratio"),
        ];
        given.into_iter().find_map(|(given, name)| given.then_some(name))
    }
}

fn put<T>(figure: &mut T, given: &mut Option<T>) {
    if let Some(given) = given.take() {
        *figure = given;
    }
}

fn replace<T>(figure: &mut Option<T>, later: &mut Option<T>) {
    if later.is_some() {
        *figure = later.take();
    }
}
