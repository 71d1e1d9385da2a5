//! Any values in a column with a dictionary. Read back by the documented form of Native, the
//! column has the values that were pushed; `0xff` separates the values of an input.
#![no_main]

use headroom_store::native::{Column as _, Words};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let values: Vec<&[u8]> = data.split(|byte| *byte == 0xff).collect();
    let mut words = Words::new();
    for (row, value) in values.iter().enumerate() {
        // Attribute keys are first asked for as known ones: every third value here.
        let seen = values[..row].contains(value);
        let known = (row % 3 == 0).then(|| words.push_known(value)).flatten();
        assert_eq!(known.is_some(), row % 3 == 0 && seen);
        let number = known.unwrap_or_else(|| words.push_bytes(value));
        assert_eq!(words.word(number), *value);
        assert_eq!(words.rows(), row + 1, "one row a value");
    }
    let mut bytes = Vec::new();
    words.encode_into(&mut bytes);
    assert!(bytes.len() <= words.byte_size(), "more bytes than were announced");
    let read = decode(&bytes).expect("the documented form");
    assert!(read == values, "other values came back");
});

/// Reads a `LowCardinality(String)` column behind its head: flags, dictionary, numbers.
fn decode(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut rest = bytes;
    let flags = number(&mut rest, 8)?;
    let width = [1, 2, 4, 8][usize::try_from(flags & 0xff).ok()?];
    let different = number(&mut rest, 8)?;
    let mut dictionary = Vec::new();
    for _ in 0..different {
        let length = varuint(&mut rest)?;
        dictionary.push(take(&mut rest, length)?);
    }
    let rows = number(&mut rest, 8)?;
    let values: Option<Vec<&[u8]>> = (0..rows)
        .map(|_| dictionary.get(usize::try_from(number(&mut rest, width)?).ok()?).copied())
        .collect();
    values.filter(|_| rest.is_empty())
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some(taken)
}

fn number(rest: &mut &[u8], width: usize) -> Option<u64> {
    let bytes = take(rest, width)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn varuint(rest: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(rest, 1)?[0];
        value |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}
