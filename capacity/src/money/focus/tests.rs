#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

const SAMPLE: &[u8] = include_bytes!("../../../tests/data/money/focus_1_2.csv");
const HEADER: &str =
    "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ChargeCategory";

fn read(text: &str) -> Result<Charges> {
    Charges::read(text.as_bytes(), "bill.csv")
}

fn error(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

/// A file of one row with further columns and their cells.
fn one(columns: &str, cells: &str) -> String {
    format!("{HEADER}{columns}\n1,2,USD,2026-02-01T00:00:00Z,2026-02-02T00:00:00Z,Usage{cells}\n")
}

#[test]
fn the_sample_is_read_with_every_column() {
    let charges = Charges::read(SAMPLE, "focus_1_2.csv").unwrap();
    assert_eq!((charges.rows().len(), charges.notes().len()), (58, 0));
    let count = |category| charges.rows().iter().filter(|row| row.category == category).count();
    assert_eq!(ChargeCategory::ALL.map(count), [45, 10, 1, 1, 1]);
    let upfront = &charges.rows()[0];
    assert!(upfront.buys_commitment() && upfront.frequency == Some(ChargeFrequency::OneTime));
    assert_eq!((upfront.billed.to_string(), upfront.effective.is_zero()), ("10512".into(), true));
    insta::assert_debug_snapshot!(charges.rows()[2], @r#"
    Charge {
        line: 4,
        billed: 0,
        effective: 31.104,
        contracted: Some(
            51.84,
        ),
        list: Some(
            51.84,
        ),
        currency: "USD",
        billing_start: Some(
            2026-02-01T00:00:00Z,
        ),
        billing_end: Some(
            2026-03-01T00:00:00Z,
        ),
        start: 2026-02-01T00:00:00Z,
        end: 2026-02-02T00:00:00Z,
        category: Usage,
        correction: false,
        frequency: Some(
            UsageBased,
        ),
        commitment: Some(
            Commitment {
                id: "arn:aws:savingsplans::111122223333:savingsplan/5e1b",
                category: Some(
                    "Spend",
                ),
                kind: Some(
                    "Compute Savings Plan",
                ),
                status: Some(
                    Used,
                ),
            },
        ),
        pricing_quantity: Some(
            540,
        ),
        pricing_unit: Some(
            "Hours",
        ),
        consumed_quantity: Some(
            540,
        ),
        consumed_unit: Some(
            "Hours",
        ),
        service_name: Some(
            "Amazon Elastic Compute Cloud",
        ),
        service_category: Some(
            "Compute",
        ),
        resource_id: Some(
            "arn:aws:ec2:eu-west-1:444455556666:instance/i-gateway",
        ),
        resource_name: Some(
            "prod-gateway",
        ),
        resource_type: Some(
            "EC2 Instance",
        ),
        region_id: Some(
            "eu-west-1",
        ),
        sub_account_id: Some(
            "444455556666",
        ),
        sku_id: Some(
            "M6I-LARGE",
        ),
        tags: {
            "env": "prod",
            "service": "gateway",
        },
        custom: [
            (
                "x_Operation",
                "RunInstances",
            ),
            (
                "x_UsageType",
                "EU-BoxUsage:m6i.large",
            ),
        ],
    }
    "#);
}

#[test]
fn columns_are_found_by_name_in_any_order_and_case() {
    let text = "\u{feff}x_Team,chargecategory,Unknown,CHARGEPERIODEND,ChargePeriodStart,billingcurrency,EffectiveCost,BilledCost\n\
                red,usage,1,2026-02-02,2026-02-01,usd,null,0\n";
    assert_eq!(
        error(text),
        "bill.csv, line 2, column EffectiveCost: the cell is empty, but FOCUS allows no null here"
    );
    let charges = read(&text.replace("null", "2.5E-3")).unwrap();
    let row = &charges.rows()[0];
    assert_eq!((row.effective.to_string(), &*row.currency, row.line), ("0.0025".into(), "USD", 2));
    assert_eq!(row.custom, [("x_Team".into(), "red".into())]);
    insta::assert_snapshot!(charges.notes().join("\n"), @r#"
    bill.csv has no column ChargeClass: corrections of earlier bills cannot be told from charges.
    bill.csv has no column BillingPeriodStart: cash is told by the month of the charge.
    bill.csv has no column BillingPeriodEnd: cash is told by the month of the charge.
    bill.csv has no column ServiceName: charges are not named by the provider's services.
    bill.csv has no column Tags: charges are attributed by the names of resources only.
    "#);
}

#[test]
fn nulls_are_empty_or_null() {
    for null in ["", "null", "NULL", " Null "] {
        let charges =
            read(&one(",ServiceName,Tags,ListCost,ChargeClass", &format!(",{null}").repeat(4))).unwrap();
        let row = &charges.rows()[0];
        assert!(row.service_name.is_none() && row.tags.is_empty() && row.list.is_none() && !row.correction);
    }
}

#[test]
fn split_charges_of_focus_1_3_belong_to_what_they_are_split_to() {
    let cells = r#",node-1,pod-7,"{""app"":""node"",""env"":""prod""}","{""app"":""quotes""}""#;
    let charges = read(&one(",ResourceName,AllocatedResourceName,Tags,AllocatedTags", cells)).unwrap();
    let row = &charges.rows()[0];
    assert_eq!(row.resource_name.as_deref(), Some("pod-7"));
    assert_eq!((row.tags["app"].as_str(), row.tags["env"].as_str()), ("quotes", "prod"));
}

#[test]
fn errors_name_the_file_the_line_and_the_column() {
    insta::assert_snapshot!(error(""), @"bill.csv: the columns BilledCost, EffectiveCost, BillingCurrency, ChargePeriodStart, ChargePeriodEnd, ChargeCategory are missing; export the file with all mandatory FOCUS columns");
    insta::assert_snapshot!(error("BilledCost,EffectiveCost,BillingCurrency\n"), @"bill.csv: the columns ChargePeriodStart, ChargePeriodEnd, ChargeCategory are missing; export the file with all mandatory FOCUS columns");
    insta::assert_snapshot!(error(&one(",billedcost", ",1")), @"bill.csv, line 1: the column `billedcost` is there twice; leave one out");
    insta::assert_snapshot!(error(&one(",Tags", "")), @"bill.csv, line 2: the row has 6 cells, but the header has 7; quote cells with commas in them");
    insta::assert_snapshot!(error(&one(",Tags", ",service=a")), @"bill.csv, line 2, column Tags: `service=a` is not a JSON object of tags: expected value at line 1 column 1");
    insta::assert_snapshot!(error(&one(",ListCost", ",$5")), @"bill.csv, line 2, column ListCost: `$5` is not a decimal; write digits with a point, without commas or units");
    insta::assert_snapshot!(error(&one(",ChargeClass", ",Regular")), @"bill.csv, line 2, column ChargeClass: `Regular` is not one of: Correction");
    insta::assert_snapshot!(error(&one("", "").replace("Usage", "Fee")), @"bill.csv, line 2, column ChargeCategory: `Fee` is not one of: Usage, Purchase, Tax, Credit, Adjustment");
    insta::assert_snapshot!(error(&one("", "").replace("USD", "Credits")), @"bill.csv, line 2, column BillingCurrency: `Credits` is not a currency; write its ISO 4217 code, such as USD");
    insta::assert_snapshot!(error(&one("", "").replace("2026-02-02", "2026-01-31")), @"bill.csv, line 2, column ChargePeriodEnd: it lies before ChargePeriodStart");
    insta::assert_snapshot!(error(&one("", "").replace("2026-02-02", "2126-01-31")), @"bill.csv, line 2, column ChargePeriodEnd: it lies more than 10 years after the start");
}

#[test]
fn rows_that_never_end_and_bytes_that_are_no_text_are_refused() {
    let endless = format!("{}\"{}", one(",Tags", ",").trim_end(), "x".repeat(3 << 20));
    insta::assert_snapshot!(error(&endless), @"bill.csv, line 2: could not read on: the row is longer than 1 MiB; a quote may not be closed");
    let mut bytes = one(",ServiceName,Other", ",a,").into_bytes();
    let end = bytes.len() - 1;
    bytes.insert(end, 0xff);
    assert!(Charges::read(&bytes[..], "bill.csv").is_ok(), "columns that are not needed may hold anything");
    bytes[end - 2] = 0xff;
    insta::assert_snapshot!(Charges::read(&bytes[..], "bill.csv").unwrap_err(), @"bill.csv, line 2, column ServiceName: the cell is not UTF-8; save the file as UTF-8");
    // Rows after the first that is wrong are not read.
    let mut reader = Reader::new("BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ChargeCategory\nx\n1,1,USD,2026-01-01,2026-01-02,Tax\n".as_bytes(), "a").unwrap();
    assert!(reader.next().unwrap().is_err() && reader.next().is_none());
}

#[test]
fn files_are_put_together_up_to_the_limit() {
    let mut charges = read(&one("", "")).unwrap();
    charges.append(read(&one(",ChargeClass", ",Correction")).unwrap()).unwrap();
    assert_eq!((charges.rows().len(), charges.notes().len()), (2, 9));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = Charges::read(&bytes[..], "bytes");
        let _ = Charges::read([HEADER.as_bytes(), b"\n", &bytes].concat().as_slice(), "bytes");
    }

    #[test]
    fn damaged_files_are_read_or_refused(at in 0..SAMPLE.len(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = SAMPLE.to_vec();
        bytes[at] = byte;
        if cut {
            bytes.truncate(at);
        }
        let _ = Charges::read(&bytes[..], "bytes");
    }
}
