//! From sums and counts to costs by service and period, and per transaction, customer and hour used.
//!
//! A charge that lies in several periods is split by time, rounded once at each cut, so that the periods of a service
//! and what lies outside of them add up to its cost to the last decimal.

mod cut;
#[cfg(test)]
mod properties;
mod service;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::cut::{Cut, spread};
use self::service::Unit;
use super::amount::{Figure, Money};
use super::attribution::Unattributed;
use super::focus::ChargeCategory;
use super::ledger::{Book, Ledger};
use super::period::{Period, Span, instant};
use super::report::{
    Cash, CategoryCosts, CostReport, CostSource, CurrencyCosts, ServiceCosts, UnattributedCosts,
    UnattributedLine, WithoutCost,
};
use super::usage::Usage;

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
