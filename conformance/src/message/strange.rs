//! JSON as it may be, but seldom is.

use serde_json::{Map, Value, json};

/// Applies `change` to every object in `value`, the outermost first.
pub(crate) fn map_objects(value: &mut Value, change: &impl Fn(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            change(object);
            object.values_mut().for_each(|v| map_objects(v, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|v| map_objects(v, change)),
        _ => {}
    }
}

/// The same request with unknown keys of every kind of value in every object.
pub(crate) fn with_unknown_keys(request: &Value) -> Value {
    let mut request = request.clone();
    map_objects(&mut request, &|object| {
        // What was put in must not be filled again.
        if object.contains_key("inside") {
            return;
        }
        object.insert("aNewerText".into(), json!("x"));
        object.insert("aNewerNumber".into(), json!(1.5));
        object.insert("aNewerList".into(), json!([1, [true, null], "x"]));
        object.insert("aNewerObject".into(), json!({"inside": {"inside": [{"inside": "}]\""}]}}));
        object.insert("aNewerNull".into(), Value::Null);
    });
    request
}
