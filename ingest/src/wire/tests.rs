#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::{Reader, Wire, Writer, zigzag};

#[test]
fn reads_each_wire_type_and_skips_groups() {
    let mut w = Writer::new();
    w.varint(1, 300);
    w.fixed64(2, 7);
    w.bytes(3, b"abc");
    w.fixed32(4, 9);
    let mut bytes = w.finish();
    // group 9 { varint 1 = 5 } then varint 5 = 1
    bytes.extend_from_slice(&[0x4b, 0x08, 0x05, 0x4c, 0x28, 0x01]);
    let mut r = Reader::new(&bytes);
    let mut seen = Vec::new();
    while let Some(f) = r.next_field().unwrap() {
        seen.push(f.number);
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
}

#[test]
fn names_what_was_wrong_and_where() {
    let error = |bytes: &[u8]| {
        let mut r = Reader::new(bytes);
        loop {
            match r.next_field() {
                Ok(Some(_)) => {}
                Ok(None) => return String::new(),
                Err(e) => return e.inside_at("spans", 3).to_string(),
            }
        }
    };
    insta::assert_snapshot!(error(&[0x0a, 0x05, 1, 2]), @"spans[3]: a length of 5 runs past the end (2 left) at byte 1");
    insta::assert_snapshot!(error(&[0x08, 0x80]), @"spans[3]: a varint is cut off at byte 1");
    insta::assert_snapshot!(error(&[0x09, 1]), @"spans[3]: an 8-byte value is cut off at byte 1");
    insta::assert_snapshot!(error(&[0x00]), @"spans[3]: field number 0 is out of range at byte 0");
    insta::assert_snapshot!(error(&[0x0e]), @"spans[3]: wire type 6 does not exist here at byte 0");
    insta::assert_snapshot!(error(&[0x0b, 0x08]), @"spans[3]: a varint is cut off at byte 2");
    insta::assert_snapshot!(
        error(&[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]),
        @"spans[3]: a varint is longer than 64 bits at byte 1"
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read(v: u64, s: i64, b: Vec<u8>, inner: Vec<u8>) {
        let mut w = Writer::new();
        w.varint(1, v);
        w.sint(2, s);
        w.bytes(3, &b);
        let mark = w.open(4);
        w.bytes(1, &inner);
        w.close(mark);
        let bytes = w.finish();
        let mut r = Reader::new(&bytes);
        prop_assert_eq!(r.next_field().unwrap().unwrap().value, Wire::Varint(v));
        prop_assert_eq!(zigzag(r.next_field().unwrap().unwrap().varint().unwrap()), s);
        prop_assert_eq!(r.next_field().unwrap().unwrap().bytes().unwrap(), &b[..]);
        let nested = r.next_field().unwrap().unwrap().chunk().unwrap();
        prop_assert_eq!(Reader::of(nested).next_field().unwrap().unwrap().bytes().unwrap(), &inner[..]);
        prop_assert!(r.is_empty());
    }

    #[test]
    fn never_panics_on_noise(bytes: Vec<u8>) {
        let mut r = Reader::new(&bytes);
        while let Ok(Some(_)) = r.next_field() {}
    }
}

#[test]
fn a_long_path_is_shown_by_its_ends() {
    let mut error = super::WireError::new(7, "odd");
    for _ in 0..40 {
        error = error.inside("\u{e9}value");
    }
    let shown = error.inside_at("spans", 3).to_string();
    assert!(
        shown.starts_with("spans[3].\u{e9}value.") && shown.ends_with(".\u{e9}value: odd at byte 7"),
        "{shown}"
    );
    assert!(shown.contains(" .. ") && shown.len() < 150, "{shown}");
    let short = super::WireError::new(7, "odd").inside(&"x".repeat(120)).to_string();
    assert!(!short.contains(".."), "{short}");
}
