//! The report for a terminal, in plain words.

use rust_decimal::Decimal;

use super::{CostReport, CostSource, CurrencyCosts, ServiceCosts};
use crate::money::amount::{Figure, Money, grouped};
use crate::money::period::words;

/// Services and lines that are shown; the body has all.
const SHOWN: usize = 20;

impl CostReport {
    /// The report in plain words, for a terminal.
    pub fn text(&self) -> String {
        let source = match self.source {
            CostSource::Bill => "the bill",
            CostSource::Prices => "the price table and what was used",
        };
        let mut text = match self.from.zip(self.to) {
            Some((from, to)) => format!("Costs from {} to {}, by {source}.\n", words(from), words(to)),
            None => format!("No costs: there is nothing in {source}.\n"),
        };
        for costs in &self.currencies {
            text.push_str(&costs.text());
        }
        for missing in &self.without_cost {
            text.push_str(&format!("\n{}: no cost, {}.\n", missing.service, missing.why));
        }
        if !self.notes.is_empty() {
            text.push_str("\nNotes\n");
        }
        for note in &self.notes {
            text.push_str(&format!("  {note}\n"));
        }
        text
    }
}

impl CurrencyCosts {
    fn text(&self) -> String {
        let mut text = format!("\nIn {}: a cost of {}", self.currency, self.cost);
        if let Figure::Known(billed) = &self.billed {
            text.push_str(&format!("; invoiced are {billed}"));
        }
        text.push_str(".\n");
        for service in self.services.iter().take(SHOWN) {
            text.push_str(&service.text(&self.cost));
        }
        if let Some(more @ 1..) = self.services.len().checked_sub(SHOWN) {
            text.push_str(&format!("  and {more} further services\n"));
        }
        let rest = &self.unattributed;
        if !rest.cost.amount.is_zero() || !rest.lines.is_empty() {
            text.push_str(&format!(
                "  {:<24}{:>20}{}\n",
                "no service",
                rest.cost,
                share(&rest.cost, &self.cost)
            ));
            if !rest.spread.amount.is_zero() {
                text.push_str(&format!("    {} of it are spread over the services\n", rest.spread));
            }
            for line in rest.lines.iter().take(SHOWN) {
                let kind = line.category.map_or("all kinds", super::ChargeCategory::name);
                text.push_str(&format!("    {}, {kind}: {}\n", line.provider_service, line.cost));
            }
        }
        let also = [
            (&self.unused_commitments, "commitments that were paid for and not used"),
            (&self.corrections, "corrections of earlier bills"),
            (&self.outside, "charged for time before or after the time that is billed"),
        ];
        for (amount, what) in also.into_iter().filter(|(amount, _)| !amount.amount.is_zero()) {
            text.push_str(&format!("  Of all: {amount} {what}.\n"));
        }
        text
    }
}

impl ServiceCosts {
    fn text(&self, all: &Money) -> String {
        let whole = &self.whole;
        let mut text = format!("  {:<24}{:>20}{}\n", self.service, self.cost, share(&self.cost, all));
        if !self.shared.amount.is_zero() {
            text.push_str(&format!("    {} its own, {} its share\n", self.direct, self.shared));
        }
        match (&whole.per_thousand_transactions, whole.transactions) {
            (Figure::Known(cost), Some(count)) => {
                text.push_str(&format!(
                    "    {cost} for 1,000 transactions, of {}",
                    grouped(&count.to_string())
                ));
                let (known, of) = (self.periods_with_transactions, self.periods.len());
                text.push_str(&if known < of {
                    format!(", in the {known} of {of} periods for which they are known\n")
                } else {
                    "\n".to_owned()
                });
            }
            (figure, _) => {
                let why = figure.why().unwrap_or("there are too many to count");
                text.push_str(&format!("    no cost per transaction: {why}\n"));
            }
        }
        match &whole.per_customer {
            Figure::Known(cost) => text.push_str(&format!("    {cost} for each customer\n")),
            Figure::Unavailable { why } => text.push_str(&format!("    no cost per customer: {why}\n")),
        }
        let hours = [(&whole.per_core_hour_used, "core-hour"), (&whole.per_gib_hour_used, "GiB-hour")];
        for (cost, what) in hours.into_iter().filter_map(|(figure, what)| Some((figure.known()?, what))) {
            text.push_str(&format!("    {cost} for each {what} used\n"));
        }
        text
    }
}

/// A share in percent, where it has a meaning.
fn share(part: &Money, whole: &Money) -> String {
    let percent =
        part.amount.checked_mul(Decimal::ONE_HUNDRED).and_then(|part| part.checked_div(whole.amount));
    match percent {
        Some(percent) if whole.amount > Decimal::ZERO => format!("  {} %", percent.round_dp(1)),
        _ => String::new(),
    }
}
