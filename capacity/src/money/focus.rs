//! Billing files in FOCUS, the FinOps Open Cost and Usage Specification, versions 1.0 to 1.3, as CSV.
//!
//! Columns are found by name; those that are not needed are ignored. Empty cells and `null` in any case are nulls.
//! Source of the columns and their meaning: the specification at <https://focus.finops.org/focus-specification/>.

mod cell;
mod charge;
mod columns;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Read};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use csv::ByteRecord;
use rust_decimal::Decimal;

use self::cell::{AMOUNT, Held, QUANTITY, brief};
use self::columns::{Column, Layout};
use super::error::{MoneyError, Result};

pub use charge::{Charge, ChargeCategory, ChargeFrequency, Commitment, CommitmentStatus};

/// Bytes of the longest row that is read; tags of a row are the longest part and seldom reach a few thousand.
const ROW_BYTES: usize = 1 << 20;

/// Different texts that rows share, and the bytes of the longest; further ones are held once per row.
const TEXTS: (usize, usize) = (100_000, 256);

/// Different cells of tags that rows share, and the bytes of the longest.
const TAGS: (usize, usize) = (20_000, 4_096);

/// Years of the longest charge period: commitments run for five at most.
const YEARS: i64 = 10;

/// Reads the rows of a FOCUS file one after the other, in the memory of one row and the texts that rows share.
#[derive(Debug)]
pub struct Reader<R> {
    csv: csv::Reader<Bounded<R>>,
    file: String,
    layout: Layout,
    record: ByteRecord,
    texts: HashSet<Arc<str>>,
    tags: HashMap<Box<[u8]>, Arc<BTreeMap<String, String>>>,
    failed: bool,
}

impl<R: Read> Reader<R> {
    /// Reads the header. `file` is the name that errors show.
    ///
    /// # Errors
    /// The columns that no cost can be told without, if they are missing; a column that is there twice.
    pub fn new(from: R, file: &str) -> Result<Self> {
        let source = Bounded { from, unread: ROW_BYTES };
        let mut csv = csv::ReaderBuilder::new().from_reader(source);
        let header = csv.byte_headers().map_err(|error| broken(file, 1, &error))?.clone();
        let layout = Layout::of(&header, file)?;
        csv.get_mut().unread = ROW_BYTES;
        Ok(Self {
            csv,
            file: file.to_owned(),
            layout,
            record: ByteRecord::new(),
            texts: HashSet::new(),
            tags: HashMap::new(),
            failed: false,
        })
    }

    /// What the file does without, in sentences.
    pub fn notes(&self) -> &[String] {
        &self.layout.notes
    }

    fn charge(&mut self) -> Result<Option<Charge>> {
        let line = self.csv.position().line();
        let more =
            self.csv.read_byte_record(&mut self.record).map_err(|error| broken(&self.file, line, &error))?;
        self.csv.get_mut().unread = ROW_BYTES;
        if !more {
            return Ok(None);
        }
        let record = std::mem::take(&mut self.record);
        let line = record.position().map_or(line, csv::Position::line);
        let charge = Row { reader: self, record: &record, line }.charge();
        self.record = record;
        charge.map(Some)
    }
}

/// After an error there are no further rows.
impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Charge>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.charge().transpose();
        self.failed = matches!(next, Some(Err(_)) | None);
        next
    }
}

fn broken(file: &str, line: u64, error: &csv::Error) -> MoneyError {
    let line = error.position().map_or(line, csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!(
                "the row has {len} cells, but the header has {expected_len}; quote cells with commas in them"
            )
        }
        csv::ErrorKind::Io(error) => format!("could not read on: {error}"),
        _ => error.to_string(),
    };
    MoneyError::Csv { file: file.to_owned(), line, problem }
}

/// A row that is being read.
struct Row<'r, R> {
    reader: &'r mut Reader<R>,
    record: &'r ByteRecord,
    line: u64,
}

impl<'r, R: Read> Row<'r, R> {
    fn charge(mut self) -> Result<Charge> {
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
        let Some(cell) = self.reader.layout.cell(self.record, column) else { return Ok(None) };
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
        Ok(share(&mut self.reader.texts, &code))
    }

    fn shared(&mut self, column: Column) -> Result<Option<Arc<str>>> {
        let text = self.text(column)?;
        Ok(text.map(|text| share(&mut self.reader.texts, text)))
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
        let cell = self.reader.layout.cell(self.record, column).unwrap_or_default();
        if let Some(known) = self.reader.tags.get(cell) {
            return Ok(Arc::clone(known));
        }
        let tags = Arc::new(self.parsed(column, cell::tags)?.unwrap_or_default());
        if self.reader.tags.len() < TAGS.0 && cell.len() <= TAGS.1 {
            self.reader.tags.insert(cell.into(), Arc::clone(&tags));
        }
        Ok(tags)
    }

    fn custom(&mut self) -> Vec<(Arc<str>, Arc<str>)> {
        let Reader { layout, texts, .. } = &mut *self.reader;
        let cells = layout.custom.iter().filter_map(|(name, at)| Some((name, self.record.get(*at)?)));
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
        let (file, column) = (self.reader.file.clone(), column.name().to_owned());
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

/// A source that gives out no more bytes than one row may have until it is told that a row is over.
#[derive(Debug)]
struct Bounded<R> {
    from: R,
    unread: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.unread == 0 {
            return Err(io::Error::other("the row is longer than 1 MiB; a quote may not be closed"));
        }
        let length = buffer.len().min(self.unread);
        let read = self.from.read(&mut buffer[..length])?;
        self.unread -= read;
        Ok(read)
    }
}

/// The rows of a bill, at most a million.
#[derive(Debug, Clone, Default)]
pub struct Charges {
    rows: Vec<Charge>,
    notes: Vec<String>,
}

impl Charges {
    /// Rows that are held. A larger file is summed up while it is read, by [`read_costs`](super::read_costs).
    pub const LIMIT: usize = 1_000_000;

    /// Reads a whole FOCUS file. `file` is the name that errors show.
    ///
    /// # Errors
    /// The first row that has no meaning, by line and column; missing columns; more than [`Self::LIMIT`] rows.
    pub fn read(from: impl Read, file: &str) -> Result<Self> {
        let reader = Reader::new(from, file)?;
        let mut charges = Self { rows: Vec::new(), notes: reader.notes().to_vec() };
        for charge in reader {
            if charges.rows.len() == Self::LIMIT {
                return Err(MoneyError::TooMany { file: file.to_owned(), limit: Self::LIMIT, what: "rows" });
            }
            charges.rows.push(charge?);
        }
        Ok(charges)
    }

    /// Puts the rows of another file behind these.
    ///
    /// # Errors
    /// More than [`Self::LIMIT`] rows in all; these then stay as they are.
    pub fn append(&mut self, other: Self) -> Result<()> {
        if self.rows.len() + other.rows.len() > Self::LIMIT {
            let file = "the files together".to_owned();
            return Err(MoneyError::TooMany { file, limit: Self::LIMIT, what: "rows" });
        }
        self.rows.extend(other.rows);
        self.notes.extend(other.notes);
        Ok(())
    }

    /// The rows, in the file's order.
    pub fn rows(&self) -> &[Charge] {
        &self.rows
    }

    /// What the files do without, in sentences.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}
