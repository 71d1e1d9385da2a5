use rust_decimal::Decimal;

use super::*;
use crate::book::{Method, Movement, Side, Terms, Trade, View, book, value};

fn refused(text: &str) -> String {
    read("trades.csv", text.as_bytes(), None).unwrap_err().to_string()
}

#[test]
fn columns_may_stand_in_any_order_and_be_left_out() {
    let text = "\u{feff}Type,DATE,currency,Price,quantity,symbol,note\r\n\r\nBuy,2026-01-02T09:30:00+01:00, USD ,10.50,2,ACME,\"first, of many\"\r\n";
    let entries = read("a.csv", text.as_bytes(), None).unwrap();
    let expected = Trade {
        symbol: "ACME".to_owned(),
        side: Side::Buy,
        quantity: Decimal::TWO,
        price: Decimal::new(105, 1),
        currency: "USD".to_owned(),
        fee: Decimal::ZERO,
        lots: Vec::new(),
    };
    assert_eq!(entries[0].movement, Movement::Trade(expected));
    assert_eq!(entries[0].ts, moment("2026-01-02 08:30").unwrap());
    assert_eq!(entries[0].event_id, "2026-01-02T09:30:00+01:00 Buy ACME 2 10.50 USD");
}

#[test]
fn lines_without_an_id_all_count_wherever_they_stand() {
    let lines = ["2026-01-02,deposit,5,USD,", "2026-01-02,deposit,5,USD,again", "2026-01-02,deposit,6,USD,"];
    let of = |lines: &[&str]| {
        let text = format!("date,type,amount,currency,note\n{}", lines.join("\n"));
        let mut entries = read("a.csv", text.as_bytes(), None).unwrap();
        entries.sort_by(|a, b| a.event_id.cmp(&b.event_id));
        entries
    };
    let entries = of(&lines);
    let ids: Vec<&str> = entries.iter().map(|entry| entry.event_id.as_str()).collect();
    let (five, six) = ("2026-01-02 deposit 5 USD", "2026-01-02 deposit 6 USD");
    assert_eq!(ids, [five, "2026-01-02 deposit 5 USD #2", six]);
    assert_eq!(of(&[lines[2], lines[1], lines[0]]), entries);
    assert_eq!(book(&entries, Terms::default()).purses["USD"].cash, Decimal::from(16));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let all = "date,type,symbol,quantity,price,amount,currency,fee,id,ref,note\n";
    let line = |line: &str| refused(&format!("{all}2026-01-01,deposit,,,,1,USD,,,,\n{line}"));
    let told = [
        refused("date,symbol\n"),
        refused("date,type,colour\n"),
        refused("date,type,Date\n"),
        refused("date,type\n2026-01-01\n"),
        line("yesterday,deposit,,,,1,USD,,,,"),
        line("2026-01-01,gift,,,,1,USD,,,,"),
        line("2026-01-01,,,,,1,USD,,,,"),
        line("2026-01-01,buy,,1,1,,USD,,,,"),
        line("2026-01-01,buy,X,0,1,,USD,,,,"),
        line("2026-01-01,buy,X,\"1,000\",1,,USD,,,,"),
        line("2026-01-01,buy,X,1,-1,,USD,,,,"),
        line("2026-01-01,buy,X,1,,,USD,,,,"),
        line("2026-01-01,buy,X,1,1,1,USD,,,,"),
        line("2026-01-01,buy,X,1,1,,,,,,"),
        line("2026-01-01,buy,X,1,1,,us$,,,,"),
        line("2026-01-01,buy,X,1,1,,USD,,,lot,"),
        line("2026-01-01,sell,X,1,1,,USD,,,lot:x,"),
        line("2026-01-01,deposit,,,,-5,USD,,,,"),
        line("2026-01-01,deposit,X,,,5,USD,,,,"),
        line("2026-01-01,fee,,,,0.12345678901234567890123456789,USD,,,,"),
        line("2026-01-01,fx,EURO/USD/X,,1,,,,,,"),
        line("2026-01-01,fx,EUR,,0,,USD,,,,"),
        line("2026-01-01,correction,,,,,,,,a,"),
        line("2026-01-01,cancel,,,,,,,,,"),
        line("2026-01-01,symbol_change,X,,,,,,,,"),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    trades.csv:1: the header has no column type
    trades.csv:1: there is no column "colour" in such a file
    trades.csv:1: the column date is there twice
    trades.csv:2: the header has 2 fields and this line 1
    trades.csv:3: column date: "yesterday" is no date: write 2026-11-20, 2026-11-20 09:30:00 or 2026-11-20T09:30:00Z
    trades.csv:3: column type: "gift" is none of buy, sell, sell_short, buy_to_cover, deposit, withdrawal, fee, tax, interest, dividend, split, symbol_change, correction, cancel, price, fx
    trades.csv:3: column type: is empty: write one of buy, sell, sell_short, buy_to_cover, deposit, withdrawal, fee, tax, interest, dividend, split, symbol_change, correction, cancel, price, fx
    trades.csv:3: column symbol: is empty
    trades.csv:3: column quantity: "0" is not above zero
    trades.csv:3: column quantity: "1,000" is no number such as 1234.56
    trades.csv:3: column price: -1 is below zero
    trades.csv:3: column price: is empty
    trades.csv:3: column amount: is given beside a price: write one of the two
    trades.csv:3: column currency: is empty, and none is given for the whole file
    trades.csv:3: column currency: "us$" is no currency: write three capital letters
    trades.csv:3: column ref: a line of type buy has no ref
    trades.csv:3: column ref: "lot:x" is no lot with a number of pieces above zero
    trades.csv:3: column amount: "-5" is not above zero
    trades.csv:3: column symbol: a line of type deposit has no symbol
    trades.csv:3: column amount: "0.12345678901234567890123456789" has more than 28 digits
    trades.csv:3: column symbol: "EURO/USD/X" is not EUR or EUR/USD
    trades.csv:3: column price: "0" is not above zero
    trades.csv:3: a correction says which figure is to be another
    trades.csv:3: column ref: is empty
    trades.csv:3: column ref: is empty
    "#);
}

#[test]
fn labels_are_read_by_symbol() {
    let labels = read_labels("l.csv", "Symbol,sector\nX,energy\nY,\n".as_bytes()).unwrap();
    assert_eq!(labels["X"]["sector"], "energy");
    assert!(labels["Y"].is_empty());
    let wrong = |text: &str| read_labels("l.csv", text.as_bytes()).unwrap_err().to_string();
    assert_eq!(wrong("sector\nenergy\n"), "l.csv:1: the header has no column symbol");
    assert_eq!(wrong("symbol,sector\nX,a\nX,b\n"), "l.csv:3: column symbol: X is there a second time");
    assert_eq!(wrong("symbol,sector\n,a\n"), "l.csv:2: column symbol: is empty");
}

#[test]
fn the_header_says_of_what_a_file_tells() {
    let days = "\u{feff}\nDate, VALUE ,inflow,outflow\n2026-01-02,,5,\n2026-01-01,100,,2.5\n";
    let Ok(Contents::Days(days)) = read_either("d.csv", days.as_bytes(), None) else { panic!("no days") };
    let told: Vec<String> = days
        .iter()
        .map(|day| format!("{} {:?} {} {}", day.date, day.value, day.inflow, day.outflow))
        .collect();
    assert_eq!(told, ["2026-01-01 Some(100) 0 2.5", "2026-01-02 None 5 0"]);
    let flows = read_days("d.csv", "date,flow,value\n2026-01-01,-3,1\n2026-01-02,,1\n".as_bytes()).unwrap();
    assert_eq!((flows[0].inflow, flows[0].outflow), (Decimal::ZERO, Decimal::from(3)));
    assert_eq!((flows[1].inflow, flows[1].outflow), (Decimal::ZERO, Decimal::ZERO));
    let events =
        read_either("p.csv", "date,type,amount,currency\n2026-01-01,deposit,1,USD\n".as_bytes(), None);
    assert!(matches!(events, Ok(Contents::Entries(entries)) if entries.len() == 1));
    let wrong = |text: &str| read_either("d.csv", text.as_bytes(), None).unwrap_err().to_string();
    let told = [
        wrong("date,amount\n"),
        wrong(""),
        wrong("date,value,colour\n"),
        wrong("date,value\n2026-01-01 10:00,1\n"),
        wrong("date,value\n2026-01-01,1\n2026-01-01,1\n"),
        wrong("date,value,inflow\n2026-01-01,1,-1\n"),
        wrong("date,value,flow,inflow\n2026-01-01,1,1,1\n"),
        read_values("i.csv", "date,value\n2026-01-01,0\n".as_bytes()).unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(told.join("\n"), @r#"
    d.csv:1: the header has neither a column type (a line an event) nor value (a line a day)
    d.csv:1: the header has no column date
    d.csv:1: there is no column "colour" in such a file
    d.csv:2: column date: "2026-01-01 10:00" is no date: write 2026-11-20
    d.csv:3: column date: 2026-01-01 is there a second time
    d.csv:2: column inflow: -1 is below zero; the column flow has signs
    d.csv:2: column inflow: is given beside a flow: write one of the two
    i.csv:2: column value: "0" is not above zero
    "#);
}

#[test]
fn a_date_is_its_start_and_up_to_it_is_its_end() {
    assert_eq!(moment("2026-01-02"), moment("2026-01-02T00:00:00Z"));
    assert_eq!(moment_or_end("2026-01-02").unwrap().to_rfc3339(), "2026-01-02T23:59:59.999999999+00:00");
    assert_eq!(moment_or_end("2026-01-02 10:00"), moment("2026-01-02 10:00"));
    for wrong in ["", "now", "02.01.2026", "2026-13-01"] {
        assert_eq!(moment(wrong), None);
    }
}

#[test]
fn the_example_of_the_manual_is_valued_as_it_says() {
    let manual = include_str!("../../../docs/portfolio.md");
    let section = manual.split("## A portfolio in a file").nth(1).unwrap();
    let file = section.split("```csv\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let entries = read("portfolio.csv", file.as_bytes(), None).unwrap();
    let terms = Terms { method: Method::Specific, ..Terms::default() };
    let valuation = value(&entries, moment_or_end("2026-03-31").unwrap(), terms, &View::default());
    // 40 pieces at 22 and 20 at 20.125, sold at 25.10.
    assert_eq!(valuation.positions[0].realised, Some("223.5".parse().unwrap()));
    assert_eq!(valuation.totals.value, Some("11564.5".parse().unwrap()));
    assert!(valuation.unavailable.is_empty() && valuation.flags.is_empty(), "{valuation}");
}
