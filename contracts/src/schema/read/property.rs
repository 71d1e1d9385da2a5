//! The keywords of one property.

use regex::Regex;
use serde_json::Value as Json;

use super::super::format::Format;
use super::super::literal::Literal;
use super::super::property::Property;
use super::super::types::Types;
use super::bounds;
use super::reader::{Object, Reader};
use crate::problem::step;
use crate::value::Value;

/// What may stand in a property.
const KEYWORDS: [&str; 14] = [
    "type",
    "description",
    "format",
    "enum",
    "const",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "examples",
    "x-personal",
    "x-column",
];

/// The attributes that have a typed column in the table `events`, and the column.
const COLUMNS: [(&str, &str); 13] = [
    ("account.id", "account_id"),
    ("amount", "amount"),
    ("currency", "currency"),
    ("customer.id", "customer_id"),
    ("event.id", "event_id"),
    ("fee", "fee"),
    ("order.id", "order_id"),
    ("portfolio.id", "portfolio_id"),
    ("price", "price"),
    ("quantity", "quantity"),
    ("side", "side"),
    ("symbol", "symbol"),
    ("trade.id", "trade_id"),
];

/// The columns that are `Decimal(38, 12)`.
const MONEY: [&str; 4] = ["amount", "fee", "price", "quantity"];

pub(super) fn property(reader: &mut Reader, name: &str, object: &Object<'_>) -> Property {
    reader.known(object, &KEYWORDS);
    reader.needed_text(object, "description");
    let property = Property {
        types: types(reader, object),
        format: format(reader, object),
        allowed: allowed(reader, object),
        min_length: reader.count(object, "minLength"),
        max_length: reader.count(object, "maxLength"),
        pattern: pattern(reader, object),
        minimum: reader.bound(object, "minimum"),
        exclusive_minimum: reader.bound(object, "exclusiveMinimum"),
        maximum: reader.bound(object, "maximum"),
        personal: reader.flag(object, "x-personal").unwrap_or(false),
        column: column(reader, name, object),
    };
    bounds::agree(reader, object, &property);
    if MONEY.contains(&name) && property.format != Some(Format::Decimal) {
        let detail = "goes to a decimal column and must have \"format\": \"decimal\"";
        reader.refuse(&object.pointer, detail);
    }
    values(reader, object, &property);
    property
}

fn types(reader: &mut Reader, object: &Object<'_>) -> Types {
    let pointer = object.at("type");
    let names = match object.json.get("type") {
        Some(Json::Array(names)) if !names.is_empty() => names.as_slice(),
        Some(name @ Json::String(_)) => std::slice::from_ref(name),
        Some(_) => {
            reader.refuse(&pointer, format!("must be one or several of {}", Types::keywords()));
            return Types::default();
        }
        None => {
            reader.refuse(&object.pointer, "\"type\" is missing");
            return Types::default();
        }
    };
    let mut types = Types::default();
    for name in names {
        match name.as_str().and_then(Types::named) {
            Some(named) => types = types.and(named),
            None => {
                reader.refuse(&pointer, format!("{name} is no type here; allowed are {}", Types::keywords()))
            }
        }
    }
    types
}

fn format(reader: &mut Reader, object: &Object<'_>) -> Option<Format> {
    let name = reader.text(object, "format")?;
    let format = Format::named(name);
    if format.is_none() {
        let detail = format!("{name:?} is no format here; allowed are {}", Format::keywords());
        reader.refuse(&object.at("format"), detail);
    }
    format
}

fn allowed(reader: &mut Reader, object: &Object<'_>) -> Option<Vec<Literal>> {
    let values = match (object.json.get("enum"), object.json.get("const")) {
        (None, None) => return None,
        (Some(_), Some(_)) => {
            reader.refuse(&object.at("const"), "stands beside enum: keep one of them");
            return None;
        }
        (Some(Json::Array(values)), None) if !values.is_empty() => values.as_slice(),
        (Some(_), None) => {
            reader.refuse(&object.at("enum"), "must be a list of at least one value");
            return None;
        }
        (None, Some(value)) => std::slice::from_ref(value),
    };
    let literals: Option<Vec<Literal>> = values.iter().map(Literal::read).collect();
    if literals.is_none() {
        let key = if object.json.contains_key("enum") { "enum" } else { "const" };
        reader.refuse(&object.at(key), "may hold texts, numbers of at most 28 digits, true and false");
    }
    literals
}

fn pattern(reader: &mut Reader, object: &Object<'_>) -> Option<Regex> {
    match Regex::new(reader.text(object, "pattern")?) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            // The last line of several says what; the others draw where.
            let text = error.to_string();
            let what = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            reader.refuse(&object.at("pattern"), format!("is no regular expression: {what}"));
            None
        }
    }
}

fn column(reader: &mut Reader, name: &str, object: &Object<'_>) -> Option<String> {
    let column = reader.text(object, "x-column")?;
    match COLUMNS.iter().find(|(attribute, _)| *attribute == name) {
        Some((_, goes)) if *goes == column => return Some(column.to_owned()),
        Some((_, goes)) => {
            reader.refuse(&object.at("x-column"), format!("must be {goes:?}: that is where {name} goes"));
        }
        None => {
            let detail = format!("{name} has no typed column; it is kept in the map attributes");
            reader.refuse(&object.at("x-column"), detail);
        }
    }
    None
}

/// What `enum`, `const` and `examples` list must pass the other rules.
fn values(reader: &mut Reader, object: &Object<'_>, property: &Property) {
    if property.types == Types::default() {
        return;
    }
    for key in ["enum", "const", "examples"] {
        let pointer = object.at(key);
        let (values, listed) = match object.json.get(key) {
            Some(Json::Array(values)) => (values.as_slice(), true),
            Some(_) if key == "examples" => {
                reader.refuse(&pointer, "must be a list of values");
                continue;
            }
            Some(value) => (std::slice::from_ref(value), false),
            None => continue,
        };
        for (i, json) in values.iter().enumerate() {
            let value = Value::of_json(json);
            if let Err(rule) = property.judge(value) {
                let pointer = if listed { step(&pointer, i) } else { pointer.clone() };
                let detail = format!("must be {}, found {}", property.wanted(rule), value.found(false));
                reader.refuse(&pointer, detail);
            }
        }
    }
}
