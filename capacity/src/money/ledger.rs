//! Sums of charges, in memory that grows with services and charge periods, not with rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::amount::Money;
use super::attribution::AttributionRules;
use super::exact::{LARGEST, units};
use super::focus::{Charge, ChargeCategory};
use super::period::{Period, Span};

/// Different sums that are held.
pub(super) const SUMS: usize = 1_000_000;

/// Why a charge could not be added. The sums are then as they were before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The amounts of its currency would add up to more than is held exactly.
    TooLarge,
    /// There would be more than [`SUMS`] sums.
    TooMany,
}

/// The sums of a bill, or of what a price table makes of usage.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) books: BTreeMap<Arc<str>, Book>,
    /// All charge periods of usage, of other charges, and all billing periods; without corrections.
    usage: Option<Span>,
    others: Option<Span>,
    billing: Option<Span>,
    sums: usize,
    services: BTreeSet<Arc<str>>,
}

/// The sums in one currency, in units of 10^-15.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// Effective cost by service (or none) and charge period.
    pub(super) effective: BTreeMap<(Option<Arc<str>>, Span), i128>,
    /// Billed cost by service (or none).
    pub(super) billed: BTreeMap<Option<Arc<str>>, i128>,
    /// Billed cost by billing period.
    pub(super) cash: BTreeMap<Span, i128>,
    /// Effective and billed cost by kind of charge.
    pub(super) categories: BTreeMap<ChargeCategory, (i128, i128)>,
    /// Effective cost of corrections.
    pub(super) corrections: i128,
    /// Effective cost of commitments that were not used.
    pub(super) unused: i128,
    /// Effective cost without a service, by kind of charge and the provider's service.
    pub(super) unattributed: BTreeMap<(ChargeCategory, Option<Arc<str>>), i128>,
    commitments: BTreeMap<Arc<str>, Bought>,
    /// Absolute amounts, which bound every sum of some of them.
    absolute: i128,
}

/// What a commitment's rows say of its effective cost.
#[derive(Debug, Default)]
struct Bought {
    /// Purchases whose effective cost is not 0 as FOCUS wants it.
    purchases: Vec<Posting>,
    first_line: u64,
    /// Whether usage carries the commitment's cost.
    amortised: bool,
}

/// An effective cost to be added to the sums.
#[derive(Debug, Clone)]
struct Posting {
    service: Option<Arc<str>>,
    span: Span,
    category: ChargeCategory,
    provider_service: Option<Arc<str>>,
    units: i128,
    correction: bool,
    unused: bool,
}

impl Ledger {
    /// Adds a row of a bill.
    pub(super) fn charge(&mut self, charge: &Charge, rules: &AttributionRules) -> Result<(), Refused> {
        let effective = units(charge.effective).ok_or(Refused::TooLarge)?;
        let billed = units(charge.billed).ok_or(Refused::TooLarge)?;
        let service = rules.service(charge).map(|name| self.name(name));
        let span = Span::of(charge.start, charge.end);
        let month = Span { start: Period::Month.start(span.start), end: Period::Month.end(span.start) };
        let billing = charge.billing_start.zip(charge.billing_end).map(|(start, end)| Span::of(start, end));
        let posting = Posting {
            service,
            span,
            category: charge.category,
            provider_service: charge.service_name.clone(),
            units: effective,
            correction: charge.correction,
            unused: charge.unused_commitment(),
        };
        let book =
            self.book(&charge.currency, effective.saturating_abs().saturating_add(billed.saturating_abs()))?;
        let mut added = book.bill(&posting, billing.unwrap_or(month), billed);
        added += match &charge.commitment {
            Some(commitment) => {
                let known = book.commitments.len();
                let bought = book.commitments.entry(Arc::clone(&commitment.id)).or_default();
                if charge.buys_commitment() && effective != 0 {
                    bought.first_line = if bought.purchases.is_empty() {
                        charge.line
                    } else {
                        bought.first_line.min(charge.line)
                    };
                    bought.purchases.push(posting);
                    1
                } else {
                    bought.amortised |= charge.category == ChargeCategory::Usage && effective != 0;
                    book.commitments.len() - known + book.post(&posting)
                }
            }
            None => book.post(&posting),
        };
        self.sums += added;
        if !charge.correction {
            let spans =
                if charge.category == ChargeCategory::Usage { &mut self.usage } else { &mut self.others };
            widen(spans, span);
            if let Some(billing) = billing {
                widen(&mut self.billing, billing);
            }
        }
        Ok(())
    }

    /// Adds what a service's usage costs by a price table.
    pub(super) fn priced(
        &mut self,
        service: &str,
        currency: &str,
        span: Span,
        units: i128,
    ) -> Result<(), Refused> {
        let (service, currency) = (self.name(service), self.name(currency));
        let posting = Posting {
            service: Some(service),
            span,
            category: ChargeCategory::Usage,
            provider_service: None,
            units,
            correction: false,
            unused: false,
        };
        let added = self.book(&currency, units.saturating_abs())?.post(&posting);
        self.sums += added;
        widen(&mut self.usage, span);
        Ok(())
    }

    /// The currency's book, if an amount of this size still fits in.
    fn book(&mut self, currency: &Arc<str>, size: i128) -> Result<&mut Book, Refused> {
        if self.sums >= SUMS {
            return Err(Refused::TooMany);
        }
        let book = self.books.entry(Arc::clone(currency)).or_default();
        match book.absolute.checked_add(size).filter(|sum| *sum <= LARGEST) {
            Some(sum) => book.absolute = sum,
            None => return Err(Refused::TooLarge),
        }
        Ok(book)
    }

    fn name(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.services.get(text) {
            return Arc::clone(known);
        }
        let text: Arc<str> = text.into();
        self.services.insert(Arc::clone(&text));
        text
    }

    /// The time that is billed: that of all usage within the billing periods. Before the first and after the last
    /// usage a bill holds parts of fees and taxes only, and no day of it would cost what it does.
    pub(super) fn window(&self) -> Option<Span> {
        let long = |span: Option<Span>| span.filter(|span| span.seconds() > 0);
        let (usage, billing) = (long(self.usage), long(self.billing));
        match (usage, billing) {
            (Some(usage), Some(billing)) => usage.within(billing).or(Some(usage)),
            (one, other) => one.or(other).or(long(self.others)),
        }
    }

    /// Adds the purchases of commitments that no usage pays off, leaves the others out, and says so: a sentence for
    /// each of the first commitments.
    pub(super) fn settle(&mut self) -> Vec<String> {
        const SENTENCES: usize = 20;
        let mut notes = Vec::new();
        let mut more = 0;
        for (currency, book) in &mut self.books {
            for (id, bought) in std::mem::take(&mut book.commitments) {
                if bought.purchases.is_empty() {
                    continue;
                }
                if !bought.amortised {
                    for purchase in &bought.purchases {
                        book.post(purchase);
                    }
                }
                if notes.len() == SENTENCES {
                    more += 1;
                    continue;
                }
                let sum: i128 = bought.purchases.iter().map(|purchase| purchase.units).sum();
                let amount = Money::of_units(sum, currency);
                let found = format!(
                    "Purchases of the commitment {id} have an EffectiveCost of {amount} (first in line {}), where \
                     FOCUS wants 0",
                    bought.first_line
                );
                notes.push(if bought.amortised {
                    format!(
                        "{found}: it is left out, because the usage that the commitment covers carries its cost already."
                    )
                } else {
                    format!("{found}: it is counted, because no usage in the bill carries the commitment's cost.")
                });
            }
        }
        if more > 0 {
            notes.push(format!("The same is so of {more} further commitments."));
        }
        notes
    }
}

impl Book {
    /// Adds a billed cost; how many sums are new.
    fn bill(&mut self, posting: &Posting, billing: Span, billed: i128) -> usize {
        let before = self.cash.len() + self.billed.len();
        *self.cash.entry(billing).or_default() += billed;
        *self.billed.entry(posting.service.clone()).or_default() += billed;
        self.categories.entry(posting.category).or_default().1 += billed;
        self.cash.len() + self.billed.len() - before
    }

    /// Adds an effective cost; how many sums are new.
    fn post(&mut self, posting: &Posting) -> usize {
        let before = self.effective.len() + self.unattributed.len();
        *self.effective.entry((posting.service.clone(), posting.span)).or_default() += posting.units;
        self.categories.entry(posting.category).or_default().0 += posting.units;
        if posting.correction {
            self.corrections += posting.units;
        }
        if posting.unused {
            self.unused += posting.units;
        }
        if posting.service.is_none() {
            let line = (posting.category, posting.provider_service.clone());
            *self.unattributed.entry(line).or_default() += posting.units;
        }
        self.effective.len() + self.unattributed.len() - before
    }
}

fn widen(spans: &mut Option<Span>, span: Span) {
    *spans = Some(spans.map_or(span, |known| known.around(span)));
}
