//! Files with a line a day: what a portfolio, or a benchmark's index, was worth.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use chrono::NaiveDate;
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
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(|error| FileError {
        file: name.to_owned(),
        line: 1,
        column: None,
        detail: format!("cannot be read: {error}"),
    })?;
    let header = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let header = String::from_utf8_lossy(header).to_ascii_lowercase();
    let has = |column: &str| {
        header.split(',').any(|cell| cell.trim_matches(|c: char| !c.is_ascii_alphanumeric()) == column)
    };
    if has("value") && !has("type") {
        read_days(name, Cursor::new(bytes)).map(Contents::Days)
    } else {
        read(name, Cursor::new(bytes), currency).map(Contents::Entries)
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
