use chrono::DateTime;
use proptest::prelude::*;

use super::*;

#[test]
fn strings_are_closed_and_escaped() {
    assert_eq!(string("it's"), r"'it\'s'");
    assert_eq!(string("a\\b\n\0\u{1}"), r"'a\\b\n\0\x01'");
    assert_eq!(string("naïve ✓ ?"), "'naïve ✓ ?'");
    assert_eq!(ident("we`ird"), r"`we\`ird`");
}

#[test]
fn numbers_and_times() {
    assert_eq!(int(-5), "(-5)");
    assert_eq!(int(i64::MIN), "(-9223372036854775808)");
    assert_eq!(uint(u64::MAX), "18446744073709551615");
    assert_eq!(float(0.1), "0.1");
    assert_eq!(float(-2.0), "(-2.0)");
    assert_eq!(float(f64::NAN), "nan");
    assert_eq!(float(f64::NEG_INFINITY), "(-inf)");
    let at = DateTime::from_timestamp_nanos(1_700_000_000_000_000_001);
    assert_eq!(ts(at), "fromUnixTimestamp64Nano(1700000000000000001,'UTC')");
}

#[test]
fn ids_must_be_whole() {
    assert_eq!(span_id("00F067aa0ba902b7").as_deref(), Some("unhex('00f067aa0ba902b7')"));
    assert_eq!(trace_id("00f067aa0ba902b7"), None);
    assert_eq!(trace_id("') OR 1=1 --"), None);
}

#[test]
fn moments_in_lists_are_texts_of_the_same_moment() {
    let at = DateTime::from_timestamp_nanos(1_700_000_000_000_000_001);
    assert_eq!(ts_in_list(at), "'2023-11-14 22:13:20.000000001'");
    // A text of such a year would be read as another one, or not at all.
    for second in [-1, -5_000_000_000, 7_300_000_000] {
        let far = DateTime::from_timestamp(second, 0).unwrap();
        assert_eq!(ts_in_list(far), ts(far));
    }
}

#[test]
fn lists() {
    assert_eq!(tuple([string("a"), string("b")]), "('a','b')");
    assert_eq!(tuple(Vec::<String>::new()), "(NULL)");
    assert_eq!(array([1, 2]), "[1,2]");
}

/// Reads a literal back by ClickHouse's rules.
fn unescape(literal: &str) -> String {
    let inner = &literal[1..literal.len() - 1];
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        assert_ne!(c, '\'', "a bare quote would end the literal");
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next().expect("nothing after a backslash") {
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            '0' => out.push('\0'),
            'x' => {
                let digits: String = chars.by_ref().take(2).collect();
                out.push(char::from(u8::from_str_radix(&digits, 16).expect("two hex digits")));
            }
            other => out.push(other),
        }
    }
    out
}

proptest! {
    #[test]
    fn any_string_comes_back(value in any::<String>()) {
        prop_assert_eq!(unescape(&string(&value)), value);
    }

    #[test]
    fn any_float_comes_back(bits in any::<u64>()) {
        let value = f64::from_bits(bits);
        let text = float(value);
        let text = text.trim_start_matches('(').trim_end_matches(')');
        let read: f64 = text.parse().expect("a float");
        prop_assert!(read == value || (read.is_nan() && value.is_nan()));
    }
}
