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

const DAYS: &str =
    "date,value,flow\n2026-01-01,177.94,\n2026-02-01,160.26,\n2026-03-01,264.57,84\n2026-04-01,426.82,67\n";

/// What is said of a file, in a folder with others.
fn returned(files: &[(&str, &str)], more: &[&str]) -> (Option<i32>, Value, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, file) in files {
        std::fs::write(folder.path().join(name), file).unwrap();
    }
    let arguments = [&["portfolio", "returns", files[0].0, "--output", "json"], more].concat();
    let output = headroom(&arguments, folder.path());
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default(), said(&output))
}

fn near(value: &Value, expected: f64) {
    assert!((value.as_f64().unwrap() - expected).abs() < 1e-9, "{value} and not {expected}");
}

#[test]
fn the_performance_of_a_portfolio_is_told_from_its_file() {
    let prices = ["06", "07", "08", "09", "12"].iter().zip([41, 40, 43, 42, 44]).map(|(day, price)| {
        let index = 2 * price + 20;
        format!("2026-01-{day},price,ACME,,{price},,USD,,,,\n2026-01-{day},price,INDEX,,{index},,USD,,,,\n")
    });
    let prices = prices.collect::<Vec<_>>().concat();
    let file = format!(
        "{FILE}{prices}2026-01-05,price,ACME,,40.25,,USD,,,,\n2026-01-02,price,INDEX,,100,,USD,,,,\n"
    );
    let labels = ("l.csv", "symbol,sector\nACME,industry\n");
    let options = ["--to", "2026-01-12", "--labels", "l.csv", "--benchmark", "INDEX", "--risk-free", "2%"];
    let (code, told, said) = returned(&[("p.csv", &file), labels], &options);
    assert_eq!(code, Some(0), "{said}");
    // 100 pieces from 40.25 to 44, and a fee.
    assert_eq!((&told["gain"], &told["end_value"]), (&"373.5".into(), &"10373.5".into()), "{said}");
    assert_eq!(told["period"], serde_json::json!({"from": "2026-01-01", "to": "2026-01-12"}));
    near(&told["time_weighted"]["total"], 0.037_35);
    near(&told["linked"]["total"], 0.037_35);
    near(&told["modified_dietz"]["total"], 0.037_35);
    assert_eq!(told["unavailable"]["time_weighted.annualised"]["missing"], false, "{said}");
    near(&told["benchmark"]["benchmark"], 0.08);
    near(&told["risk"]["risk_free"], 0.02);
    assert_eq!(told["by_label"][0]["parts"][1]["name"], "industry", "{said}");
    assert_eq!(told["contributions"][0]["gain"], "373.5", "{said}");
    let (_, asked, said) = returned(&[("p.csv", &file)], &["--to", "2026-01-12", "--annualise-short"]);
    near(&asked["time_weighted"]["annualised"], 1.037_35_f64.powf(365.0 / 11.0) - 1.0);
    assert_eq!(asked["benchmark"], Value::Null, "{said}");
    // On the day of the second purchase there is a price, on that of the split's sale none is newer.
    let (code, stale, said) = returned(&[("p.csv", &file)], &["--to", "2026-02-01", "--stale-after", "7d"]);
    assert_eq!((code, &stale["end_value"]), (Some(1), &Value::Null), "{said}");
    assert_eq!(stale["start_value"], "0", "{said}");
}

#[test]
fn the_return_beyond_a_model_portfolio_is_attributed_to_sectors() {
    let held = |bought: &str, pieces: u32, others: u32, price: u32| {
        format!(
            "date,type,symbol,quantity,price,amount,currency\n2025-12-31,deposit,,,,1000,USD\n2025-12-31,buy,{bought},{pieces},100,,USD\n2025-12-31,buy,Y,{others},100,,USD\n2025-12-31,price,{bought},,100,,USD\n2025-12-31,price,Y,,100,,USD\n2026-01-31,price,{bought},,{price},,USD\n2026-01-31,price,Y,,98,,USD\n"
        )
    };
    let (own, model) = (held("Z", 7, 3, 120), held("X", 5, 5, 110));
    let files = [
        ("own.csv", own.as_str()),
        ("model.csv", model.as_str()),
        ("l.csv", "symbol,sector\nX,energy\nZ,energy\nY,banks\n"),
    ];
    let period = ["--from", "2025-12-31", "--to", "2026-01-31"];
    let beside = ["--benchmark-portfolio", "model.csv", "--labels", "l.csv", "--attribute-by", "sector"];
    let (code, told, said) = returned(&files, &[&period[..], &beside[..]].concat());
    assert_eq!(code, Some(0), "{said}");
    let attribution = &told["attribution"];
    near(&attribution["active"], 0.134 - 0.04);
    assert_eq!(attribution["segments"][1]["name"], "energy", "{said}");
    near(&attribution["segments"][1]["selection"], 0.5 * (0.2 - 0.1));
    near(&told["benchmark"]["benchmark"], 0.04);
    let days = [("d.csv", DAYS), files[1]];
    let (code, _, said) = returned(&days, &["--benchmark-portfolio", "model.csv"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("tells values of the whole only"), "{said}");
}

#[test]
fn returns_are_told_from_values_and_flows_alone() {
    let (code, told, said) = returned(&[("d.csv", DAYS)], &["--frequency", "month"]);
    assert_eq!(code, Some(0), "{said}");
    let total: f64 = 160.26 / 177.94 * 264.57 / (160.26 + 84.0) * 426.82 / (264.57 + 67.0) - 1.0;
    near(&told["time_weighted"]["total"], total);
    assert_eq!((&told["inflows"], &told["contributions"]), (&"151".into(), &Value::Null), "{said}");
    assert!(
        told["unavailable"]["contributions"]["reason"].as_str().unwrap().contains("single symbols"),
        "{said}"
    );
    let index = "date,value\n2026-01-01,100\n2026-02-01,98\n2026-03-01,104\n2026-04-01,110\n";
    let (code, beside, said) =
        returned(&[("d.csv", DAYS), ("i.csv", index)], &["--frequency", "month", "--benchmark", "i.csv"]);
    assert_eq!(code, Some(0), "{said}");
    near(&beside["benchmark"]["active"], total - 0.1);
    let apart = "date,value,inflow,outflow\n2026-01-01,100,,\n2026-01-02,110,100,100\n";
    let (_, told, said) = returned(&[("d.csv", apart)], &["--large-flow", "5%"]);
    near(&told["time_weighted"]["total"], 210.0 / 200.0 - 1.0);
    assert_eq!(told["linked"]["large_flow"], 0.05, "{said}");
}

#[test]
fn returns_that_cannot_be_told_say_why() {
    let (code, told, said) =
        returned(&[("d.csv", "date,value,flow\n2026-01-01,100,\n2026-01-02,,5\n2026-01-03,120,9\n")], &[]);
    assert_eq!((code, &told["time_weighted"]["total"]), (Some(1), &Value::Null), "{said}");
    assert_eq!(told["gain"], "6", "{said}");
    for (file, options, expected) in [
        (
            DAYS,
            &["--benchmark", "SPY"][..],
            "--benchmark SPY is no file, and there are no prices of such a symbol in d.csv",
        ),
        (
            DAYS,
            &["--from", "2026-02-01", "--to", "2026-02-01"],
            "--from 2026-02-01 is not before --to 2026-02-01",
        ),
        (DAYS, &["--risk-free", "much"], "'much' is no rate: write 0.02 or 2%"),
        (DAYS, &["--frequency", "hour"], "none of trading-day, day, week, month, year"),
        (
            "date,value\n2026-01-01,1\n2026-01-01,2\n",
            &[],
            "d.csv:3: column date: 2026-01-01 is there a second time",
        ),
        ("date,value,flow\n2026-01-01,1,x\n", &[], "d.csv:2: column flow: \"x\" is no number"),
        ("date,value,outflow\n2026-01-01,1,-5\n", &[], "d.csv:2: column outflow: -5 is below zero"),
        (
            "date,amount\n2026-01-01,1\n",
            &[],
            "d.csv:1: the header has neither a column type (a line an event) nor value (a line a day)",
        ),
    ] {
        let (code, _, said) = returned(&[("d.csv", file)], options);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(expected), "{said} and not {expected}");
    }
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
