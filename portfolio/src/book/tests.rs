//! Most portfolios here are written as a file has them, which is the shortest way to say them.

mod laws;
mod lots;
mod order;
mod pooled;
mod published;
mod worth;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::*;
use crate::file::{moment_or_end, read};

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn some(text: &str) -> Option<Decimal> {
    Some(dec(text))
}

fn day(text: &str) -> DateTime<Utc> {
    moment_or_end(text).unwrap()
}

/// Lines of `date,type,symbol,quantity,price,amount,currency,fee,id,ref`; what is left out at the end is empty,
/// and dollars are meant where no currency is given.
fn entries(lines: &str) -> Vec<Entry> {
    let header = "date,type,symbol,quantity,price,amount,currency,fee,id,ref";
    let mut text = header.to_owned();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let missing = header.matches(',').count() - line.matches(',').count();
        text.push_str(&format!("\n{line}{}", ",".repeat(missing)));
    }
    read("test.csv", text.as_bytes(), Some("USD")).unwrap()
}

fn by(method: Method) -> Terms {
    Terms { method, ..Terms::default() }
}

fn valued(lines: &str, method: Method) -> Valuation {
    value(&entries(lines), day("2030-12-31"), by(method), &View::default())
}

fn reasons(book: &Book) -> Vec<&str> {
    book.flags.iter().map(|flag| flag.reason.as_str()).collect()
}
