//! From sums and counts to costs by service and period, and per transaction, customer and hour used.
//!
//! A charge that lies in several periods is split by time, rounded once at each cut, so that the periods of a service
//! and what lies outside of them add up to its cost to the last decimal.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::amount::{Figure, Money};
use super::attribution::Unattributed;
use super::exact::{before, decimal, share, units};
use super::focus::ChargeCategory;
use super::ledger::{Book, Ledger};
use super::period::{Period, Span, instant};
use super::report::{
    Cash, CategoryCosts, CostReport, CostSource, CurrencyCosts, ServiceCosts, UnattributedCosts,
    UnattributedLine, UnitCosts, WithoutCost,
};
use super::usage::{Measure, Usage, customers};

/// Periods times services that are told apart, and cuts of charges that are made for it.
const BODIES: u64 = 500_000;
const CUTS: u64 = 20_000_000;

/// Lines of what belongs to no service.
const LINES: usize = 50;

/// What a report is made from.
pub(super) struct Assembly<'a> {
    pub(super) source: CostSource,
    pub(super) ledger: Ledger,
    pub(super) usage: &'a [Usage],
    pub(super) period: Period,
    pub(super) unattributed: Unattributed,
    pub(super) notes: Vec<String>,
}

impl Assembly<'_> {
    /// The report.
    pub(super) fn report(mut self) -> CostReport {
        self.notes.extend(self.ledger.settle());
        let window = self.ledger.window();
        let mut usage: BTreeMap<&str, Vec<&Usage>> = BTreeMap::new();
        for row in self.usage {
            usage.entry(&row.service).or_default().push(row);
        }
        let (period, periods) = window.map_or((Some(self.period), Vec::new()), |window| self.periods(window));
        if period != Some(self.period) {
            let told = period.map_or("as one period".into(), |longer| format!("by {}", longer.name()));
            self.notes.push(format!(
                "Costs are told {told}: by {} there would be too many periods for all services and charges.",
                self.period.name()
            ));
        }
        if self.ledger.books.len() > 1 {
            let codes: Vec<&str> = self.ledger.books.keys().map(|code| &**code).collect();
            self.notes.push(format!(
                "The bill is in {}: amounts of different currencies are not added.",
                codes.join(", ")
            ));
        }
        let ledger = std::mem::take(&mut self.ledger);
        let costed: BTreeSet<Arc<str>> = ledger
            .books
            .values()
            .flat_map(|book| book.effective.keys().filter_map(|(service, _)| service.clone()))
            .collect();
        let currencies: Vec<CurrencyCosts> =
            ledger.books.iter().map(|(code, book)| self.currency(code, book, &periods, &usage)).collect();
        for spread in currencies
            .iter()
            .map(|costs| &costs.unattributed.spread)
            .filter(|spread| !spread.amount.is_zero())
        {
            self.notes.push(format!(
                "{spread} that belong to no service are spread over the services, in proportion to their own cost in \
                 each period."
            ));
        }
        let why = match self.source {
            CostSource::Bill => {
                "no charge in the bill is attributed to it; tag its resources or add a mapping"
            }
            CostSource::Prices => "the price table has no price for what is known of its usage",
        };
        let without_cost = usage
            .keys()
            .filter(|service| !costed.contains(**service))
            .map(|service| WithoutCost { service: (*service).to_owned(), why: why.to_owned() })
            .collect();
        CostReport {
            source: self.source,
            period,
            from: window.map(|window| instant(window.start)),
            to: window.map(|window| instant(window.end)),
            currencies,
            without_cost,
            notes: self.notes,
        }
    }

    /// The periods of the time that is billed: of the length asked for, or of the next one that is not too many.
    fn periods(&self, window: Span) -> (Option<Period>, Vec<Span>) {
        let spans = || self.ledger.books.values().flat_map(|book| book.effective.keys());
        let services = spans().map(|(service, _)| service).collect::<BTreeSet<_>>().len() as u64;
        let few = |period: Period| {
            let cuts: u64 = spans()
                .filter_map(|(_, span)| span.within(window))
                .map(|span| period.count(span))
                .fold(0, u64::saturating_add);
            period.count(window).saturating_mul(services) <= BODIES && cuts <= CUTS
        };
        let mut period = self.period;
        loop {
            if few(period) {
                return (Some(period), window.periods(period));
            }
            if period == Period::Month {
                return (None, vec![window]);
            }
            period = period.longer();
        }
    }

    fn currency(
        &self,
        code: &str,
        book: &Book,
        periods: &[Span],
        usage: &BTreeMap<&str, Vec<&Usage>>,
    ) -> CurrencyCosts {
        let money = |units: i128| Money::of_units(units, code);
        let billed = |units: i128| match self.source {
            CostSource::Bill => Figure::Known(money(units)),
            CostSource::Prices => Figure::unavailable("a price table does not say when what is paid"),
        };
        let mut cut: BTreeMap<Option<&str>, Cut> = BTreeMap::new();
        for ((service, span), units) in &book.effective {
            cut.entry(service.as_deref()).or_insert_with(|| Cut::of(periods)).add(*span, *units, periods);
        }
        for service in book.billed.keys() {
            cut.entry(service.as_deref()).or_insert_with(|| Cut::of(periods));
        }
        let mut rest = cut.remove(&None).unwrap_or_else(|| Cut::of(periods));
        let found = rest.total();
        let shares = match self.unattributed {
            Unattributed::Shown => BTreeMap::new(),
            Unattributed::Spread => spread(&mut rest, &cut),
        };
        let none = Vec::new();
        let mut services: Vec<ServiceCosts> = cut
            .iter()
            .filter_map(|(service, cut)| service.map(|service| (service, cut)))
            .map(|(service, cut)| {
                let unit = Unit {
                    code,
                    periods,
                    usage: usage.get(service).unwrap_or(&none),
                    direct: cut,
                    shares: shares.get(service),
                };
                let paid = book.billed.get(&Some(Arc::from(service))).copied().unwrap_or_default();
                unit.service(service, billed(paid))
            })
            .collect();
        services.sort_by(|a, b| b.cost.amount.cmp(&a.cost.amount).then_with(|| a.service.cmp(&b.service)));
        CurrencyCosts {
            currency: code.to_owned(),
            cost: money(book.effective.values().sum()),
            billed: billed(book.billed.values().sum()),
            cash: cash(book, code),
            categories: book
                .categories
                .iter()
                .map(|(category, (cost, paid))| CategoryCosts {
                    category: *category,
                    cost: money(*cost),
                    billed: billed(*paid),
                })
                .collect(),
            corrections: money(book.corrections),
            unused_commitments: money(book.unused),
            outside: money(cut.values().map(|cut| cut.outside).sum::<i128>() + rest.outside),
            services,
            unattributed: UnattributedCosts {
                cost: money(rest.total()),
                spread: money(found - rest.total()),
                billed: billed(book.billed.get(&None).copied().unwrap_or_default()),
                lines: lines(&book.unattributed, code),
            },
        }
    }
}

/// A cost cut into periods, in units of 10^-15.
#[derive(Debug, Clone)]
struct Cut {
    periods: Vec<i128>,
    outside: i128,
}

impl Cut {
    fn of(periods: &[Span]) -> Self {
        Self { periods: vec![0; periods.len()], outside: 0 }
    }

    /// Splits a cost that accrues evenly over its span.
    fn add(&mut self, span: Span, units: i128, periods: &[Span]) {
        let Span { start, end } = span;
        let first = periods.partition_point(|period| period.end <= start);
        let touching =
            periods[first..].iter().take_while(|period| period.start < end || period.start == start);
        let mut inside = 0;
        for (period, sum) in touching.zip(&mut self.periods[first..]) {
            // A charge without length belongs to the period it starts in.
            let until = if end == start { start + 1 } else { period.end };
            let part = before(units, start, end, until) - before(units, start, end, period.start);
            *sum += part;
            inside += part;
        }
        self.outside += units - inside;
    }

    fn total(&self) -> i128 {
        self.periods.iter().sum::<i128>() + self.outside
    }
}

/// Takes what belongs to no service out of the periods and gives it to the services in proportion to their own cost
/// there. A period in which no service has a cost keeps it, and so does what lies outside the periods.
fn spread<'a>(rest: &mut Cut, services: &BTreeMap<Option<&'a str>, Cut>) -> BTreeMap<&'a str, Vec<i128>> {
    let weight = |cut: &Cut, at: usize| cut.periods[at].max(0);
    let mut shares: BTreeMap<&str, Vec<i128>> = services
        .keys()
        .filter_map(|service| service.map(|name| (name, vec![0; rest.periods.len()])))
        .collect();
    for at in 0..rest.periods.len() {
        let whole: i128 = services.values().map(|cut| weight(cut, at)).sum();
        if whole == 0 {
            continue;
        }
        let (mut part, mut given) = (0, 0);
        // Each service gets the difference of what it and those before it get, and of those before it: in all, all.
        for (share_of, cut) in shares.values_mut().zip(services.values()) {
            part += weight(cut, at);
            let until = share(rest.periods[at], part, whole);
            share_of[at] = until - given;
            given = until;
        }
        rest.periods[at] -= given;
    }
    shares
}

fn cash(book: &Book, code: &str) -> Vec<Cash> {
    let cash = |(span, billed): (&Span, &i128)| Cash {
        from: instant(span.start),
        to: instant(span.end),
        billed: Money::of_units(*billed, code),
    };
    book.cash.iter().map(cash).collect()
}

fn lines(sums: &BTreeMap<(ChargeCategory, Option<Arc<str>>), i128>, code: &str) -> Vec<UnattributedLine> {
    let mut sums: Vec<_> = sums.iter().filter(|(_, units)| **units != 0).collect();
    sums.sort_by_key(|(_, units)| std::cmp::Reverse(units.abs()));
    let others: i128 = sums.iter().skip(LINES).map(|(_, units)| **units).sum();
    let line = |category, name: &str, units| UnattributedLine {
        category,
        provider_service: name.to_owned(),
        cost: Money::of_units(units, code),
    };
    let mut lines: Vec<_> = sums
        .iter()
        .take(LINES)
        .map(|((category, name), units)| {
            line(Some(*category), name.as_deref().unwrap_or("no service"), **units)
        })
        .collect();
    if sums.len() > LINES {
        lines.push(line(None, "others", others));
    }
    lines
}

/// One service: its cost by period, and its counts.
struct Unit<'a> {
    code: &'a str,
    periods: &'a [Span],
    usage: &'a [&'a Usage],
    direct: &'a Cut,
    shares: Option<&'a Vec<i128>>,
}

/// A count by period, or why there is none.
type Counts = Vec<Result<i128, String>>;

impl Unit<'_> {
    fn service(&self, service: &str, billed: Figure<Money>) -> ServiceCosts {
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
        let cost = Decimal::try_from_i128_with_scale(cost, super::exact::DECIMALS).map_err(|_| large())?;
        let quotient = cost.checked_div(count).and_then(units).ok_or_else(large)?;
        Ok(Money::of_units(quotient, self.code))
    }
}
