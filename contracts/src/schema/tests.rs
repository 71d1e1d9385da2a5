use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

/// A contract with one property `x`.
fn schema_of(property: Json) -> Schema {
    let mut property = property;
    property["description"] = json!("one");
    let text = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:test:e:1", "title": "E",
        "description": "one", "type": "object", "properties": {"x": property},
    });
    Schema::parse("e", 1, &text.to_string()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn verdict(property: &Json, value: Value<'_>) -> Option<Rule> {
    let faults = schema_of(property.clone()).judge([("x", value)].into_iter());
    assert!(faults.len() < 2, "{faults:?}");
    faults.first().map(|fault| fault.rule)
}

#[test]
fn types_are_those_of_otlp() {
    for (kind, text, whole, double, flag) in [
        ("string", true, false, false, false),
        ("integer", false, true, false, false),
        ("number", false, true, true, false),
        ("boolean", false, false, false, true),
    ] {
        let property = json!({"type": kind});
        for (value, right) in [
            (Value::Text("7"), text),
            (Value::Int(7), whole),
            (Value::Double(7.0), double),
            (Value::Bool(true), flag),
            (Value::Double(f64::NAN), false),
            (Value::Double(f64::INFINITY), false),
            (Value::Other, false),
        ] {
            let expected = (!right).then_some(Rule::Type);
            assert_eq!(verdict(&property, value), expected, "{kind} {value:?}");
        }
    }
}

#[test]
fn a_decimal_is_text_or_an_integer_and_never_a_float() {
    let any =
        json!({"type": ["string", "integer"], "format": "decimal", "exclusiveMinimum": 0, "maximum": 10.5});
    for (value, expected) in [
        (Value::Text("0.000000000001"), None),
        (Value::Text("10.5"), None),
        (Value::Text("10.500"), None),
        (Value::Text("105e-1"), None),
        (Value::Text("10.500000000001"), Some(Rule::Maximum)),
        (Value::Text("0"), Some(Rule::ExclusiveMinimum)),
        (Value::Text("-0.00"), Some(Rule::ExclusiveMinimum)),
        (Value::Text("9.99999999999999999999999999"), Some(Rule::Format)),
        (Value::Text("ten"), Some(Rule::Format)),
        (Value::Text(""), Some(Rule::Format)),
        (Value::Int(10), None),
        (Value::Int(11), Some(Rule::Maximum)),
        (Value::Int(i64::MIN), Some(Rule::ExclusiveMinimum)),
        (Value::Double(7.5), Some(Rule::Type)),
    ] {
        assert_eq!(verdict(&any, value), expected, "{value:?}");
    }
    let text_only = json!({"type": "string", "format": "decimal"});
    assert_eq!(verdict(&text_only, Value::Int(7)), Some(Rule::Type));
}

#[test]
fn formats() {
    for (format, right, wrong) in [
        ("currency", vec!["USD", "XAU"], vec!["usd", "US", "USDT", "", "ÄÖ"]),
        ("ratio", vec!["2:1", "1:10", "1.5:1"], vec!["2", "2:0", "-2:1", "2/1", "2:1:1", ":"]),
        (
            "date-time",
            vec!["2026-11-21T14:30:00Z", "2026-11-21T14:30:00.123456789+05:30"],
            vec!["2026-11-21", "14:30", "2026-11-21T14:30:00", "2026-13-21T14:30:00Z", ""],
        ),
    ] {
        let property = json!({"type": "string", "format": format});
        for text in right {
            assert_eq!(verdict(&property, Value::Text(text)), None, "{format} {text}");
        }
        for text in wrong {
            assert_eq!(verdict(&property, Value::Text(text)), Some(Rule::Format), "{format} {text}");
        }
    }
}

#[test]
fn texts_numbers_and_lists() {
    for (property, value, expected) in [
        (json!({"type": "string", "minLength": 2}), Value::Text("ä"), Some(Rule::MinLength)),
        (json!({"type": "string", "maxLength": 2}), Value::Text("äö"), None),
        (json!({"type": "string", "maxLength": 2}), Value::Text("äöü"), Some(Rule::MaxLength)),
        (json!({"type": "string", "pattern": "^o"}), Value::Text("ord"), None),
        (json!({"type": "string", "pattern": "^o"}), Value::Text("word"), Some(Rule::Pattern)),
        (json!({"type": "number", "minimum": 0.5}), Value::Double(0.5), None),
        (json!({"type": "number", "minimum": 0.5}), Value::Double(0.499), Some(Rule::Minimum)),
        (json!({"type": "number", "maximum": 5}), Value::Double(1e300), Some(Rule::Maximum)),
        (json!({"type": "number", "exclusiveMinimum": 0}), Value::Double(-0.0), Some(Rule::ExclusiveMinimum)),
        (json!({"type": "string", "enum": ["a", "b"]}), Value::Text("b"), None),
        (json!({"type": "string", "enum": ["a", "b"]}), Value::Text("B"), Some(Rule::Enum)),
        (json!({"type": "number", "enum": [1, 2.5]}), Value::Int(1), None),
        (json!({"type": "number", "enum": [1, 2.5]}), Value::Double(2.5), None),
        (json!({"type": "number", "enum": [1, 2.5]}), Value::Int(2), Some(Rule::Enum)),
        (json!({"type": "boolean", "const": true}), Value::Bool(false), Some(Rule::Enum)),
    ] {
        assert_eq!(verdict(&property, value), expected, "{property} {value:?}");
    }
}

#[test]
fn bounds_are_read_without_a_float_between() {
    // As a float this bound would be 0.1000000000000000055...
    let property = json!({"type": "string", "format": "decimal", "minimum": 0.1});
    assert_eq!(verdict(&property, Value::Text("0.1")), None);
    assert_eq!(verdict(&property, Value::Text("0.099999999999")), Some(Rule::Minimum));
}

#[test]
fn a_flood_of_faults_is_cut() {
    let text = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:test:e:1", "title": "E",
        "description": "one", "type": "object", "additionalProperties": false,
        "properties": {"x": {"type": "string", "description": "one"}},
    });
    let schema = Schema::parse("e", 1, &text.to_string()).unwrap();
    let long = "y".repeat(1000);
    let faults = schema.judge(std::iter::repeat_n((long.as_str(), Value::Int(1)), 1000));
    assert_eq!(faults.len(), MAX_FAULTS);
    assert!(faults[0].to_string().len() < 200, "{}", faults[0]);
    // These two belong to every event.
    let always = [("x", Value::Text("")), (VERSION, Value::Int(1)), (NAME, Value::Text("e"))];
    assert_eq!(schema.judge(always.into_iter()), []);
}

proptest! {
    #[test]
    fn decimal_bounds_order_like_decimals(bound in any::<i32>(), scale in 0_u32..=9, number in any::<i64>(), places in 0_u32..=12) {
        use rust_decimal::Decimal;
        let bound = Decimal::new(i64::from(bound), scale);
        let number = Decimal::new(number, places);
        let json: Json = serde_json::from_str(&bound.to_string()).unwrap();
        for (key, right) in [
            ("minimum", number >= bound), ("maximum", number <= bound), ("exclusiveMinimum", number > bound),
        ] {
            let property = json!({"type": "string", "format": "decimal", key: json});
            prop_assert_eq!(verdict(&property, Value::Text(&number.to_string())).is_none(), right, "{} {}", key, number);
        }
    }

    #[test]
    fn any_text_is_a_schema_or_a_list_of_problems(text in ".*", key in "[a-z$-]{1,16}", value in "[\\[\\]{}\":,a-z0-9]{0,30}") {
        let _ = Schema::parse("e", 1, &text);
        let _ = Schema::parse("e", 1, &format!("{{{key:?}: {value}}}"));
        let property = format!(r#"{{"type": "object", "properties": {{"x": {{{key:?}: {value}}}}}}}"#);
        prop_assert!(Schema::parse("e", 1, &property).is_err());
    }
}
