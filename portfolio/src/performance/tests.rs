//! Portfolios are written as a file has them.

mod beside;
mod by_day;
mod days;
mod laws;
mod positions;
mod published;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::*;
use crate::book::Entry;
use crate::file::{read, read_days};
use crate::risk::Frequency;

fn entries(lines: &str) -> Vec<Entry> {
    let header = "date,type,symbol,quantity,price,amount,currency,fee,id,ref";
    let mut text = header.to_owned();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let missing = header.matches(',').count() - line.matches(',').count();
        text.push_str(&format!("\n{line}{}", ",".repeat(missing)));
    }
    read("test.csv", text.as_bytes(), Some("USD")).unwrap()
}

fn of(lines: &str, ask: &Ask) -> Performance {
    performance(&[Portfolio { name: "own", entries: &entries(lines) }], ask)
}

fn of_lines(lines: &str, ask: &Ask) -> Performance {
    of_days(&read_days("test.csv", lines.as_bytes()).unwrap(), ask)
}

fn dec(text: &str) -> Option<Decimal> {
    Some(text.parse().unwrap())
}

fn near(told: Option<f64>, expected: f64) {
    let told = told.unwrap();
    assert!((told - expected).abs() < 1e-8 * expected.abs().max(1.0), "{told} and not {expected}");
}
