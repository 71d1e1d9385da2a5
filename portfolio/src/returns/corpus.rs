//! The recorded cash flows of pyxirr (public domain), where they are at hand.

use super::{DayCount, read_payments, xirr};
use std::io::Write as _;
use std::path::Path;

/// Rates are compared to this.
const OFF: f64 = 1e-6;

#[test]
fn recorded_flows_have_the_rates_of_pyxirr() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/returns");
    let Ok(expected) = std::fs::read_to_string(folder.join("xirr_expected.csv")) else {
        // Past the harness, which hides what passing tests print.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED, the rates are not checked: {} is not there",
            folder.display()
        );
        return;
    };
    let (mut found, mut none) = (0, 0);
    for line in expected.lines().skip(1) {
        let (file, rate) = line.split_once(',').unwrap();
        let payments =
            read_payments(file, std::fs::File::open(folder.join("xirr").join(file)).unwrap()).unwrap();
        let told = xirr(&payments, DayCount::Act365Fixed);
        match rate.parse::<f64>().unwrap() {
            rate if rate.is_nan() => {
                assert!(told.is_err(), "{file}: {told:?} where no rate balances");
                none += 1;
            }
            rate => {
                let told = told.unwrap_or_else(|error| panic!("{file}: {error}"));
                assert!((told.rate - rate).abs() < OFF, "{file}: {} and not {rate}", told.rate);
                found += 1;
            }
        }
    }
    assert!(found == 26 && none == 4, "{found} with a rate, {none} without");
}
