#![allow(clippy::unwrap_used)]
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use proptest::prelude::*;

use super::volume::{step_seconds, stretches};
use super::{Before, Level, Search};
use crate::lookup::mask_addresses;
use crate::range::TimeRange;
use crate::scan::ScanQuery;

/// What a search becomes, without what every search has.
fn sql(text: &str) -> String {
    let scan = ScanQuery::aggregate("acme", "logs").filter(Search::parse(text).unwrap().filter());
    let sql = scan.sql("logs");
    let from = sql.find("AND ").unwrap() + 4;
    sql[from..sql.find(" SETTINGS").unwrap()].replace("t.`body`", "body").replace("lowerUTF8(body)", "words")
}

fn refused(text: &str) -> String {
    let error = Search::parse(text).unwrap_err();
    format!("{error}; {}", error.hint())
}

#[test]
fn a_search_is_read_as_it_is_written() {
    let read = [
        "",
        "Timed OUT",
        "\"timed out\"",
        "ord-32f6",
        "time*",
        "-retry refused",
        "refused OR declined OR -ok venue",
        "service:order level:error",
        "http.route:/pay order.id:* -note:\"a \\\"b\\\"\"",
        "http://host/x 10:30",
        "customer:c-1 event:order.filled",
        "Größe ΟΔΟΣ",
        "it's \\",
        "\"OR\"",
        "!!",
    ];
    let lines: Vec<String> = read.iter().map(|text| format!("{text}  =>  {}", sql(text))).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_cannot_be_searched_is_refused_with_a_way_out() {
    let sentences: Vec<String> = [
        "\"open",
        "OR refused",
        "refused OR",
        "a OR OR b",
        "level:loud",
        "trace:xyz",
        "customer.email:jane@doe.com",
        "http.route:/pay*",
    ]
    .map(refused)
    .into();
    insta::assert_snapshot!(sentences.join("\n"));
    assert!(refused(&"a".repeat(1_001)).contains("1000"));
    assert!(refused(&"a ".repeat(33)).contains("33 words"));
}

#[test]
fn addresses_in_a_text_are_masked() {
    assert_eq!(mask_addresses("mail to jane.doe@mail.example.com, sent"), "mail to j***@m***.com, sent");
    assert_eq!(mask_addresses("<a@b.de>;x=c@d.org!"), "<a***@b***.de>;x=c***@d***.org!");
    assert_eq!(mask_addresses("@midnight user@ a@"), "@midnight user@ a@");
    assert_eq!(mask_addresses("nothing here"), "nothing here");
}

#[test]
fn places_are_read_as_they_are_written() {
    assert_eq!(Before::parse("17.3").unwrap().to_string(), "17.3");
    for nonsense in ["", "17", "x.1", "1.x", "1.1001", "1.2.3"] {
        assert_eq!(Before::parse(nonsense).unwrap_err().code(), "bad_request", "{nonsense}");
    }
}

fn at(second: i64) -> DateTime<Utc> {
    Utc.timestamp_opt(second, 0).unwrap()
}

proptest! {
    #[test]
    fn stretches_cover_the_range_once(from in 1_700_000_000_i64..1_700_100_000, length in 1_i64..3_000_000) {
        let range = TimeRange { from: at(from), to: at(from + length) };
        let step = step_seconds(&range);
        let cut = stretches(&range, step);
        prop_assert_eq!(cut.first().unwrap().to, range.to);
        prop_assert_eq!(cut.last().unwrap().from, range.from);
        prop_assert!(cut.windows(2).all(|pair| pair[0].from == pair[1].to && pair[0].from.timestamp() % step == 0));
        prop_assert!(cut.len() <= 8);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        if let Ok(search) = Search::parse(&text) {
            let _ = ScanQuery::rows("acme", "logs").filter(search.filter()).sql("logs");
        }
    }

    #[test]
    fn no_address_stays(user in "[a-z]{2,8}", host in "[a-z]{2,8}", around in "[ ,;<>()a-z]{0,10}") {
        let address = format!("{user}@{host}.com");
        let around = format!("{around} ");
        let text = mask_addresses(&format!("{around}{address} {around}"));
        prop_assert!(!text.contains(&address));
    }
}

#[test]
fn levels_are_in_order() {
    assert!(Level::ALL.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(step_seconds(&TimeRange::new(at(0), at(3600)).unwrap()), 30);
    assert_eq!(step_seconds(&TimeRange { from: at(0), to: at(0) + TimeDelta::days(30) }), 21_600);
}
