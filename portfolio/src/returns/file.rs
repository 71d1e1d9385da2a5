//! Files of dated payments.

use super::money::Payment;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::io::Read;

/// Why a file of payments cannot be read: where, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}; a line is date,amount as in 2026-01-31,-1000.00")]
pub struct PaymentsError {
    file: String,
    line: u64,
    problem: String,
}

/// Reads lines of `date,amount`, in any order, with or without a header: a first line without a digit in it. Empty lines and those that begin with `#` are
/// passed over; `name` is the file's in errors.
pub fn read_payments(name: &str, input: impl Read) -> Result<Vec<Payment>, PaymentsError> {
    let mut csv = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(input);
    let refused = |line: u64, problem: String| PaymentsError { file: name.to_owned(), line, problem };
    let mut payments = Vec::new();
    let mut record = csv::StringRecord::new();
    let mut first = true;
    loop {
        let line = csv.position().line();
        match csv.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(payments),
            Err(error) => return Err(refused(line, error.to_string())),
        }
        let line = record.position().map_or(line, csv::Position::line);
        let header = std::mem::take(&mut first)
            && !record.iter().any(|cell| cell.contains(|c: char| c.is_ascii_digit()));
        if !header {
            payments.push(payment(&record).map_err(|problem| refused(line, problem))?);
        }
    }
}

fn payment(record: &csv::StringRecord) -> Result<Payment, String> {
    let (Some(date), Some(amount), None) = (record.get(0), record.get(1), record.get(2)) else {
        return Err(format!("it has {} cells", record.len()));
    };
    let date: NaiveDate = date.parse().map_err(|_| format!("{date:?} is no date"))?;
    let amount = amount
        .parse::<Decimal>()
        .or_else(|_| Decimal::from_scientific(amount))
        .map_err(|_| format!("{amount:?} is no amount"))?;
    Ok(Payment { date, amount })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_no_payment_and_what_is_wrong_is_placed() {
        let read = |text: &str| read_payments("flows.csv", text.as_bytes());
        let two = read("date,amount\n2026-01-31,-1000.50\n\n# a note\n2026-12-31, 1.1e3\n").unwrap();
        let written: Vec<String> = two.iter().map(|p| format!("{} {}", p.date, p.amount)).collect();
        assert_eq!(written, ["2026-01-31 -1000.50", "2026-12-31 1100"]);
        assert_eq!(read("2026-01-31,-1\n").unwrap().len(), 1);
        assert_eq!(read("\u{feff}When,Paid\r\n2026-01-31,-1\r\n").unwrap().len(), 1);
        assert_eq!(read("").unwrap(), []);
        let refused = |text: &str| read(text).unwrap_err().to_string();
        insta::assert_snapshot!(refused("date,amount\n2026-02-30,1\n"), @r#"flows.csv:2: "2026-02-30" is no date; a line is date,amount as in 2026-01-31,-1000.00"#);
        insta::assert_snapshot!(refused("2026-01-31,1\n2026-02-01,ten\n"), @r#"flows.csv:2: "ten" is no amount; a line is date,amount as in 2026-01-31,-1000.00"#);
        insta::assert_snapshot!(refused("2026-01-31,1,USD\n"), @"flows.csv:1: it has 3 cells; a line is date,amount as in 2026-01-31,-1000.00");
    }
}
