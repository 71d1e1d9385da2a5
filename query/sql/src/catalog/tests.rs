use std::collections::HashSet;

use super::*;

#[test]
fn no_view_shows_the_tenant_and_every_column_is_explained() {
    let mut names = HashSet::new();
    for view in views() {
        assert!(names.insert(view.name), "{} is there twice", view.name);
        assert!(!view.doc.is_empty());
        let mut columns = HashSet::new();
        for column in view.columns {
            assert!(columns.insert(column.name), "{}.{} is there twice", view.name, column.name);
            assert!(!column.doc.is_empty(), "{}.{}", view.name, column.name);
            assert_ne!(column.from, "tenant");
            assert_ne!(column.name, "tenant");
        }
        // Such a view is read in two steps, which know nothing of constants.
        assert!(view.once_by.is_empty() || view.branches.iter().all(|one| one.constants.is_empty()));
        for branch in view.branches {
            for (name, _) in branch.constants {
                assert!(columns.contains(name), "{}.{name}", view.name);
            }
        }
    }
}

#[test]
fn only_types_that_every_client_knows_are_exposed() {
    for view in catalog() {
        for column in view.columns {
            let known = [
                "Utf8",
                "Int64",
                "UInt64",
                "Float64",
                "Boolean",
                "Timestamp(ns, \"UTC\")",
                "Decimal128(38, 12)",
            ];
            assert!(
                known.contains(&column.data_type.as_str()),
                "{}.{}: {}",
                view.name,
                column.name,
                column.data_type
            );
        }
    }
}

/// The section of a view in docs/sql.md.
fn section(view: &View) -> String {
    let doc = view.doc;
    let doc = doc[..1].to_uppercase() + &doc[1..];
    let row = |column: &Column| {
        let of = column.kind.postgres_type();
        let digits = match of.digits {
            Some((digits, Some(scale))) if of.short == "numeric" => format!("({digits},{scale})"),
            _ => String::new(),
        };
        let name = if of.short == "timestamptz" { of.short } else { of.name };
        let nullable = if column.kind.nullable() { " yes " } else { "  " };
        format!("| `{}` | {name}{digits} |{nullable}| {} |\n", column.name, column.doc)
    };
    let rows: String = view.columns.iter().map(row).collect();
    format!(
        "### {}\n\n{doc}.\n\n| column | type | NULL | what it holds |\n|---|---|---|---|\n{rows}",
        view.name
    )
}

#[test]
fn the_documentation_has_every_view_as_it_is() {
    let text = include_str!("../../../../docs/sql.md");
    let (_, told) = text.split_once("\n### ").unwrap();
    let expected: Vec<String> = views().map(section).collect();
    let expected = expected.join("\n");
    assert!(format!("### {told}") == expected, "docs/sql.md: the views are to be\n\n{expected}");
}
