use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::value::Value;

fn schema(version: u32, mut properties: Json, required: &[&str], open: bool) -> Schema {
    for property in properties.as_object_mut().unwrap().values_mut() {
        property["description"] = json!("one");
    }
    let text = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": format!("urn:test:e:{version}"),
        "title": "E", "description": "one", "type": "object", "properties": properties, "required": required,
        "additionalProperties": open,
    });
    Schema::parse("e", version, &text.to_string()).unwrap_or_else(|problems| panic!("{problems:?}: {text}"))
}

/// What every mode together finds between two shapes of the property `x`.
fn between(old: &Json, new: &Json) -> Vec<(Rule, Breaks)> {
    let old = schema(1, json!({"x": old}), &[], true);
    let new = schema(2, json!({"x": new}), &[], true);
    compare(&old, &new, Mode::Full).into_iter().map(|found| (found.rule, found.breaks)).collect()
}

#[test]
fn tightening_breaks_backward_and_loosening_forward() {
    let text = || json!({"type": "string"});
    let with = |key: &str, value: Json| {
        let mut property = text();
        property[key] = value;
        property
    };
    let number = |key: &str, value: Json| json!({"type": "number", key: value});
    for (loose, tight, rule) in [
        (json!({"type": ["string", "integer"]}), text(), Rule::Type),
        (json!({"type": "number"}), json!({"type": "integer"}), Rule::Type),
        (text(), with("format", json!("currency")), Rule::Format),
        (text(), with("pattern", json!("^a")), Rule::Pattern),
        (text(), with("enum", json!(["a"])), Rule::Enum),
        (with("enum", json!(["b", "a"])), with("enum", json!(["a"])), Rule::Enum),
        (with("enum", json!(["b", "a"])), with("const", json!("a")), Rule::Enum),
        (text(), with("minLength", json!(1)), Rule::MinLength),
        (with("minLength", json!(1)), with("minLength", json!(2)), Rule::MinLength),
        (text(), with("maxLength", json!(9)), Rule::MaxLength),
        (with("maxLength", json!(9)), with("maxLength", json!(8)), Rule::MaxLength),
        (json!({"type": "number"}), number("minimum", json!(0)), Rule::Minimum),
        (number("minimum", json!(0)), number("minimum", json!(0.5)), Rule::Minimum),
        (number("minimum", json!(0)), number("exclusiveMinimum", json!(0)), Rule::ExclusiveMinimum),
        (number("maximum", json!(2)), number("maximum", json!(1)), Rule::Maximum),
    ] {
        assert_eq!(between(&loose, &tight), [(rule, Breaks::Backward)], "{loose} to {tight}");
        let back = between(&tight, &loose);
        assert_eq!(back.len(), 1, "{tight} to {loose}: {back:?}");
        assert_eq!(back[0].1, Breaks::Forward, "{tight} to {loose}");
        assert_eq!((between(&loose, &loose), between(&tight, &tight)), (vec![], vec![]));
    }
}

#[test]
fn a_different_rule_breaks_both_ways() {
    for (old, new, rules) in [
        (json!({"type": "string"}), json!({"type": "integer"}), vec![(Rule::Type, Breaks::Both)]),
        (
            json!({"type": "string", "format": "currency"}),
            json!({"type": "string", "format": "ratio"}),
            vec![(Rule::Format, Breaks::Both)],
        ),
        (
            json!({"type": "string", "pattern": "^a"}),
            json!({"type": "string", "pattern": "^b"}),
            vec![(Rule::Pattern, Breaks::Both)],
        ),
        (
            json!({"type": "string", "enum": ["a", "b"]}),
            json!({"type": "string", "enum": ["b", "c"]}),
            vec![(Rule::Enum, Breaks::Backward), (Rule::Enum, Breaks::Forward)],
        ),
        // The same numbers and values, written differently.
        (json!({"type": "number", "minimum": 1}), json!({"type": "number", "minimum": 1.00}), vec![]),
        (
            json!({"type": "string", "enum": ["a", "b"]}),
            json!({"type": "string", "enum": ["b", "a"]}),
            vec![],
        ),
    ] {
        assert_eq!(between(&old, &new), rules, "{old} to {new}");
    }
}

#[test]
fn privacy_and_columns_are_forbidden_in_every_mode() {
    let old = schema(
        1,
        json!({"amount": {"type": "string", "format": "decimal", "x-personal": true, "x-column": "amount"}}),
        &[],
        true,
    );
    let new = schema(2, json!({"amount": {"type": "string", "format": "decimal"}}), &[], true);
    for mode in
        ["backward", "FORWARD", "full", "backward-transitive", "forward_transitive", "full_transitive"]
    {
        let mode: Mode = mode.parse().unwrap();
        let rules: Vec<_> =
            compare(&old, &new, mode).into_iter().map(|found| (found.rule, found.breaks)).collect();
        assert_eq!(rules, [(Rule::Personal, Breaks::Always), (Rule::Column, Breaks::Always)], "{mode}");
    }
    // To protect more is no break; a column that was not there before is one.
    let marked =
        schema(3, json!({"amount": {"type": "string", "format": "decimal", "x-personal": true}}), &[], true);
    assert_eq!(compare(&new, &marked, Mode::Full), []);
    assert!("sideways".parse::<Mode>().unwrap_err().to_string().contains("full_transitive"));
}

#[test]
fn fields_come_and_go() {
    let x = || json!({"type": "string"});
    let one = |required: &[&str], open| schema(1, json!({"x": x()}), required, open);
    let two = |required: &[&str], open| schema(2, json!({"x": x(), "y": x()}), required, open);
    let between = |old: &Schema, new: &Schema| -> Vec<(Option<String>, Rule, Breaks)> {
        compare(old, new, Mode::Full).into_iter().map(|f| (f.field, f.rule, f.breaks)).collect()
    };
    let y = |rule, breaks| vec![(Some("y".to_owned()), rule, breaks)];
    assert_eq!(between(&one(&[], true), &two(&[], true)), []);
    assert_eq!(between(&two(&[], true), &one(&[], true)), []);
    assert_eq!(between(&one(&[], true), &two(&["y"], true)), y(Rule::Required, Breaks::Backward));
    assert_eq!(between(&two(&["y"], true), &one(&[], true)), y(Rule::Required, Breaks::Forward));
    assert_eq!(between(&two(&[], true), &two(&["y"], true)), y(Rule::Required, Breaks::Backward));
    assert_eq!(between(&two(&["y"], true), &two(&[], true)), y(Rule::Required, Breaks::Forward));
    assert_eq!(between(&one(&[], false), &two(&[], false)), y(Rule::AdditionalProperties, Breaks::Forward));
    assert_eq!(between(&two(&[], false), &one(&[], false)), y(Rule::AdditionalProperties, Breaks::Backward));
    let whole = |breaks| vec![(None, Rule::AdditionalProperties, breaks)];
    assert_eq!(between(&one(&[], true), &one(&[], false)), whole(Breaks::Backward));
    assert_eq!(between(&one(&[], false), &one(&[], true)), whole(Breaks::Forward));
}

#[test]
fn modes_look_in_their_direction_and_as_far_back_as_they_say() {
    let x = |least: u32, version| {
        schema(version, json!({"x": {"type": "string", "minLength": least}}), &[], true)
    };
    // Tightened, then loosened to less than it was.
    let versions = [x(2, 1), x(3, 2), x(1, 3)];
    let pairs = |mode| -> Vec<(u32, u32, Breaks)> {
        history(&versions, mode).into_iter().map(|f| (f.from, f.to, f.breaks)).collect()
    };
    assert_eq!(pairs(Mode::Backward), [(1, 2, Breaks::Backward)]);
    assert_eq!(pairs(Mode::Forward), [(2, 3, Breaks::Forward)]);
    assert_eq!(pairs(Mode::Full), [(1, 2, Breaks::Backward), (2, 3, Breaks::Forward)]);
    assert_eq!(pairs(Mode::BackwardTransitive), [(1, 2, Breaks::Backward)]);
    assert_eq!(pairs(Mode::ForwardTransitive), [(1, 3, Breaks::Forward), (2, 3, Breaks::Forward)]);
    let all = [(1, 2, Breaks::Backward), (1, 3, Breaks::Forward), (2, 3, Breaks::Forward)];
    assert_eq!(pairs(Mode::default()), all);
}

/// Properties over a small world, so that two of them often have something to do with each other.
fn property() -> impl Strategy<Value = Json> {
    let optional = |range: std::ops::Range<i32>| prop::option::of(range);
    let text = (
        prop::sample::select(vec![json!("string"), json!(["string", "integer"]), json!(["string", "number"])]),
        prop::option::of(prop::sample::select(vec!["^1", "^[0-9]+$"])),
        optional(0..3),
        optional(3..5),
    )
        .prop_map(|(kind, pattern, least, most)| {
            json!({"type": kind, "pattern": pattern, "minLength": least, "maxLength": most})
        });
    let number = (
        prop::sample::select(vec![
            (json!("integer"), None),
            (json!("number"), None),
            (json!("string"), Some("decimal")),
            (json!(["string", "integer"]), Some("decimal")),
        ]),
        optional(-2..2),
        optional(-2..2),
        optional(2..4),
    )
        .prop_map(|((kind, format), least, above, most)| {
            json!({"type": kind, "format": format, "minimum": least, "exclusiveMinimum": above, "maximum": most})
        });
    let listed = prop::sample::subsequence(vec!["1", "12", "USD"], 1..=3)
        .prop_map(|values| json!({"type": "string", "enum": values}));
    let other = prop::sample::select(vec![
        json!({"type": "boolean"}),
        json!({"type": "string", "format": "currency"}),
        json!({"type": "string"}),
        json!({"type": "number", "enum": [1, 2]}),
    ]);
    prop_oneof![text, number, listed, other].prop_map(|mut property| {
        property.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        property
    })
}

/// The properties `x` and perhaps `y`, what is required, and whether the contract is open.
type Shape = (Json, Option<Json>, Vec<&'static str>, bool);

fn contract() -> impl Strategy<Value = Shape> {
    // Mostly the same few properties, or hardly any two contracts would go together.
    let property =
        || prop::sample::select(vec![json!({"type": "string"}), json!({"type": ["string", "integer"]})]);
    (property(), prop::option::of(property()), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(x, y, x_required, y_required, open)| {
            let required = [("x", x_required), ("y", y_required && y.is_some())];
            (x, y, required.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect(), open)
        },
    )
}

const WORLD: [Value<'_>; 24] = [
    Value::Text(""),
    Value::Text("1"),
    Value::Text("12"),
    Value::Text("123"),
    Value::Text("1234"),
    Value::Text("USD"),
    Value::Text("-1"),
    Value::Text("1.5"),
    Value::Text("0"),
    Value::Text("2"),
    Value::Text("3"),
    Value::Int(-3),
    Value::Int(-2),
    Value::Int(0),
    Value::Int(1),
    Value::Int(2),
    Value::Int(4),
    Value::Double(0.0),
    Value::Double(1.0),
    Value::Double(1.5),
    Value::Double(4.0),
    Value::Bool(true),
    Value::Bool(false),
    Value::Other,
];

proptest! {
    #[test]
    fn what_is_called_compatible_is_for_whole_contracts(old in contract(), new in contract()) {
        let schema = |version, (x, y, required, open): &Shape| {
            let mut properties = json!({"x": x});
            if let Some(y) = y {
                properties["y"] = y.clone();
            }
            schema(version, properties, required, *open)
        };
        let (old, new) = (schema(1, &old), schema(2, &new));
        let backward = compare(&old, &new, Mode::Backward).is_empty();
        let forward = compare(&old, &new, Mode::Forward).is_empty();
        // Does `to` take what `from` took? An attribute that `from` did not name is set aside: nobody
        // is taken to have used that name for something else.
        let follows = |from: &Schema, to: &Schema, event: &[(&str, Value<'_>)]| {
            event.iter().any(|(name, _)| from.open && from.property(name).is_none())
                || !from.judge(event.iter().copied()).is_empty()
                || to.judge(event.iter().copied()).is_empty()
        };
        for x in WORLD {
            for y in WORLD {
                for event in [&[("x", x)][..], &[("y", y)], &[("x", x), ("y", y)], &[]] {
                    prop_assert!(!backward || follows(&old, &new, event), "backward: {:?}", event);
                    prop_assert!(!forward || follows(&new, &old, event), "forward: {:?}", event);
                }
            }
        }
    }

    #[test]
    fn what_is_called_compatible_is(old in property(), new in property()) {
        let old = schema(1, json!({"x": old}), &[], true);
        let new = schema(2, json!({"x": new}), &[], true);
        let takes = |schema: &Schema, value| schema.judge([("x", value)].into_iter()).is_empty();
        let backward = compare(&old, &new, Mode::Backward).is_empty();
        let forward = compare(&old, &new, Mode::Forward).is_empty();
        for value in WORLD {
            prop_assert!(!backward || !takes(&old, value) || takes(&new, value), "backward: {:?}", value);
            prop_assert!(!forward || !takes(&new, value) || takes(&old, value), "forward: {:?}", value);
        }
    }

    #[test]
    fn a_schema_is_compatible_with_itself(x in property(), y in property(), open: bool) {
        let of = |version| schema(version, json!({"x": x, "y": y}), &["x"], open);
        prop_assert_eq!(compare(&of(1), &of(2), Mode::FullTransitive), []);
    }

    #[test]
    fn an_optional_addition_is_fully_compatible(x in property(), y in property()) {
        let old = schema(1, json!({"x": x}), &["x"], true);
        let new = schema(2, json!({"x": x, "y": y}), &["x"], true);
        prop_assert_eq!(compare(&old, &new, Mode::FullTransitive), []);
        prop_assert_eq!(compare(&new, &old, Mode::FullTransitive), []);
    }
}
