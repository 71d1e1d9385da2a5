//! Attributes are stored as text beside the names of their types; here they get them back.

use std::collections::BTreeMap;

use headroom_store::schema::PERSONAL_KEYS;
use serde_json::Value;

use crate::lookup::shown;

/// Attribute values with their types restored. `types` names only what is not a string:
/// `int`, `double`, `bool`, `bytes` (base64 text), `array` and `kvlist` (JSON text). A
/// value that does not parse as its type stays text, so nothing is lost or invented.
/// Personal data is masked, whatever its type.
pub fn restore(values: Vec<(String, String)>, types: &[(String, String)]) -> BTreeMap<String, Value> {
    let types: BTreeMap<&str, &str> = types.iter().map(|(key, kind)| (key.as_str(), kind.as_str())).collect();
    values
        .into_iter()
        .map(|(key, text)| {
            let kind = types.get(key.as_str()).filter(|_| !PERSONAL_KEYS.contains(&key.as_str()));
            let value = kind.and_then(|kind| typed(kind, &text));
            let value = value.unwrap_or_else(|| Value::String(shown(&key, text)));
            (key, value)
        })
        .collect()
}

fn typed(kind: &str, text: &str) -> Option<Value> {
    match kind {
        "int" => text.parse::<i64>().ok().map(Value::from),
        "double" => text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number),
        "bool" => text.parse::<bool>().ok().map(Value::Bool),
        "array" => serde_json::from_str(text).ok().filter(Value::is_array),
        "kvlist" => serde_json::from_str(text).ok().filter(Value::is_object),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_is_masked_whatever_its_type() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let values = vec![pair("customer.name", "[\"Jane Doe\"]"), pair("retries", "3")];
        let restored = restore(values, &[pair("customer.name", "array"), pair("retries", "int")]);
        assert_eq!(restored["retries"], 3);
        assert!(!restored["customer.name"].to_string().contains("Jane"), "{restored:?}");
    }
}
