//! The check of folders: the built-in one, broken ones, changed ones.

use std::fs;
use std::path::Path;

use headroom_contracts::{CheckReport, Mode, Schema, check, check_built_in};

use crate::data;

fn built_in() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

#[test]
fn the_built_in_contracts_pass() {
    for mode in [Mode::FullTransitive, Mode::Backward, Mode::Forward] {
        let report = check_built_in(mode);
        assert!(report.ok, "{report}");
        assert_eq!(check(&built_in(), mode, Some(&built_in())).unwrap(), report);
    }
    insta::assert_snapshot!(check_built_in(Mode::default()), @"ok: 38 events, 49 versions, full_transitive; 0 problems, 0 incompatibilities");
}

#[test]
fn the_example_of_the_guide_is_a_contract() {
    let guide =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/contracts.md")).unwrap();
    let example = guide.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let schema = Schema::parse("desk.order", 2, example).unwrap();
    assert_eq!((schema.event(), schema.version(), schema.title()), ("desk.order", 2, "DeskOrder"));
}

#[test]
fn every_fault_of_a_broken_folder_is_found() {
    insta::assert_snapshot!(check(&data("broken"), Mode::default(), None).unwrap(), @r#"
    comma/1.json:3: is no JSON: key must be a string at line 3 column 20
    example/1.json at /examples/1: breaks the contract: order.id must be there, found nothing
    example/1.json at /examples/1/sidde: breaks the contract: sidde must be one of the contract's attributes, found another one
    example/1.json at /examples/1/side: breaks the contract: side must be one of "buy", "sell", found the text "short"
    example/1.json at /examples/2: must be an object from attributes to values
    fields/1.json at /properties/: an attribute must have a name
    fields/1.json at /properties/a.text: must be an object
    fields/1.json at /properties/amount: goes to a decimal column and must have "format": "decimal"
    fields/1.json at /properties/both/const: stands beside enum: keep one of them
    fields/1.json at /properties/bounds/minimum: is for numbers: the type must be integer or number, or the format decimal
    fields/1.json at /properties/column/x-column: column has no typed column; it is kept in the map attributes
    fields/1.json at /properties/decimal/type: must be "string" or ["string", "integer"] for a decimal: a float is somebody else's rounding
    fields/1.json at /properties/empty/enum: must be a list of at least one value
    fields/1.json at /properties/event.version: is read by Headroom itself and belongs to every event; leave it out
    fields/1.json at /properties/example/examples/1: must be a text of at most 3 characters, found the text "abcd"
    fields/1.json at /properties/flag/x-personal: must be true or false
    fields/1.json at /properties/format/format: "email" is no format here; allowed are decimal, date-time, currency, ratio
    fields/1.json at /properties/keyword/items: is no keyword here; allowed are type, description, format, enum, const, minLength, maxLength, pattern, minimum, maximum, exclusiveMinimum, examples, x-personal, x-column
    fields/1.json at /properties/length/minLength: is for texts, and the type is an integer
    fields/1.json at /properties/listed/enum/1: must be an integer, found the text "two"
    fields/1.json at /properties/nested/type: "object" is no type here; allowed are string, integer, number, boolean
    fields/1.json at /properties/never/examples: must be a list of values
    fields/1.json at /properties/never/maximum: 4 is below the minimum: nothing can pass
    fields/1.json at /properties/nothing: "description" is missing
    fields/1.json at /properties/nothing: "type" is missing
    fields/1.json at /properties/pattern/pattern: is no regular expression: unclosed group
    fields/1.json at /properties/shut/maxLength: 4 is below minLength 5: nothing can pass
    fields/1.json at /properties/side/x-column: must be "side": that is where side goes
    fields/1.json at /properties/sl~1ash~0/minLength: must be a whole number from 0
    fields/1.json at /properties/wide/minimum: must be a number of at most 28 digits, 12 after the point
    fields/1.json at /required/0: "missing" is none of the properties
    gap: version 2 is missing before version 3
    gap/v2.json: must be named by its version, 1.json, 2.json and so on
    head/1.json: "description" is missing
    head/1.json at /$id: must end in :head:1 or /head/1.json, like the path
    head/1.json at /$schema: must be https://json-schema.org/draft/2020-12/schema
    head/1.json at /additionalProperties: must be true or false
    head/1.json at /oneOf: is no keyword here; allowed are $schema, $id, title, description, type, properties, required, additionalProperties, x-aliases, examples
    head/1.json at /required/1: "id" is named twice
    head/1.json at /title: must be of the form OrderPlaced
    head/1.json at /type: must be "object"
    head/1.json at /x-aliases/1: "Head" is named already
    head/1.json at /x-aliases/2: "head" is named already
    list/1.json: must be a JSON object
    one name: is no name for an event: letters, digits, '.', '_' and '-', a letter first
    stray.json: must lie in a folder with the event's name, as <event>/<version>.json
    title/2.json at /title: must be "TitleOne" as in version 1
    title/2.json at /x-aliases: "trade" is a name of trade already
    trade/1.json at /x-aliases: "Taken" is a name of title already
    failed: 3 events, 5 versions, full_transitive; 49 problems, 0 incompatibilities
    "#);
}

#[test]
fn versions_that_do_not_go_together() {
    insta::assert_snapshot!(check(&data("incompatible"), Mode::default(), None).unwrap(), @r#"
    payment.sent/2.json: amount: was at least 0, is at least 1 (minimum, version 1 to 2, not backward compatible); accept at least what version 1 accepts
    payment.sent/2.json: code: was 10, is 8 (maxLength, version 1 to 2, not backward compatible); accept at least what version 1 accepts
    payment.sent/2.json: extra: is new and required (required, version 1 to 2, not backward compatible); make it optional: events of version 1 may come without it
    payment.sent/2.json: gone: was required and is gone (required, version 1 to 2, not forward compatible); keep it required: readers of version 1 count on it
    payment.sent/2.json: method: takes "ach" as well now (enum, version 1 to 2, not forward compatible); readers know the old values only: put the new ones into a new optional field
    payment.sent/2.json: name: was personal data, is not marked so now (x-personal, version 1 to 2, allowed in no mode); keep x-personal true: stored events still hold personal data
    payment.sent/3.json: the contract: other attributes are refused now (additionalProperties, version 1 to 3, not backward compatible); keep additionalProperties and the fields of version 1, or start a new event
    payment.sent/3.json: code: was a text, is an integer (type, version 1 to 3, neither backward nor forward compatible); keep it as in version 1, and add a new optional field beside it
    payment.sent/3.json: code: was 10, is not set now (maxLength, version 1 to 3, not forward compatible); accept no more than version 1 accepts
    payment.sent/3.json: gone: was required and is gone (required, version 1 to 3, not forward compatible); keep it required: readers of version 1 count on it
    payment.sent/3.json: gone: is gone, and version 3 refuses other attributes (additionalProperties, version 1 to 3, not backward compatible); keep additionalProperties and the fields of version 1, or start a new event
    payment.sent/3.json: method: no longer takes "wire" (enum, version 1 to 3, not backward compatible); accept at least what version 1 accepts
    payment.sent/3.json: note: was not set, is ^n (pattern, version 1 to 3, not backward compatible); accept at least what version 1 accepts
    payment.sent/3.json: the contract: other attributes are refused now (additionalProperties, version 2 to 3, not backward compatible); keep additionalProperties and the fields of version 2, or start a new event
    payment.sent/3.json: amount: was at least 1, is at least 0 (minimum, version 2 to 3, not forward compatible); accept no more than version 2 accepts
    payment.sent/3.json: code: was a text, is an integer (type, version 2 to 3, neither backward nor forward compatible); keep it as in version 2, and add a new optional field beside it
    payment.sent/3.json: code: was 8, is not set now (maxLength, version 2 to 3, not forward compatible); accept no more than version 2 accepts
    payment.sent/3.json: extra: is no longer required (required, version 2 to 3, not forward compatible); keep it required: readers of version 2 count on it
    payment.sent/3.json: method: no longer takes "wire", "ach" (enum, version 2 to 3, not backward compatible); accept at least what version 2 accepts
    payment.sent/3.json: note: was not set, is ^n (pattern, version 2 to 3, not backward compatible); accept at least what version 2 accepts
    failed: 1 event, 3 versions, full_transitive; 0 problems, 20 incompatibilities
    "#);
    let found = |mode| check(&data("incompatible"), mode, None).unwrap().incompatibilities.len();
    let modes =
        [Mode::Backward, Mode::Forward, Mode::Full, Mode::BackwardTransitive, Mode::ForwardTransitive];
    insta::assert_debug_snapshot!(modes.map(|mode| (mode, found(mode))), @r"
    [
        (
            Backward,
            8,
        ),
        (
            Forward,
            7,
        ),
        (
            Full,
            13,
        ),
        (
            BackwardTransitive,
            13,
        ),
        (
            ForwardTransitive,
            10,
        ),
    ]
    ");
}

#[test]
fn what_was_published_stays() {
    let report = check(&data("changed"), Mode::default(), Some(&data("published"))).unwrap();
    insta::assert_snapshot!(report, @r"
    order.lost/1.json: was published and is gone: stored events of this version need it
    order.sent/1.json at /properties/description/maxLength: was changed after it was published: put it back, and add a version
    order.sent/1.json at /properties/side/enum: was changed after it was published: put it back, and add a version
    order.sent/1.json at /required: was changed after it was published: put it back, and add a version
    published order.torn/1.json:2: is no JSON: EOF while parsing an object at line 2 column 0
    failed: 3 events, 4 versions, full_transitive; 5 problems, 0 incompatibilities
    ");
    // Without the comparison nothing is wrong with the folder.
    assert!(check(&data("changed"), Mode::default(), None).unwrap().ok);
}

#[test]
fn a_report_is_json_too() {
    let report = check(&data("incompatible"), Mode::Forward, None).unwrap();
    let one = CheckReport { incompatibilities: report.incompatibilities[..1].to_vec(), ..report };
    insta::assert_json_snapshot!(one, @r#"
    {
      "ok": false,
      "mode": "forward",
      "events": 1,
      "versions": 3,
      "problems": [],
      "incompatibilities": [
        {
          "file": "payment.sent/2.json",
          "from": 1,
          "to": 2,
          "field": "gone",
          "rule": "required",
          "breaks": "forward",
          "change": "was required and is gone",
          "advice": "keep it required: readers of version 1 count on it"
        }
      ]
    }
    "#);
}

#[test]
fn folders_that_are_no_contracts() {
    let dir = tempfile::tempdir().unwrap();
    let text = |against| check(dir.path(), Mode::default(), against).unwrap().to_string();
    insta::assert_snapshot!(text(None), @r"
    .: holds no contract: <event>/<version>.json
    failed: 0 events, 0 versions, full_transitive; 1 problem, 0 incompatibilities
    ");
    fs::write(dir.path().join("README.md"), "about").unwrap();
    fs::write(dir.path().join("order.placed.json"), "{}").unwrap();
    fs::create_dir_all(dir.path().join("order placed")).unwrap();
    fs::create_dir_all(dir.path().join("empty")).unwrap();
    fs::create_dir_all(dir.path().join("order.paid/2.json")).unwrap();
    fs::write(dir.path().join("order.paid/1.json"), [0xff, 0xfe]).unwrap();
    fs::write(dir.path().join("order.paid/01.json"), "{}").unwrap();
    fs::write(dir.path().join("order.paid/.hidden"), "").unwrap();
    insta::assert_snapshot!(text(None), @r"
    empty: holds no version that can be read
    order placed: is no name for an event: letters, digits, '.', '_' and '-', a letter first
    order.paid: holds no version that can be read
    order.paid/01.json: must be named by its version, 1.json, 2.json and so on
    order.paid/1.json: is no text: invalid utf-8 sequence of 1 bytes from index 0
    order.paid/2.json: must be named by its version, 1.json, 2.json and so on
    order.placed.json: must lie in a folder with the event's name, as <event>/<version>.json
    failed: 0 events, 0 versions, full_transitive; 7 problems, 0 incompatibilities
    ");
    assert!(check(&dir.path().join("nowhere"), Mode::default(), None).is_err());
    assert!(check(&built_in(), Mode::default(), Some(&dir.path().join("nowhere"))).is_err());
}
