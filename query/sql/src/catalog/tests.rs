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
