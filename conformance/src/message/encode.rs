//! OTLP/JSON to protobuf.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::proto::{self, UNKNOWN};
use super::schema::{ANY_VALUE, Field, Kind, Message};

/// Legal ways to write a message that usual encoders never choose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Style {
    /// Each message ends with fields of every wire type that no schema has.
    pub(crate) unknown: bool,
    /// Fields come in descending order of their numbers.
    pub(crate) reversed: bool,
    /// Each text comes twice, the last one counts; each message outside a list comes in two
    /// parts, which are merged.
    pub(crate) repeated: bool,
    /// Packed numbers come one by one.
    pub(crate) unpacked: bool,
}

/// Encodes `value`, an object of the kind `message`. Keys that are not in the schema are left
/// out: protobuf has no names for them.
pub(super) fn message(message: &'static Message, value: &Value, style: Style) -> Vec<u8> {
    let mut out = Vec::new();
    let Some(object) = value.as_object() else { return out };
    let mut fields: Vec<_> = message.0.iter().filter_map(|f| Some((f, object.get(f.0)?))).collect();
    fields.sort_by_key(|(field, _)| field.1);
    if style.reversed {
        fields.reverse();
    }
    for (field, value) in fields {
        if !value.is_null() {
            self::field(&mut out, field, value, style);
        }
    }
    if style.unknown {
        proto::number(&mut out, UNKNOWN, 7);
        proto::fixed64(&mut out, UNKNOWN - 1, 8);
        proto::bytes(&mut out, UNKNOWN - 2, b"from a newer sender");
        proto::fixed32(&mut out, UNKNOWN - 3, 9);
    }
    out
}

fn field(out: &mut Vec<u8>, &(_, number, kind): &Field, value: &Value, style: Style) {
    match kind {
        Kind::One(of) => {
            if style.repeated && !std::ptr::eq(of, &raw const ANY_VALUE) {
                let object = value.as_object().cloned().unwrap_or_default();
                let (first, rest) =
                    object.into_iter().enumerate().partition::<Vec<_>, _>(|(place, _)| *place == 0);
                for part in [first, rest] {
                    let part = Value::Object(part.into_iter().map(|(_, entry)| entry).collect());
                    proto::bytes(out, number, &message(of, &part, style));
                }
            } else {
                proto::bytes(out, number, &message(of, value, style));
            }
        }
        Kind::Many(of) => {
            for item in value.as_array().into_iter().flatten() {
                proto::bytes(out, number, &message(of, item, style));
            }
        }
        Kind::Text => {
            if style.repeated {
                proto::bytes(out, number, b"superseded");
            }
            proto::bytes(out, number, value.as_str().unwrap_or_default().as_bytes());
        }
        Kind::Hex => {
            proto::bytes(out, number, &hex::decode(value.as_str().unwrap_or_default()).unwrap_or_default());
        }
        Kind::Base64 => {
            let text = value.as_str().unwrap_or_default();
            proto::bytes(out, number, &STANDARD.decode(text).unwrap_or_default());
        }
        Kind::Bool => proto::number(out, number, u64::from(value.as_bool().unwrap_or_default())),
        Kind::Varint => proto::number(out, number, integer(value)),
        Kind::Zigzag => proto::number(out, number, proto::zigzag(integer(value) as i64)),
        Kind::Fixed64 => proto::fixed64(out, number, integer(value)),
        Kind::Fixed32 => proto::fixed32(out, number, integer(value) as u32),
        Kind::Double => proto::fixed64(out, number, double(value).to_bits()),
        Kind::ManyFixed64 => many(out, number, value, style, 1, |out, v| {
            out.extend_from_slice(&integer(v).to_le_bytes());
        }),
        Kind::ManyVarint => many(out, number, value, style, 0, |out, v| proto::varint(out, integer(v))),
        Kind::ManyDouble => many(out, number, value, style, 1, |out, v| {
            out.extend_from_slice(&double(v).to_le_bytes());
        }),
    }
}

fn many(
    out: &mut Vec<u8>,
    number: u32,
    value: &Value,
    style: Style,
    wire_type: u8,
    write: impl Fn(&mut Vec<u8>, &Value),
) {
    let items = value.as_array().into_iter().flatten();
    if style.unpacked {
        for item in items {
            proto::tag(out, number, wire_type);
            write(out, item);
        }
        return;
    }
    let mut packed = Vec::new();
    items.for_each(|item| write(&mut packed, item));
    proto::bytes(out, number, &packed);
}

/// An integer that came as text or number; its bits.
fn integer(value: &Value) -> u64 {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse::<u64>().or_else(|_| text.parse::<i64>().map(|n| n as u64)).unwrap_or_default()
}

/// A double, which may be a text: `NaN`, `Infinity`, `-Infinity`.
fn double(value: &Value) -> f64 {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
pub(super) fn unknown_keys(message: &'static Message, value: &Value, path: &str, found: &mut Vec<String>) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let path = format!("{path}.{key}");
        match message.0.iter().find(|field| field.0 == key) {
            None => found.push(path),
            Some((_, _, Kind::One(of))) => unknown_keys(of, value, &path, found),
            Some((_, _, Kind::Many(of))) => {
                value.as_array().into_iter().flatten().for_each(|v| unknown_keys(of, v, &path, found));
            }
            Some(_) => {}
        }
    }
}
