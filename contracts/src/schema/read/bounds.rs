//! Rules that must fit the type, and each other.

use super::super::format::Format;
use super::super::property::Property;
use super::super::types::Types;
use super::reader::{Object, Reader};

/// Refuses rules that could never apply, and rules that nothing could pass.
pub(super) fn agree(reader: &mut Reader, object: &Object<'_>, property: &Property) {
    let types = property.types;
    if types == Types::default() {
        return;
    }
    let is_decimal = property.format == Some(Format::Decimal);
    for key in ["format", "minLength", "maxLength", "pattern"] {
        if object.json.contains_key(key) && !types.covers(Types::STRING) {
            reader.refuse(&object.at(key), format!("is for texts, and the type is {}", types.words()));
        }
    }
    for key in ["minimum", "maximum", "exclusiveMinimum"] {
        if object.json.contains_key(key) && !types.meets(Types::NUMBER) && !is_decimal {
            let detail = "is for numbers: the type must be integer or number, or the format decimal";
            reader.refuse(&object.at(key), detail);
        }
    }
    if is_decimal && !Types::DECIMAL.covers(types) {
        let detail = "must be \"string\" or [\"string\", \"integer\"] for a decimal: \
                      a float is somebody else's rounding";
        reader.refuse(&object.at("type"), detail);
    }
    if let (Some(least), Some(most)) = (property.min_length, property.max_length)
        && least > most
    {
        reader
            .refuse(&object.at("maxLength"), format!("{most} is below minLength {least}: nothing can pass"));
    }
    if let Some(most) = property.maximum {
        let low = property.minimum.is_some_and(|least| least.decimal > most.decimal);
        let shut = property.exclusive_minimum.is_some_and(|least| least.decimal >= most.decimal);
        if low || shut {
            reader.refuse(&object.at("maximum"), format!("{most} is below the minimum: nothing can pass"));
        }
    }
}
