//! Decimals in TOML, written as texts or as numbers.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// A decimal that is written as a text or as a number.
struct Number(Decimal);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Written;
        impl Visitor<'_> for Written {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal such as \"0.096\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
                text.parse().map(Number).map_err(|_| E::custom(format!("`{text}` is not a decimal")))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Number, E> {
                Ok(Number(number.into()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Number, E> {
                Ok(Number(number.into()))
            }

            /// A float is the shortest decimal that stands for it, which is the one that was written.
            fn visit_f64<E: Error>(self, number: f64) -> Result<Number, E> {
                self.visit_str(&number.to_string())
            }
        }
        from.deserialize_any(Written)
    }
}

pub(crate) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
    Number::deserialize(from).map(|number| number.0)
}

pub(super) fn some_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Decimal>, D::Error> {
    Option::<Number>::deserialize(from).map(|number| number.map(|number| number.0))
}

pub(crate) fn numbers<'de, K, D>(from: D) -> Result<BTreeMap<K, Decimal>, D::Error>
where
    K: Deserialize<'de> + Ord,
    D: Deserializer<'de>,
{
    let map = BTreeMap::<K, Number>::deserialize(from)?;
    Ok(map.into_iter().map(|(key, number)| (key, number.0)).collect())
}
