//! A valuation for people: tables, then why figures are missing and what is flagged.

use std::fmt;

use chrono::SecondsFormat;
use rust_decimal::Decimal;

use super::Valuation;

/// What stands for a figure that cannot be had.
pub(crate) const NONE: &str = "-";

impl fmt::Display for Valuation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = self.base_currency.as_deref().unwrap_or(NONE);
        let method = match self.method {
            super::Method::Fifo => "first in, first out",
            super::Method::Lifo => "last in, first out",
            super::Method::Average => "average cost",
            super::Method::Specific => "the lots that sales name",
        };
        writeln!(f, "as of     {}", self.as_of.to_rfc3339_opts(SecondsFormat::Secs, true))?;
        writeln!(f, "cost by   {method}")?;
        writeln!(f, "value     {} {base}", figure(self.totals.value))?;
        self.positions(f)?;
        self.accounts(f)?;
        writeln!(f, "\ntotals in {base}")?;
        let totals = &self.totals;
        let totals = [
            ("market value", totals.market_value),
            ("cash", totals.cash),
            ("cost basis", totals.cost_basis),
            ("unrealised", totals.unrealised),
            ("realised", totals.realised),
            ("dividends", totals.dividends),
            ("interest", totals.interest),
            ("fees", totals.fees),
            ("taxes", totals.taxes),
        ];
        table(f, &totals.map(|(name, amount)| vec![name.to_owned(), figure(amount)]))?;
        for allocation in self.allocations.iter().flatten() {
            writeln!(f, "\nby {}", plain(&allocation.by))?;
            let rows = allocation.parts.iter().map(|part| {
                let share = part.share.and_then(|share| share.checked_mul(Decimal::ONE_HUNDRED));
                let share =
                    share.map_or_else(|| NONE.to_owned(), |share| format!("{:.2} %", share.round_dp(2)));
                vec![plain(&part.name), figure(Some(part.value)), share]
            });
            table(f, &rows.collect::<Vec<_>>())?;
        }
        if !self.unavailable.is_empty() {
            writeln!(f, "\nnot available, because")?;
            self.unavailable.iter().try_for_each(|reason| writeln!(f, "  {}", plain(reason)))?;
        }
        if !self.flags.is_empty() {
            writeln!(f, "\nflagged")?;
            self.flags
                .iter()
                .try_for_each(|flag| writeln!(f, "  {}: {}", plain(&flag.event_id), plain(&flag.reason)))?;
        }
        Ok(())
    }
}

impl Valuation {
    fn positions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            "position",
            "quantity",
            "average",
            "cost",
            "price",
            "value",
            "unrealised",
            "realised",
            "income",
            "fees",
            "",
        ];
        let mut rows = vec![names.map(str::to_owned).to_vec()];
        rows.extend(self.positions.iter().map(|position| {
            let figures = [
                position.quantity,
                position.average_cost,
                position.cost_basis,
                position.price,
                position.market_value,
                position.unrealised,
                position.realised,
                position.income,
                position.fees,
            ];
            let figures = figures.into_iter().map(figure);
            let ends = (plain(&position.symbol), position.currency.clone());
            std::iter::once(ends.0).chain(figures).chain([ends.1]).collect()
        }));
        writeln!(f)?;
        table(f, &rows)
    }

    fn accounts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            "account",
            "cash",
            "deposits",
            "withdrawals",
            "dividends",
            "interest",
            "fees",
            "taxes",
            "realised",
        ];
        let mut rows = vec![names.map(str::to_owned).to_vec()];
        rows.extend(self.accounts.iter().map(|account| {
            let figures = [
                account.cash,
                account.deposits,
                account.withdrawals,
                account.dividends,
                account.interest,
                account.fees,
                account.taxes,
                account.realised,
            ];
            std::iter::once(account.currency.clone()).chain(figures.into_iter().map(figure)).collect()
        }));
        writeln!(f)?;
        table(f, &rows)
    }
}

/// To six decimals, which JSON has all of.
pub(crate) fn figure(figure: Option<Decimal>) -> String {
    figure.map_or_else(|| NONE.to_owned(), |figure| figure.round_dp(6).normalize().to_string())
}

/// Text on a terminal: without control characters, which could rewrite what stands there.
pub(crate) fn plain(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

/// The first column from the left, figures from the right.
pub(crate) fn table(f: &mut fmt::Formatter<'_>, rows: &[Vec<String>]) -> fmt::Result {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = format!("  {:<1$}", row[0], widths[0]);
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            line.push_str(&format!("  {cell:>width$}"));
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}
