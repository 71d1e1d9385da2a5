//! What capacity costs: bills, prices, cost per transaction and advice.
//!
//! - [`focus`] reads a provider's bill, [`prices`] a price table; [`costs`] and [`from_prices`] make the same
//!   [`CostReport`] of them, by service and period, with the cost per transaction and customer.
//! - [`rightsize`] finds capacity that is not needed and says what giving it up risks.
//! - [`commitment`] weighs reserved instances and savings plans.
//! - [`incident`] sets the cost of a plan against that of the incident it avoids.
//!
//! Money is decimal throughout and held to 15 decimals: sums are exact whatever their order, products and quotients
//! are rounded half to even, and amounts are rounded to less for display only. Amounts of different currencies are
//! never added. All is arithmetic on what is passed in; nothing here reads a store or a clock.

mod amount;
mod attribution;
pub mod commitment;
mod error;
mod exact;
pub mod focus;
pub mod incident;
mod ledger;
mod period;
pub mod prices;
mod report;
pub mod rightsize;
#[cfg(test)]
mod tests;
mod unit;
mod usage;

use std::io::Read;

use self::ledger::{Ledger, Refused, SUMS};
use self::unit::Assembly;

pub use amount::{Figure, Money, quantise};
pub use attribution::{AttributionRules, Mapping, Unattributed};
pub use error::{MoneyError, Result};
pub use exact::DECIMALS;
pub use focus::Charges;
pub use period::Period;
pub use prices::PriceTable;
pub use report::{
    Cash, CategoryCosts, CostReport, CostSource, CurrencyCosts, ServiceCosts, UnattributedCosts,
    UnattributedLine, UnitCosts, WithoutCost,
};
pub use usage::Usage;

/// The costs that a bill holds, by service and period.
///
/// Unit costs are of effective cost, in which prepaid purchases are spread over the time that uses them; what is
/// billed is told beside it as cash. The purchase of a commitment therefore has no effective cost of its own: where
/// a bill gives it one while usage carries it too, it is left out with a note.
///
/// Rows whose amounts would add up to more than is held exactly (79 · 10^12) are left out, and a note says how many.
pub fn costs(charges: &Charges, usage: &[Usage], rules: &AttributionRules) -> CostReport {
    let mut ledger = Ledger::default();
    let mut notes = charges.notes().to_vec();
    let refused = charges.rows().iter().filter(|charge| ledger.charge(charge, rules).is_err()).count();
    if refused > 0 {
        notes.push(format!("{refused} rows are left out: their amounts are too large to be added exactly."));
    }
    assembly(ledger, usage, rules, notes).report()
}

/// The costs that a FOCUS file holds, summed up while it is read, in memory that does not grow with its rows.
///
/// # Errors
/// What [`focus::Reader`] refuses; amounts that add up to more than is held exactly; more than a million different
/// services, charge periods and commitments.
pub fn read_costs(
    from: impl Read,
    file: &str,
    usage: &[Usage],
    rules: &AttributionRules,
) -> Result<CostReport> {
    let reader = focus::Reader::new(from, file)?;
    let mut ledger = Ledger::default();
    let notes = reader.notes().to_vec();
    for charge in reader {
        let charge = charge?;
        ledger.charge(&charge, rules).map_err(|refused| match refused {
            Refused::TooLarge => MoneyError::TooLarge {
                what: format!("{file}, line {}", charge.line),
                hint: "check the file for amounts with a misplaced point",
            },
            Refused::TooMany => MoneyError::TooMany {
                file: file.to_owned(),
                limit: SUMS,
                what: "different services, charge periods and commitments",
            },
        })?;
    }
    Ok(assembly(ledger, usage, rules, notes).report())
}

fn assembly<'a>(
    ledger: Ledger,
    usage: &'a [Usage],
    rules: &AttributionRules,
    notes: Vec<String>,
) -> Assembly<'a> {
    let (period, unattributed) = (rules.period, rules.unattributed);
    Assembly { source: CostSource::Bill, ledger, usage, period, unattributed, notes }
}

/// What usage costs by a price table, by service and period: the same body as that of a bill.
pub fn from_prices(prices: &PriceTable, usage: &[Usage]) -> CostReport {
    prices.report(usage)
}
