use super::*;

fn at(line: usize, column: usize) -> Place {
    Place { line, column }
}

fn field<'a>(tree: &'a Tree, key: &str) -> (Place, &'a Tree) {
    let Value::Map(fields) = &tree.value else { panic!("no mapping: {tree:?}") };
    fields
        .iter()
        .find(|(name, ..)| name == key)
        .map(|(_, at, value)| (*at, value))
        .expect("the field is there")
}

#[test]
fn every_value_knows_its_place() {
    let (documents, broken) = read("# first\na: 1\nb:\n  - x\n  - {c: yes, d: }\n---\ne: \"2\"\n");
    assert!(broken.is_empty() && documents.len() == 2);
    let (key, value) = field(&documents[0].tree, "a");
    assert_eq!((key, value.place, &value.value), (at(2, 1), at(2, 4), &Value::Number(1.0)));
    let (_, list) = field(&documents[0].tree, "b");
    let Value::List(entries) = &list.value else { panic!("{list:?}") };
    assert_eq!(entries[0].place, at(4, 5));
    let (key, value) = field(&entries[1], "c");
    assert_eq!((key, &value.value), (at(5, 6), &Value::Text("yes".to_owned())));
    assert_eq!(field(&entries[1], "d").1.value, Value::Null);
    assert_eq!(
        field(&documents[1].tree, "e"),
        (at(7, 1), &Tree { place: at(7, 4), value: Value::Text("2".to_owned()) })
    );
}

#[test]
fn a_document_keeps_its_text() {
    let texts = |text: &str| read(text).0.into_iter().map(|document| document.text).collect::<Vec<_>>();
    assert_eq!(texts("---\na: 1 # why\n\nb: 2\n---\n---\nc: 3\n...\n"), ["a: 1 # why\n\nb: 2\n", "c: 3\n"]);
    assert_eq!(texts("- a: 1\n  b:\n    c: 2\n- d: 3\n"), ["a: 1\nb:\n  c: 2\n", "d: 3\n"]);
    assert_eq!(texts("{a: 1,\n b: 2}\n"), ["{a: 1,\n b: 2}\n"]);
}

#[test]
fn what_is_broken_is_told_with_its_place() {
    let (documents, broken) = read("a: 1\n---\nb: [1\n");
    assert_eq!(documents.len(), 1);
    assert!(broken[0].problem.starts_with("is not YAML: ") && broken[0].place.line >= 3, "{broken:?}");
    let (documents, broken) = read("a: 1\nb: 2\na: 3\n");
    assert_eq!(field(&documents[0].tree, "a").1.value, Value::Number(1.0));
    assert_eq!(
        (broken[0].place, broken[0].problem.as_str()),
        (at(3, 1), "has the key \"a\" a second time; keep one of them")
    );
    assert!(read("? [a]\n: b\n").1[0].problem.contains("is no key"));
}

#[test]
fn anchors_are_followed_and_bombs_are_not() {
    let (documents, broken) = read("a: &x {b: 1}\nc: *x\n");
    assert!(broken.is_empty());
    assert_eq!(field(field(&documents[0].tree, "c").1, "b").1.value, Value::Number(1.0));
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let before = format!("*a{}", n - 1);
        bomb += &format!("a{n}: &a{n} [{}]\n", [before.as_str(); 10].join(", "));
    }
    assert!(read(&bomb).1[0].problem.starts_with("is too much"));
    assert!(read(&"[".repeat(5_000)).1[0].problem.starts_with("is "));
}

#[test]
fn scalars_by_the_core_schema() {
    for text in ["inf", "nan", "1_000", "30d", "-", "1.2.3", "yes", "0x", "2020-01-21 12:30:00", "e"] {
        assert_eq!(scalar(text), Value::Text(text.to_owned()));
    }
    assert_eq!(scalar("-1.5e3"), Value::Number(-1_500.0));
    assert_eq!(scalar("~"), Value::Null);
    assert_eq!(scalar("TRUE"), Value::Bool(true));
}
