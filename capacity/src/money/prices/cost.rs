//! What usage costs by a price table.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Class, PriceTable, PricedService};
use crate::money::attribution::Unattributed;
use crate::money::exact::{held, product};
use crate::money::ledger::Ledger;
use crate::money::period::Span;
use crate::money::report::{CostReport, CostSource};
use crate::money::unit::Assembly;
use crate::money::usage::Usage;

const TOO_LARGE: &str = "its amounts are too large to be added exactly";

impl PriceTable {
    /// The costs of usage; usage of services that the table does not have is without cost.
    pub(in crate::money) fn report(&self, usage: &[Usage]) -> CostReport {
        let mut ledger = Ledger::default();
        let mut notes = Vec::new();
        let mut of_service: BTreeMap<&str, Vec<&Usage>> = BTreeMap::new();
        for row in usage.iter().filter(|row| row.span().seconds() > 0) {
            of_service.entry(&row.service).or_default().push(row);
        }
        for (name, rows) in of_service {
            let Some(service) = self.services.get(name) else { continue };
            let Some(class) = self.classes.get(&service.class) else { continue };
            let priced = Priced { service, class }.rows(&rows).and_then(|priced| {
                let all = priced.costs.iter().map(|(_, units)| *units).sum();
                held(all).map(|_| priced).ok_or(TOO_LARGE)
            });
            let posted = priced.and_then(|priced| {
                for (span, units) in &priced.costs {
                    ledger.priced(name, &self.currency, *span, *units).map_err(|_| TOO_LARGE)?;
                }
                Ok((priced.unknown > 0 && !priced.costs.is_empty()).then_some(priced.unknown))
            });
            match posted {
                Ok(None) => {}
                Ok(Some(seconds)) => notes.push(format!(
                    "Replica-hours of {name} are not known for {} of the time: {}.",
                    hours_in_words(seconds),
                    if service.least() == 0 {
                        "nothing is counted for it, so the cost is a lower bound".to_owned()
                    } else {
                        format!(
                            "{} replicas are counted for it, so the cost is a lower bound",
                            service.least()
                        )
                    }
                )),
                Err(why) => notes.push(format!("Usage of {name} is left out: {why}.")),
            }
        }
        let (source, period, unattributed) = (CostSource::Prices, self.period, Unattributed::Shown);
        Assembly { source, ledger, usage, period, unattributed, notes }.report()
    }
}

impl PricedService {
    /// Replicas that are paid at any time.
    fn least(&self) -> u32 {
        self.replicas_min.max(self.committed.map_or(0, |committed| committed.replicas))
    }
}

/// A service with its class.
struct Priced<'a> {
    service: &'a PricedService,
    class: &'a Class,
}

/// The costs of times, in units of 10^-15, and the seconds in which replica-hours are not known.
struct PricedRows {
    costs: Vec<(Span, i128)>,
    unknown: i64,
}

impl Priced<'_> {
    /// The costs of a service's rows. Rows of exactly the same time are added up; where replica-hours of times that
    /// otherwise overlap are given, they are refused, because they may be the same hours.
    fn rows(&self, rows: &[&Usage]) -> Result<PricedRows, &'static str> {
        let mut hours: BTreeMap<Span, Decimal> = BTreeMap::new();
        let mut costs = Vec::new();
        let mut all: Option<Span> = None;
        for row in rows {
            let span = row.span();
            all = Some(all.map_or(span, |known| known.around(span)));
            let negative = |amount: Option<Decimal>| amount.is_some_and(|amount| amount < Decimal::ZERO);
            if negative(row.replica_hours) || negative(row.gigabytes) {
                return Err("amounts below 0 have no meaning");
            }
            if let Some(more) = row.replica_hours {
                let sum = hours.entry(span).or_default();
                *sum = sum.checked_add(more).ok_or(TOO_LARGE)?;
            }
            let sent = amount(row.gigabytes, self.class.per_gigabyte)?;
            let requests = amount(row.transactions.map(Decimal::from), self.class.per_request)?;
            if sent + requests != 0 {
                costs.push((span, sent + requests));
            }
        }
        let Some(all) = all else { return Ok(PricedRows { costs, unknown: 0 }) };
        let (mut known_until, mut unknown) = (all.start, 0);
        let end = Span { start: all.end, end: all.end };
        for (span, hours) in hours.iter().map(|(span, hours)| (*span, Some(*hours))).chain([(end, None)]) {
            if span.start < known_until {
                return Err("its replica-hours are given for times that overlap");
            }
            let gap = Span { start: known_until, end: span.start };
            if gap.seconds() > 0 {
                unknown += gap.seconds();
                let least = Decimal::from(self.service.replicas_min) * length(gap);
                if self.service.least() > 0 {
                    costs.push((gap, self.replicas(gap, least).ok_or(TOO_LARGE)?));
                }
            }
            if let Some(hours) = hours {
                costs.push((span, self.replicas(span, hours).ok_or(TOO_LARGE)?));
            }
            known_until = span.end;
        }
        Ok(PricedRows { costs, unknown })
    }

    /// Committed replicas at their discount for the whole time, and what runs beyond them on demand.
    fn replicas(&self, span: Span, hours: Decimal) -> Option<i128> {
        let (committed, discount) = match self.service.committed {
            Some(held) => (
                Decimal::from(held.replicas).checked_mul(length(span))?,
                self.class.commitments.get(&held.term).copied().unwrap_or_default(),
            ),
            None => (Decimal::ZERO, Decimal::ZERO),
        };
        let beyond = hours.checked_sub(committed)?.max(Decimal::ZERO);
        let paid_ahead = product(committed, self.class.per_hour.checked_mul(Decimal::ONE - discount)?)?;
        Some(paid_ahead + product(beyond, self.class.per_hour)?)
    }
}

/// The length of a time in hours.
fn length(span: Span) -> Decimal {
    Decimal::from(span.seconds()) / Decimal::from(3_600)
}

/// A count times its price; nothing if one of them is not known.
fn amount(count: Option<Decimal>, price: Option<Decimal>) -> Result<i128, &'static str> {
    count.zip(price).map_or(Ok(0), |(count, price)| product(count, price).ok_or(TOO_LARGE))
}

fn hours_in_words(seconds: i64) -> String {
    match seconds {
        3_600 => "1 hour".into(),
        _ if seconds % 3_600 == 0 => format!("{} hours", seconds / 3_600),
        _ => format!("{} minutes", seconds / 60),
    }
}
