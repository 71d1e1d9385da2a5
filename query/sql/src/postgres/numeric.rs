//! Decimals on the wire, to all 38 digits.

use std::error::Error;

use bytes::{BufMut as _, BytesMut};
use pgwire::types::ToSqlText;
use pgwire::types::format::FormatOptions;
use postgres_types::{IsNull, ToSql, Type, to_sql_checked};

/// A decimal of up to 38 digits.
#[derive(Debug)]
pub(super) struct Numeric {
    pub(super) value: i128,
    pub(super) scale: i8,
}

impl Numeric {
    /// The digits before and after the point.
    fn digits(&self) -> (String, String) {
        let mut whole = self.value.unsigned_abs().to_string();
        if self.scale <= 0 {
            if self.value != 0 {
                whole.push_str(&"0".repeat(usize::from(self.scale.unsigned_abs())));
            }
            return (whole, String::new());
        }
        let scale = usize::from(self.scale.unsigned_abs());
        if whole.len() <= scale {
            whole.insert_str(0, &"0".repeat(scale + 1 - whole.len()));
        }
        let fraction = whole.split_off(whole.len() - scale);
        (whole, fraction)
    }

    fn text(&self) -> String {
        let (whole, fraction) = self.digits();
        let sign = if self.value < 0 { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    /// Groups of four digits, as Postgres keeps them, and the weight of the first.
    fn groups(&self) -> (Vec<i16>, i16) {
        let (whole, fraction) = self.digits();
        let pad = |length: usize| "0".repeat((4 - length % 4) % 4);
        let whole = pad(whole.len()) + &whole;
        let all = format!("{whole}{fraction}{}", pad(fraction.len()));
        let group = |four: &[u8]| four.iter().fold(0_i16, |sum, digit| sum * 10 + i16::from(digit - b'0'));
        let groups: Vec<i16> = all.as_bytes().chunks(4).map(group).collect();
        let first = groups.iter().position(|group| *group != 0).unwrap_or(groups.len());
        let last = groups.iter().rposition(|group| *group != 0).map_or(first, |last| last + 1);
        let weight = (whole.len() / 4) as i16 - 1 - first as i16;
        (groups[first..last].to_vec(), if first == groups.len() { 0 } else { weight })
    }
}

impl ToSqlText for Numeric {
    fn to_sql_text(
        &self,
        _: &Type,
        out: &mut BytesMut,
        _: &FormatOptions,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.put_slice(self.text().as_bytes());
        Ok(IsNull::No)
    }
}

impl ToSql for Numeric {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let (groups, weight) = self.groups();
        out.put_i16(i16::try_from(groups.len())?);
        out.put_i16(weight);
        out.put_u16(if self.value < 0 { 0x4000 } else { 0 });
        out.put_u16(u16::from(self.scale.max(0).unsigned_abs()));
        groups.iter().for_each(|group| out.put_i16(*group));
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::NUMERIC
    }

    to_sql_checked!();
}

/// A binary NUMERIC as text; `None` if the bytes are not one.
pub(super) fn read_binary(bytes: &[u8]) -> Option<String> {
    let mut words = bytes.chunks_exact(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]]));
    let (count, weight, sign, scale) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let groups: Vec<i16> = words.collect();
    let sane = bytes.len().is_multiple_of(2) && groups.len() == usize::try_from(count).ok()?;
    if !sane || !(-20..=20).contains(&weight) || !(0..=76).contains(&scale) || !matches!(sign, 0 | 0x4000) {
        return None;
    }
    let group = |place: i16| -> Option<i16> {
        let index = weight - place;
        let value = usize::try_from(index).ok().and_then(|index| groups.get(index)).copied().unwrap_or(0);
        (0..10_000).contains(&value).then_some(value)
    };
    let mut text = if sign == 0 { String::new() } else { "-".to_owned() };
    text.push('0');
    for place in (0..=weight.max(0)).rev() {
        text += &format!("{:04}", group(place)?);
    }
    let mut fraction = String::new();
    for place in 1..=(scale + 3) / 4 {
        fraction += &format!("{:04}", group(-place)?);
    }
    fraction.truncate(usize::try_from(scale).ok()?);
    if !fraction.is_empty() {
        text.push('.');
        text += &fraction;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binary(value: i128, scale: i8) -> Vec<u8> {
        let mut out = BytesMut::new();
        Numeric { value, scale }.to_sql(&Type::NUMERIC, &mut out).expect("encodes");
        out.to_vec()
    }

    #[test]
    fn text_has_every_digit() {
        for (value, scale, expected) in [
            (0, 0, "0"),
            (0, 12, "0.000000000000"),
            (-1, 12, "-0.000000000001"),
            (12_500_000_000_000, 12, "12.500000000000"),
            (i128::from(u64::MAX) * 1_000_000_000_000, 12, "18446744073709551615.000000000000"),
            (
                99_999_999_999_999_999_999_999_999_999_999_999_999,
                12,
                "99999999999999999999999999.999999999999",
            ),
            (5, -2, "500"),
        ] {
            assert_eq!(Numeric { value, scale }.text(), expected);
        }
    }

    #[test]
    fn binary_is_what_postgres_sends() {
        // SELECT numeric_send('12345.678'), ('-0.0001'), ('0.00'), ('10000')
        assert_eq!(binary(12_345_678, 3), [0, 3, 0, 1, 0, 0, 0, 3, 0, 1, 9, 41, 26, 124]);
        assert_eq!(binary(-1, 4), [0, 1, 255, 255, 64, 0, 0, 4, 0, 1]);
        assert_eq!(binary(0, 2), [0, 0, 0, 0, 0, 0, 0, 2]);
        assert_eq!(binary(10_000, 0), [0, 1, 0, 1, 0, 0, 0, 0, 0, 1]);
    }

    proptest::proptest! {
        #[test]
        fn binary_reads_back(value in -10_i128.pow(37)..10_i128.pow(37), scale in 0_i8..30) {
            let read = read_binary(&binary(value, scale)).expect("reads");
            let number = |text: &str| {
                let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
                let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
                sign * digits.parse::<i128>().expect("digits")
            };
            proptest::prop_assert_eq!(number(&read), value);
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(0_u8.., 0..40)) {
            let _ = read_binary(&bytes);
        }
    }
}
