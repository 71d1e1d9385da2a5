//! Faults planted into a stream are found, and nothing else is, whatever the order.

use std::collections::BTreeMap;

use headroom_reconcile::{Counts, Options, Record, Report, Tolerance, reconcile};
use proptest::prelude::*;

const SECOND: i64 = 1_000_000_000;

/// What happens to one payment on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Rescaled,
    WithinTolerance,
    Missing,
    Extra,
    Amount,
    FieldLost,
    Late,
    ResentLeft,
    DuplicateRight,
    PaidTwice,
    Unkeyed,
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    use Fault::*;
    let fault = prop::sample::select(vec![
        None,
        None,
        None,
        Rescaled,
        WithinTolerance,
        Missing,
        Extra,
        Amount,
        FieldLost,
        Late,
        ResentLeft,
        DuplicateRight,
        PaidTwice,
        Unkeyed,
    ]);
    prop::collection::vec(fault, 1..80)
}

/// Keys that differ in one part only, and not in ASCII alone: `zahlung-ö-3`, in two currencies.
fn payment(number: usize, side: &str, time: i64) -> Record {
    Record::at(Some(time))
        .with("event.id", &format!("{side}-{number}"))
        .with("transaction.id", &format!("zahlung-ö-{}", number / 2))
        .with("currency", if number.is_multiple_of(2) { "EUR" } else { "日本" })
        .with("customer.id", &format!("cus-{number}"))
        .with("amount", &format!("{number}.50"))
        .with("fee", "1.00")
        .with("status", "sent")
}

fn plant(faults: &[Fault]) -> (Vec<Record>, Vec<Record>) {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (number, fault) in faults.iter().enumerate() {
        // Far enough apart that only what is planted is suspect.
        let time = number as i64 * 600 * SECOND;
        let (old, new) = (payment(number, "l", time), payment(number, "r", time + SECOND));
        match fault {
            Fault::None => {
                left.push(old);
                right.push(new);
            }
            Fault::Rescaled => {
                left.push(old);
                right.push(other(&new, "amount", &format!("{number}.5000")));
            }
            Fault::WithinTolerance => {
                left.push(old);
                right.push(other(&new, "fee", "1.01"));
            }
            Fault::Missing => left.push(old),
            Fault::Extra => right.push(new),
            Fault::Amount => {
                left.push(old);
                right.push(other(&new, "amount", &format!("{number}.51")));
            }
            Fault::FieldLost => {
                left.push(old);
                right.push(other(&new, "status", ""));
            }
            Fault::Late => {
                left.push(old);
                let mut late = new;
                late.time = Some(time + 31 * SECOND);
                right.push(late);
            }
            Fault::ResentLeft => {
                left.extend([old.clone(), old.clone(), old]);
                right.push(new);
            }
            Fault::DuplicateRight => {
                left.push(old);
                right.push(other(&new, "status", "booked").with("event_id", "again"));
                right.push(new);
            }
            Fault::PaidTwice => {
                let again = |mut record: Record, apart: i64| {
                    record.time = record.time.map(|time| time + apart * SECOND);
                    let id = format!("{}-again", record.id.clone().unwrap());
                    other(&record, "transaction_id", &format!("twice-{number}")).with("event_id", &id)
                };
                left.extend([old.clone(), again(old, 60)]);
                right.extend([again(new.clone(), 59), new]);
            }
            Fault::Unkeyed => {
                left.push(other(&old, "currency", ""));
                right.push(other(&new, "transaction_id", ""));
            }
        }
    }
    (left, right)
}

/// The record with another value in a field; '' takes it away.
fn other(record: &Record, changed: &str, text: &str) -> Record {
    let names = ["transaction_id", "currency", "customer_id", "amount", "fee", "status"];
    let start = Record::at(record.time).with("event_id", record.id.as_deref().unwrap_or_default());
    names.iter().fold(start, |made, name| {
        made.with(name, if *name == changed { text } else { record.text(name).unwrap_or_default() })
    })
}

fn options() -> Options {
    let (name, fee) = Tolerance::parse("fee=0.01").unwrap();
    Options {
        examples: 1_000,
        tolerance: BTreeMap::from([(name, fee)]),
        compare: ["amount", "fee", "status"].map(str::to_owned).to_vec(),
        ..Options::new("old", "new", &["transaction_id", "currency"])
    }
}

fn compared(left: &[Record], right: &[Record], options: Options) -> Report {
    reconcile(left.iter().cloned().map(Ok), right.iter().cloned().map(Ok), options).unwrap()
}

fn numbers(faults: &[Fault], wanted: Fault) -> Vec<usize> {
    faults.iter().enumerate().filter(|(_, fault)| **fault == wanted).map(|(number, _)| number).collect()
}

fn key(number: usize) -> Vec<String> {
    let payment = payment(number, "", 0);
    ["transaction_id", "currency"].map(|name| payment.text(name).unwrap().to_owned()).to_vec()
}

proptest! {
    #[test]
    fn exactly_what_was_planted_is_found(faults in faults(), shuffle in any::<u64>()) {
        let (mut left, mut right) = plant(&faults);
        let report = compared(&left, &right, options());
        let count = |wanted: Fault| numbers(&faults, wanted).len() as u64;
        prop_assert_eq!(report.counts, Counts {
            matched: count(Fault::None) + count(Fault::Rescaled) + count(Fault::WithinTolerance)
                + count(Fault::Late) + count(Fault::ResentLeft) + count(Fault::DuplicateRight)
                + 2 * count(Fault::PaidTwice),
            different: count(Fault::Amount) + count(Fault::FieldLost),
            missing: count(Fault::Missing),
            extra: count(Fault::Extra),
            late: count(Fault::Late),
            ..Counts::default()
        });
        let keys = |events: &[headroom_reconcile::Event]| events.iter().map(|event| event.key.clone()).collect::<Vec<_>>();
        let expected = |wanted| numbers(&faults, wanted).into_iter().map(key).collect::<Vec<_>>();
        prop_assert_eq!(keys(&report.examples.missing), expected(Fault::Missing));
        prop_assert_eq!(keys(&report.examples.extra), expected(Fault::Extra));
        let late: Vec<_> = report.examples.late.iter().map(|late| (late.left.key.clone(), late.by.clone())).collect();
        prop_assert_eq!(late, expected(Fault::Late).into_iter().map(|key| (key, "31 s".to_owned())).collect::<Vec<_>>());
        let amounts: Vec<_> = report.examples.different.iter()
            .filter(|found| found.fields[0].field == "amount")
            .map(|found| (found.left.key.clone(), found.fields[0].difference.clone().unwrap()))
            .collect();
        prop_assert_eq!(amounts, expected(Fault::Amount).into_iter().map(|key| (key, "+0.01".to_owned())).collect::<Vec<_>>());
        let duplicates: Vec<_> = report.examples.duplicates.iter().map(|found| found.first.key.clone()).collect();
        prop_assert_eq!(duplicates, expected(Fault::DuplicateRight));
        prop_assert_eq!((report.left.duplicates, report.right.duplicates), (0, count(Fault::DuplicateRight)));
        prop_assert_eq!((report.left.resent, report.right.resent), (2 * count(Fault::ResentLeft), 0));
        prop_assert_eq!((report.left.suspects, report.right.suspects), (count(Fault::PaidTwice), count(Fault::PaidTwice)));
        prop_assert_eq!((report.left.unkeyed, report.right.unkeyed), (count(Fault::Unkeyed), count(Fault::Unkeyed)));
        shuffled(&mut left, shuffle);
        shuffled(&mut right, shuffle.wrapping_mul(31));
        prop_assert_eq!(compared(&left, &right, options()), report);
    }
}

fn shuffled(records: &mut [Record], seed: u64) {
    let mut state = seed | 1;
    for at in (1..records.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        records.swap(at, (state >> 33) as usize % (at + 1));
    }
}
