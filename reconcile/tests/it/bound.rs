//! Memory stays within its budget, whatever there is to compare.

use std::process::Command;

use headroom_reconcile::{Options, Record, reconcile};

const BUDGET: usize = 16 << 20;
const EVENTS: u64 = 60_000;

/// Events of about 800 bytes: on both sides together six times the budget.
fn stream(missing: u64) -> impl Iterator<Item = headroom_reconcile::Result<Record>> {
    (0..EVENTS).filter(move |number| !number.is_multiple_of(missing)).map(|number| {
        // In an order that has nothing to do with the key.
        let number = number.wrapping_mul(7_919) % EVENTS;
        Ok(Record::at(Some(number as i64 * 1_000_000_000))
            .with("event_id", &format!("event-{number}"))
            .with("transaction_id", &format!("transaction-{number}"))
            .with("customer_id", &format!("customer-{}", number % 50))
            .with("amount", &format!("{number}.25"))
            .with("reference", &"x".repeat(700)))
    })
}

/// The most memory that this process has used, in bytes.
fn most_used() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

/// Runs alone, in a process that `a_comparison_stays_within_its_budget` starts.
#[test]
#[ignore = "measures its process"]
fn measured() {
    // The program itself is not part of the budget: it is loaded before.
    reconcile(stream(7).take(10), stream(9).take(10), Options::new("old", "new", &["transaction_id"]))
        .unwrap();
    let before = most_used();
    let options = Options { memory_bytes: BUDGET, ..Options::new("old", "new", &["transaction_id"]) };
    let report = reconcile(stream(1_000), stream(100), options).unwrap();
    let used = most_used() - before;
    println!("a budget of {BUDGET} bytes, {used} used");
    assert_eq!(report.counts.matched, EVENTS - EVENTS / 100);
    assert_eq!(report.counts.missing, EVENTS / 100 - EVENTS / 1_000);
    assert_eq!(report.compared, ["amount", "customer_id", "reference"]);
    assert!(used <= BUDGET, "{used} bytes for a budget of {BUDGET}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_comparison_stays_within_its_budget() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "bound::measured", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn a_key_that_tells_nothing_apart_is_named() {
    let stream = (0..20_000)
        .map(|number| Ok(Record::at(None).with("currency", "EUR").with("amount", &number.to_string())));
    let options = Options { memory_bytes: 1 << 20, ..Options::new("old", "new", &["currency"]) };
    let error = reconcile(stream, [], options).unwrap_err().to_string();
    assert!(error.contains("events have the key EUR: it does not tell events apart"), "{error}");
}
