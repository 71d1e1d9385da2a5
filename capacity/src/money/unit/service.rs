//! The costs of one service, by period and per count.

use rust_decimal::Decimal;

use super::cut::Cut;
use crate::money::amount::{Figure, Money};
use crate::money::exact::{DECIMALS, decimal, units};
use crate::money::period::{Span, instant};
use crate::money::report::{ServiceCosts, UnitCosts};
use crate::money::usage::{Measure, Usage, customers};

/// One service: its cost by period, and its counts.
pub(super) struct Unit<'a> {
    pub(super) code: &'a str,
    pub(super) periods: &'a [Span],
    pub(super) usage: &'a [&'a Usage],
    pub(super) direct: &'a Cut,
    pub(super) shares: Option<&'a Vec<i128>>,
}

/// A count by period, or why there is none.
type Counts = Vec<Result<i128, String>>;

impl Unit<'_> {
    /// The service's costs.
    pub(super) fn service(&self, service: &str, billed: Figure<Money>) -> ServiceCosts {
        let money = |units| Money::of_units(units, self.code);
        let shared: i128 = self.shares.map_or(0, |shares| shares.iter().sum());
        let measured = [Measure::Transactions, Measure::CoreHours, Measure::GibHours]
            .map(|measure| measure.per_period(self.usage, self.periods));
        let costs: Vec<i128> = (0..self.periods.len()).map(|at| self.cost(at)).collect();
        let each = |at: usize| {
            let here = measured.each_ref().map(|counts| counts[at].clone().map(|count| (costs[at], count)));
            self.unit_costs(self.periods[at], costs[at], here)
        };
        let whole = |counts: &Counts| {
            let known =
                counts.iter().zip(&costs).filter_map(|(count, cost)| Some((*cost, *count.as_ref().ok()?)));
            let sums = known
                .fold((0, 0, 0), |(n, costs, counts), (cost, count)| (n + 1, costs + cost, counts + count));
            match (sums, counts.first()) {
                ((0, ..), Some(Err(why))) => Err(why.clone()),
                ((0, ..), _) => Err("the bill covers no time".into()),
                ((_, cost, count), _) => Ok((cost, count)),
            }
        };
        let edges = self.periods.first().zip(self.periods.last());
        let all = edges.map_or(Span { start: 0, end: 0 }, |(first, last)| first.around(*last));
        ServiceCosts {
            service: service.to_owned(),
            cost: money(self.direct.total() + shared),
            direct: money(self.direct.total()),
            shared: money(shared),
            outside: money(self.direct.outside),
            billed,
            whole: self.unit_costs(all, costs.iter().sum(), measured.each_ref().map(whole)),
            periods_with_transactions: measured[0].iter().filter(|count| count.is_ok()).count(),
            periods: (0..self.periods.len()).map(each).collect(),
        }
    }

    fn cost(&self, at: usize) -> i128 {
        self.direct.periods[at] + self.shares.map_or(0, |shares| shares[at])
    }

    /// The cost of a time, and the costs per count from the cost and the count of the same time.
    fn unit_costs(&self, span: Span, cost: i128, counted: [Result<(i128, i128), String>; 3]) -> UnitCosts {
        let [transactions, core_hours, gib_hours] = counted;
        let customers = customers(self.usage, span);
        let whole = |count: i128| Decimal::try_from_i128_with_scale(count, 0).ok();
        let per = |counted: &Result<(i128, i128), String>, times: i128| {
            let (cost, count) = counted.clone()?;
            self.quotient(cost.checked_mul(times), whole(count), "there were no transactions")
        };
        let hours = |counted: Result<(i128, i128), String>, none: &str| {
            let (cost, count) = counted?;
            self.quotient(Some(cost), Some(decimal(count)), none)
        };
        UnitCosts {
            from: instant(span.start),
            to: instant(span.end),
            cost: Money::of_units(cost, self.code),
            transactions: transactions.as_ref().ok().and_then(|(_, count)| u64::try_from(*count).ok()),
            customers: customers.as_ref().ok().copied(),
            per_transaction: per(&transactions, 1).into(),
            per_thousand_transactions: per(&transactions, 1_000).into(),
            per_customer: customers
                .and_then(|count| self.quotient(Some(cost), whole(count.into()), "there were no customers"))
                .into(),
            per_core_hour_used: hours(core_hours, "no CPU was used").into(),
            per_gib_hour_used: hours(gib_hours, "no memory was used").into(),
        }
    }

    fn quotient(&self, cost: Option<i128>, count: Option<Decimal>, none: &str) -> Result<Money, String> {
        let large = || "the figures are too large".to_owned();
        let (cost, count) = cost.zip(count).ok_or_else(large)?;
        if count.is_zero() {
            return Err(none.to_owned());
        }
        // 1,000 times a cost that is held may need more digits than a decimal has; then there is no quotient.
        let cost = Decimal::try_from_i128_with_scale(cost, DECIMALS).map_err(|_| large())?;
        let quotient = cost.checked_div(count).and_then(units).ok_or_else(large)?;
        Ok(Money::of_units(quotient, self.code))
    }
}
