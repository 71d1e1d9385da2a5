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
fn blocks_of_other_columns_are_not_appended() {
    let mut a = Block::new().with("x", Numbers::<i64>::nanoseconds());
    assert!(!a.append(&Block::new().with("x", Numbers::<i64>::seconds())));
    assert!(!a.append(&Block::new().with("y", Numbers::<i64>::nanoseconds())));
}

/// A map column and a display column of the given rows.
fn block(rows: &[Vec<(String, String)>]) -> Block {
    let mut map = Map::new(Strings::new(), Strings::new());
    let mut shown = Strings::new();
    let mut lists = Array::new(Map::new(Strings::new(), Numbers::<u64>::new()));
    for row in rows {
        for (key, value) in row {
            map.push(key, value);
            lists.inner.keys.push(key);
            lists.inner.values.push(value.len() as u64);
            lists.inner.end_row();
        }
        map.end_row();
        lists.end_row();
        shown.push_display(format_args!("{row:?}"));
    }
    Block::new().with("m", map).with("s", shown).with("l", lists)
}

proptest! {
    #[test]
    fn appending_equals_building_at_once(
        left in prop::collection::vec(prop::collection::vec((".*", ".{0,200}"), 0..4), 0..8),
        right in prop::collection::vec(prop::collection::vec((".*", ".{0,200}"), 0..4), 0..8),
    ) {
        let mut sum = block(&left);
        prop_assert!(sum.append(&block(&right)));
        let all: Vec<_> = left.into_iter().chain(right).collect();
        let (mut a, mut b) = (Vec::new(), Vec::new());
        sum.encode_into(&mut a);
        block(&all).encode_into(&mut b);
        prop_assert_eq!(a, b);
        prop_assert!(sum.check().is_ok());
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
