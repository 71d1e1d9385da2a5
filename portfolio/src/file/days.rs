//! Files with a line a day: what a portfolio, or a benchmark's index, was worth.

use std::collections::BTreeMap;
use std::io::Read;

use chrono::NaiveDate;
use csv::{ReaderBuilder, Trim};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::table::{Row, Table};
use super::{FileError, read};
use crate::book::Entry;
use crate::returns::Day;

/// What a portfolio's file holds, which its header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// A line an event: a column `type`.
    Entries(Vec<Entry>),
    /// A line a day: a column `value`.
    Days(Vec<Day>),
}

/// Reads a portfolio's file of either form. `currency` is that of events that name none.
pub fn read_either(name: &str, mut input: impl Read, currency: Option<&str>) -> Result<Contents, FileError> {
    let wrong = |detail: String| FileError { file: name.to_owned(), line: 1, column: None, detail };
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let mut csv = ReaderBuilder::new().trim(Trim::All).from_reader(bytes.as_slice());
    // What is wrong with the header itself is told by the reading below.
    let header = csv.headers().cloned().unwrap_or_default();
    let has = |column: &str| header.iter().any(|name| name.eq_ignore_ascii_case(column));
    match (has("type"), has("value")) {
        (false, true) => read_days(name, bytes.as_slice()).map(Contents::Days),
        (false, false) if !header.is_empty() => Err(wrong(
            "the header has neither a column type (a line an event) nor value (a line a day)".to_owned(),
        )),
        _ => read(name, bytes.as_slice(), currency).map(Contents::Entries),
    }
}

/// Reads days: columns `date` and `value` (worth at its close; empty where that is not known), and `flow` (above zero
/// put in, below taken out) or `inflow` and `outflow` (without signs). In any order; each day once.
pub fn read_days(name: &str, input: impl Read) -> Result<Vec<Day>, FileError> {
    let known = |column: &str| ["date", "value", "flow", "inflow", "outflow"].contains(&column);
    let mut table = Table::open(name, input, known, &["date", "value"])?;
    let mut days = BTreeMap::new();
    while let Some(row) = table.next()? {
        let date = date(&row)?;
        let flow = row.decimal("flow")?.unwrap_or_default();
        let (mut inflow, mut outflow) =
            if flow < Decimal::ZERO { (Decimal::ZERO, -flow) } else { (flow, Decimal::ZERO) };
        for (column, sum) in [("inflow", &mut inflow), ("outflow", &mut outflow)] {
            let Some(amount) = row.decimal(column)? else { continue };
            if amount < Decimal::ZERO {
                return Err(row.wrong(column, format!("{amount} is below zero; the column flow has signs")));
            }
            if !row.get("flow").is_empty() {
                return Err(row.wrong(column, "is given beside a flow: write one of the two"));
            }
            *sum = amount;
        }
        let day = Day { date, value: row.decimal("value")?, inflow, outflow };
        if days.insert(date, day).is_some() {
            return Err(row.wrong("date", format!("{date} is there a second time")));
        }
    }
    Ok(days.into_values().collect())
}

/// Reads a benchmark's index: columns `date` and `value`, above zero. In any order; each day once.
pub fn read_values(name: &str, input: impl Read) -> Result<BTreeMap<NaiveDate, f64>, FileError> {
    let mut table =
        Table::open(name, input, |column| ["date", "value"].contains(&column), &["date", "value"])?;
    let mut values = BTreeMap::new();
    while let Some(row) = table.next()? {
        let date = date(&row)?;
        let value = row.decimal("value")?.filter(|value| *value > Decimal::ZERO);
        let value = value.and_then(|value| value.to_f64());
        let value =
            value.ok_or_else(|| row.wrong("value", format!("\"{}\" is not above zero", row.get("value"))))?;
        if values.insert(date, value).is_some() {
            return Err(row.wrong("date", format!("{date} is there a second time")));
        }
    }
    Ok(values)
}

fn date(row: &Row<'_>) -> Result<NaiveDate, FileError> {
    let text = row.get("date");
    text.parse().map_err(|_| row.wrong("date", format!("\"{text}\" is no date: write 2026-11-20")))
}
