//! One row of a file as a charge.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use csv::ByteRecord;
use rust_decimal::Decimal;

use super::cell::{self, AMOUNT, Held, QUANTITY, brief};
use super::columns::{Column, Layout};
use super::{Charge, ChargeCategory, ChargeFrequency, Commitment, CommitmentStatus};
use crate::money::error::{MoneyError, Result};

/// Different texts that rows share, and the bytes of the longest; further ones are held once per row.
const TEXTS: (usize, usize) = (100_000, 256);

/// Different cells of tags that rows share, and the bytes of the longest.
const TAGS: (usize, usize) = (20_000, 4_096);

/// Years of the longest charge period: commitments run for five at most.
const YEARS: i64 = 10;

/// What rows have in common, held once.
#[derive(Debug, Default)]
pub(super) struct Shared {
    texts: HashSet<Arc<str>>,
    tags: HashMap<Box<[u8]>, Arc<BTreeMap<String, String>>>,
}

/// A row that is being read.
pub(super) struct Row<'r> {
    pub(super) file: &'r str,
    pub(super) layout: &'r Layout,
    pub(super) shared: &'r mut Shared,
    pub(super) record: &'r ByteRecord,
    pub(super) line: u64,
}

impl<'r> Row<'r> {
    /// The row's charge.
    pub(super) fn charge(mut self) -> Result<Charge> {
        let (start, end) = (self.instant(Column::ChargePeriodStart)?, self.instant(Column::ChargePeriodEnd)?);
        let start = self.needed(Column::ChargePeriodStart, start)?;
        let end = self.needed(Column::ChargePeriodEnd, end)?;
        if end < start {
            return Err(self.wrong(Column::ChargePeriodEnd, "it lies before ChargePeriodStart".into()));
        }
        if end - start > TimeDelta::days(366 * YEARS) {
            return Err(self
                .wrong(Column::ChargePeriodEnd, format!("it lies more than {YEARS} years after the start")));
        }
        let category =
            self.choice(Column::ChargeCategory, &ChargeCategory::ALL.map(|one| (one.name(), one)))?;
        let frequency =
            self.choice(Column::ChargeFrequency, &ChargeFrequency::ALL.map(|one| (one.name(), one)))?;
        let class = self.choice(Column::ChargeClass, &[("Correction", ())])?;
        let billed = self.number(Column::BilledCost, AMOUNT)?;
        let effective = self.number(Column::EffectiveCost, AMOUNT)?;
        Ok(Charge {
            line: self.line,
            billed: self.needed(Column::BilledCost, billed)?,
            effective: self.needed(Column::EffectiveCost, effective)?,
            contracted: self.number(Column::ContractedCost, AMOUNT)?,
            list: self.number(Column::ListCost, AMOUNT)?,
            currency: self.currency()?,
            billing_start: self.instant(Column::BillingPeriodStart)?,
            billing_end: self.instant(Column::BillingPeriodEnd)?,
            start,
            end,
            category: self.needed(Column::ChargeCategory, category)?,
            correction: class.is_some(),
            frequency,
            commitment: self.commitment()?,
            pricing_quantity: self.number(Column::PricingQuantity, QUANTITY)?,
            pricing_unit: self.shared(Column::PricingUnit)?,
            consumed_quantity: self.number(Column::ConsumedQuantity, QUANTITY)?,
            consumed_unit: self.shared(Column::ConsumedUnit)?,
            service_name: self.shared(Column::ServiceName)?,
            service_category: self.shared(Column::ServiceCategory)?,
            resource_id: self.shared(Column::ResourceId)?,
            resource_name: match self.shared(Column::AllocatedResourceName)? {
                None => self.shared(Column::ResourceName)?,
                allocated => allocated,
            },
            resource_type: self.shared(Column::ResourceType)?,
            region_id: self.shared(Column::RegionId)?,
            sub_account_id: self.shared(Column::SubAccountId)?,
            sku_id: self.shared(Column::SkuId)?,
            tags: self.tags()?,
            custom: self.custom(),
        })
    }

    /// The cell's text, or `None` for a null.
    fn text(&self, column: Column) -> Result<Option<&'r str>> {
        let Some(cell) = self.layout.cell(self.record, column) else { return Ok(None) };
        let text = std::str::from_utf8(cell)
            .map_err(|_| self.wrong(column, "the cell is not UTF-8; save the file as UTF-8".into()))?;
        Ok(value(text))
    }

    fn needed<T>(&self, column: Column, found: Option<T>) -> Result<T> {
        found.ok_or_else(|| self.wrong(column, "the cell is empty, but FOCUS allows no null here".into()))
    }

    fn number(&self, column: Column, held: Held) -> Result<Option<Decimal>> {
        self.parsed(column, |text| cell::number(text, held))
    }

    fn instant(&self, column: Column) -> Result<Option<DateTime<Utc>>> {
        self.parsed(column, cell::instant)
    }

    fn parsed<T>(&self, column: Column, parse: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>> {
        self.text(column)?.map(parse).transpose().map_err(|problem| self.wrong(column, problem))
    }

    fn choice<T: Copy>(&self, column: Column, choices: &[(&str, T)]) -> Result<Option<T>> {
        self.parsed(column, |text| {
            choices.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, one)| *one).ok_or_else(
                || {
                    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
                    format!("`{}` is not one of: {}", brief(text), names.join(", "))
                },
            )
        })
    }

    fn currency(&mut self) -> Result<Arc<str>> {
        let code = self.parsed(Column::BillingCurrency, cell::currency)?;
        let code = self.needed(Column::BillingCurrency, code)?;
        Ok(share(&mut self.shared.texts, &code))
    }

    fn shared(&mut self, column: Column) -> Result<Option<Arc<str>>> {
        let text = self.text(column)?;
        Ok(text.map(|text| share(&mut self.shared.texts, text)))
    }

    fn commitment(&mut self) -> Result<Option<Commitment>> {
        let status = self
            .choice(Column::CommitmentDiscountStatus, &CommitmentStatus::ALL.map(|one| (one.name(), one)))?;
        let Some(id) = self.shared(Column::CommitmentDiscountId)? else { return Ok(None) };
        let category = self.shared(Column::CommitmentDiscountCategory)?;
        let kind = self.shared(Column::CommitmentDiscountType)?;
        Ok(Some(Commitment { id, category, kind, status }))
    }

    fn tags(&mut self) -> Result<Arc<BTreeMap<String, String>>> {
        let allocated = self.tags_of(Column::AllocatedTags)?;
        let tags = self.tags_of(Column::Tags)?;
        if allocated.is_empty() {
            return Ok(tags);
        }
        let mut both = BTreeMap::clone(&tags);
        both.extend(allocated.iter().map(|(key, value)| (key.clone(), value.clone())));
        Ok(Arc::new(both))
    }

    fn tags_of(&mut self, column: Column) -> Result<Arc<BTreeMap<String, String>>> {
        let cell = self.layout.cell(self.record, column).unwrap_or_default();
        if let Some(known) = self.shared.tags.get(cell) {
            return Ok(Arc::clone(known));
        }
        let tags = Arc::new(self.parsed(column, cell::tags)?.unwrap_or_default());
        if self.shared.tags.len() < TAGS.0 && cell.len() <= TAGS.1 {
            self.shared.tags.insert(cell.into(), Arc::clone(&tags));
        }
        Ok(tags)
    }

    fn custom(&mut self) -> Vec<(Arc<str>, Arc<str>)> {
        let texts = &mut self.shared.texts;
        let cells = self.layout.custom.iter().filter_map(|(name, at)| Some((name, self.record.get(*at)?)));
        let mut custom = Vec::new();
        for (name, cell) in cells {
            let text = String::from_utf8_lossy(cell);
            if let Some(text) = value(&text) {
                custom.push((share(texts, name), share(texts, text)));
            }
        }
        custom
    }

    fn wrong(&self, column: Column, problem: String) -> MoneyError {
        let (file, column) = (self.file.to_owned(), column.name().to_owned());
        MoneyError::Cell { file, line: self.line, column, problem }
    }
}

/// A cell's text unless it is a null.
fn value(cell: &str) -> Option<&str> {
    let text = cell.trim();
    (!text.is_empty() && !text.eq_ignore_ascii_case("null")).then_some(text)
}

/// One copy of a text for all rows that hold it.
fn share(texts: &mut HashSet<Arc<str>>, text: &str) -> Arc<str> {
    if let Some(known) = texts.get(text) {
        return Arc::clone(known);
    }
    let text: Arc<str> = text.into();
    if texts.len() < TEXTS.0 && text.len() <= TEXTS.1 {
        texts.insert(Arc::clone(&text));
    }
    text
}
