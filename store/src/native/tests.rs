use proptest::prelude::*;

use super::*;

#[test]
fn a_block_has_the_documented_bytes() {
    let mut name = Strings::new();
    name.push("ab");
    let mut id = Fixed::<2>::new();
    assert!(id.push_slice(&[1, 2]));
    let mut n = Nullable::new(Numbers::<u16>::new());
    n.push(None);
    let mut list = Array::new(Numbers::<u8>::new());
    list.push(&[7, 8]);
    let block = Block::new().with("s", name).with("f", id).with("n", n).with("a", list);
    let mut out = Vec::new();
    block.encode_into(&mut out);
    let mut want = vec![4, 1];
    want.extend(b"\x01s\x06String\x02ab");
    want.extend(b"\x01f\x0eFixedString(2)\x01\x02");
    want.extend(b"\x01n\x10Nullable(UInt16)\x01\x00\x00");
    want.extend(b"\x01a\x0cArray(UInt8)\x02\0\0\0\0\0\0\0\x07\x08");
    assert_eq!(out, want);
}

#[test]
fn columns_of_different_length_are_found() {
    let a: Numbers<u8> = [1, 2].into_iter().collect();
    let b: Numbers<u8> = [1].into_iter().collect();
    let error = Block::new().with("a", a).with("b", b).check().expect_err("of different length");
    assert_eq!(error, "column b has 1 rows, column a has 2");
}

#[test]
fn a_dictionary_has_the_documented_bytes() {
    let mut keys = Map::new(Words::new(), Strings::new());
    for (key, value) in [("a", "1"), ("b", "2"), ("a", "3")] {
        keys.keys.push(key);
        keys.values.push(value);
    }
    keys.end_row();
    let mut out = Vec::new();
    Block::new().with("m", keys).encode_into(&mut out);
    let mut want = vec![1, 1];
    want.extend(b"\x01m\x2bMap(LowCardinality(String), String)");
    want[4] = b"Map(LowCardinality(String), String)".len() as u8;
    want.extend([1, 0, 0, 0, 0, 0, 0, 0]); // the form of the dictionary, before everything else
    want.extend([3, 0, 0, 0, 0, 0, 0, 0]); // where the map's row ends
    want.extend([0, 6, 0, 0, 0, 0, 0, 0]); // one byte a number, the keys are in the block
    want.extend([2, 0, 0, 0, 0, 0, 0, 0]);
    want.extend(b"\x01a\x01b");
    want.extend([3, 0, 0, 0, 0, 0, 0, 0]);
    want.extend([0, 1, 0]);
    want.extend(b"\x011\x012\x013");
    assert_eq!(out, want);
}

proptest! {
    #[test]
    fn words_are_what_was_pushed(values in prop::collection::vec(prop_oneof!["[ab]{0,2}", ".{0,200}"], 0..400)) {
        let mut column = Words::new();
        let numbers: Vec<_> = values.iter().map(|value| column.push(value)).collect();
        for (number, value) in numbers.iter().zip(&values) {
            prop_assert_eq!(column.word(*number), value.as_bytes());
        }
        let different: std::collections::HashSet<_> = values.iter().collect();
        prop_assert_eq!(column.different(), different.len());
        let mut out = Vec::new();
        column.encode_head(&mut out);
        column.encode_into(&mut out);
        prop_assert!(out.len() <= column.byte_size());
    }

    #[test]
    fn displayed_text_equals_pushed_text(value in ".{0,300}") {
        let (mut a, mut b) = (Strings::new(), Strings::new());
        a.push(&value);
        b.push_display(&value);
        let (mut x, mut y) = (Vec::new(), Vec::new());
        a.encode_into(&mut x);
        b.encode_into(&mut y);
        prop_assert_eq!(x, y);
    }
}
