//! From a file's text to a schema: the keywords that are known, and what they may say.

mod bounds;
mod property;
mod reader;

use serde_json::{Map, Value as Json};

use self::reader::{Object, Reader};
use super::{MAX_PROPERTIES, NAME, Property, Schema, VERSION, file};
use crate::problem::{Problem, step};
use crate::value::Value;

/// The dialect that the files are written in.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// What may stand in a file.
const KEYWORDS: [&str; 10] = [
    "$schema",
    "$id",
    "title",
    "description",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "x-aliases",
    "examples",
];

pub(super) fn schema(event: &str, version: u32, text: &str) -> Result<Schema, Vec<Problem>> {
    let file = file(event, version);
    let json: Json = serde_json::from_str(text).map_err(|error| vec![Problem::syntax(&file, &error)])?;
    let Json::Object(json) = &json else {
        return Err(vec![Problem::with(file, "must be a JSON object")]);
    };
    let mut reader = Reader::new(file);
    let schema = read(&mut reader, event, version, json);
    if reader.problems.is_empty() {
        // An example can only be judged by a schema that is right.
        examples(&mut reader, &schema, json);
    }
    if reader.problems.is_empty() { Ok(schema) } else { Err(reader.problems) }
}

fn read(reader: &mut Reader, event: &str, version: u32, json: &Map<String, Json>) -> Schema {
    let top = Object { json, pointer: String::new() };
    reader.known(&top, &KEYWORDS);
    head(reader, &top, event, version);
    let title = reader.needed_text(&top, "title");
    if title.as_deref().is_some_and(|title| !camel_case(title)) {
        reader.refuse(&top.at("title"), "must be of the form OrderPlaced");
    }
    let aliases = aliases(reader, &top, event);
    let properties = properties(reader, &top);
    let required = required(reader, &top, &properties);
    let open = reader.flag(&top, "additionalProperties").unwrap_or(true);
    let title = title.unwrap_or_default();
    Schema { event: event.to_owned(), version, title, aliases, properties, required, open }
}

/// What must be there and says nothing about attributes.
fn head(reader: &mut Reader, top: &Object<'_>, event: &str, version: u32) {
    if reader.needed_text(top, "$schema").is_some_and(|dialect| dialect != DIALECT) {
        reader.refuse(&top.at("$schema"), format!("must be {DIALECT}"));
    }
    if let Some(id) = reader.needed_text(top, "$id") {
        let ends = [
            format!(":{event}:{version}"),
            format!("/{event}/{version}"),
            format!("/{event}/{version}.json"),
        ];
        if !ends.iter().any(|end| id.ends_with(end)) {
            reader.refuse(&top.at("$id"), format!("must end in {} or {}, like the path", ends[0], ends[2]));
        }
    }
    reader.needed_text(top, "description");
    if reader.needed_text(top, "type").is_some_and(|kind| kind != "object") {
        reader.refuse(&top.at("type"), "must be \"object\"");
    }
}

fn aliases(reader: &mut Reader, top: &Object<'_>, event: &str) -> Vec<String> {
    let aliases = reader.texts(top, "x-aliases");
    for (i, alias) in aliases.iter().enumerate() {
        if alias == event || aliases[..i].contains(alias) {
            let pointer = step(&top.at("x-aliases"), i);
            reader.refuse(&pointer, format!("{alias:?} is named already"));
        }
    }
    aliases
}

fn properties(reader: &mut Reader, top: &Object<'_>) -> Vec<(String, Property)> {
    let pointer = top.at("properties");
    let Some(Json::Object(json)) = top.json.get("properties") else {
        reader.refuse(&pointer, "must be an object with an entry for each attribute");
        return Vec::new();
    };
    if json.is_empty() || json.len() > MAX_PROPERTIES {
        let detail = format!("names {} attributes, must name 1 to {MAX_PROPERTIES}", json.len());
        reader.refuse(&pointer, detail);
    }
    let mut properties = Vec::with_capacity(json.len());
    for (name, json) in json.iter().take(MAX_PROPERTIES) {
        let pointer = step(&pointer, name);
        if name.is_empty() {
            reader.refuse(&pointer, "an attribute must have a name");
        } else if matches!(name.as_str(), VERSION | NAME) {
            reader.refuse(&pointer, "is read by Headroom itself and belongs to every event; leave it out");
        }
        if let Json::Object(json) = json {
            properties.push((name.clone(), property::property(reader, name, &Object { json, pointer })));
        } else {
            reader.refuse(&pointer, "must be an object");
        }
    }
    properties.sort_by(|(a, _), (b, _)| a.cmp(b));
    properties
}

fn required(reader: &mut Reader, top: &Object<'_>, properties: &[(String, Property)]) -> u128 {
    let mut bits = 0_u128;
    for (i, name) in reader.texts(top, "required").iter().enumerate() {
        let pointer = step(&top.at("required"), i);
        match properties.binary_search_by(|(key, _)| key.cmp(name)) {
            Ok(at) if bits & (1 << at) != 0 => reader.refuse(&pointer, format!("{name:?} is named twice")),
            Ok(at) => bits |= 1 << at,
            Err(_) => reader.refuse(&pointer, format!("{name:?} is none of the properties")),
        }
    }
    bits
}

/// Judges the examples as if they had arrived.
fn examples(reader: &mut Reader, schema: &Schema, json: &Map<String, Json>) {
    let Some(examples) = json.get("examples") else { return };
    let Json::Array(examples) = examples else {
        return reader.refuse("/examples", "must be a list of objects");
    };
    for (i, example) in examples.iter().enumerate() {
        let pointer = step("/examples", i);
        let Json::Object(example) = example else {
            reader.refuse(&pointer, "must be an object from attributes to values");
            continue;
        };
        let attributes = example.iter().map(|(key, json)| (key.as_str(), Value::of_json(json)));
        for fault in schema.judge(attributes) {
            let at = if example.contains_key(&fault.field) {
                step(&pointer, &fault.field)
            } else {
                pointer.clone()
            };
            reader.refuse(&at, format!("breaks the contract: {fault}"));
        }
    }
}

fn camel_case(title: &str) -> bool {
    title.starts_with(|c: char| c.is_ascii_uppercase())
        && title.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
