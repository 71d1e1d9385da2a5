//! Files of portfolios and payments from the command line.

use crate::program::{headroom, said};
use serde_json::Value;

const FILE: &str = "date,type,symbol,quantity,price,amount,currency,fee,id,ref,note
2026-01-02,deposit,,,,10000,USD,,,,
2026-01-05,buy,ACME,100,40.25,,USD,1.50,b1,,
2026-01-20,buy,ACME,50,44,,USD,1.50,b2,,
2026-02-02,split,ACME,2:1,,,,,,,
2026-02-10,sell,ACME,60,25,,USD,1.50,s1,b2:40 b1,the lots it closes
2026-02-12,correction,,,25.10,,,,c1,s1,was booked at the wrong price
2026-03-01,dividend,ACME,,,48,USD,,,,
2026-03-30,fx,EUR/USD,,1.08,,,,,,
2026-03-31,price,ACME,,26,,USD,,,,
";

fn valued(file: &str, more: &[&str]) -> (Option<i32>, Value, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.csv"), file).unwrap();
    let arguments = [&["portfolio", "value", "p.csv", "--output", "json"], more].concat();
    let output = headroom(&arguments, folder.path());
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default(), said(&output))
}

#[test]
fn a_portfolio_is_valued_from_its_file() {
    let (code, value, said) = valued(FILE, &["--as-of", "2026-03-31", "--method", "specific"]);
    assert_eq!(code, Some(0), "{said}");
    let position = &value["positions"][0];
    // 40 pieces at 22 and 20 at 20.125, sold at 25.10.
    assert_eq!((&position["realised"], &position["quantity"]), (&"223.5".into(), &"240".into()), "{said}");
    assert_eq!((&position["cost_basis"], &position["market_value"]), (&"4942.5".into(), &"6240".into()));
    assert_eq!(value["totals"]["value"], "11564.5", "{said}");

    let (_, euros, said) = valued(FILE, &["--as-of", "2026-03-31", "--base", "EUR"]);
    assert_eq!(euros["totals"]["value"], "10707.870370370371", "{said}");
    assert_eq!(euros["positions"][0]["realised"], "298.5", "first in, first out: {said}");
}

#[test]
fn what_is_missing_is_told_and_what_cannot_be_read_is_placed() {
    let (code, value, said) = valued(FILE, &["--as-of", "2026-02-01"]);
    assert_eq!((code, &value["totals"]["value"]), (Some(1), &Value::Null), "{said}");
    assert_eq!(value["unavailable"][0], "ACME: no price of ACME is known at that time");
    let (code, _, said) = valued(&FILE.replace("40.25", "forty"), &[]);
    assert_eq!(code, Some(2));
    assert!(said.contains("p.csv:3: column price: \"forty\" is no number"), "{said}");
    let (code, _, said) = valued(FILE, &["--method", "newest"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("none of fifo, lifo, average, specific"), "{said}");
}

fn rate(lines: &str, more: &[&str]) -> (Option<i32>, Value, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("paid.csv"), lines).unwrap();
    let arguments = [&["portfolio", "xirr", "paid.csv", "--output", "json"], more].concat();
    let output = headroom(&arguments, folder.path());
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default(), said(&output))
}

#[test]
fn the_rate_of_payments_is_told_or_why_there_is_none() {
    let (code, value, said) =
        rate("date,amount\n2024-01-01,-100\n2025-01-01,110\n", &["--day-count", "30E/360"]);
    assert_eq!((code, &value["day_count"]), (Some(0), &"30e/360".into()), "{said}");
    assert!((value["rate"].as_f64().unwrap() - 0.1).abs() < 1e-9, "{said}");

    let (code, value, said) = rate("2024-01-01,-100\n2025-01-01,-110\n", &[]);
    assert_eq!((code, &value["rate"]), (Some(1), &Value::Null), "{said}");
    assert_eq!(value["unavailable"]["reason"], "one_way", "{said}");

    let (code, _, said) = rate("2024-01-01,-100\n2025-02-29,110\n", &[]);
    assert_eq!(code, Some(2));
    assert!(said.contains("paid.csv:2: \"2025-02-29\" is no date"), "{said}");
    let (code, _, said) = rate("2024-01-01,-100\n", &["--day-count", "act/7"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("there is no day count 'act/7'"), "{said}");
}
