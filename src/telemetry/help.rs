//! What each metric means: the table in docs/operations.md, told to Prometheus as well.

/// The page for operators; its table names each metric, its type, its labels and its meaning.
const PAGE: &str = include_str!("../../docs/operations.md");

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    name: &'static str,
    kind: &'static str,
    meaning: &'static str,
}

fn rows() -> impl Iterator<Item = Row> {
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
    let lines = PAGE.lines().filter(|line| line.starts_with("| `headroom_")).map(cells);
    lines.flat_map(|cells| {
        let [names, kind, _labels, meaning] = cells[..] else { return Vec::new() };
        let names = names.split(", ").map(|name| name.trim_matches('`'));
        names.map(|name| Row { name, kind, meaning }).collect()
    })
}

/// Gives the recorder the descriptions, for the `# HELP` lines of `/metrics`.
pub(super) fn describe() {
    for Row { name, kind, meaning } in rows() {
        match kind {
            "counter" => metrics::describe_counter!(name, meaning),
            "gauge" => metrics::describe_gauge!(name, meaning),
            _ => metrics::describe_histogram!(name, meaning),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::path::Path;

    /// Metrics that the sources of this workspace record, with their types.
    fn recorded(folder: &Path, found: &mut BTreeMap<String, &'static str>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() && !matches!(name, "target" | "node_modules") && !name.starts_with('.') {
                recorded(&path, found);
            }
            if path.extension().is_none_or(|end| end != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a source file");
            for (call, kind) in [("counter!(", "counter"), ("gauge!(", "gauge"), ("histogram!(", "summary")] {
                for after in text.split(call).skip(1) {
                    let literal = after.trim_start().strip_prefix('"').and_then(|text| text.split_once('"'));
                    if let Some((name, _)) = literal.filter(|(name, _)| name.starts_with("headroom_")) {
                        found.insert(name.to_owned(), kind);
                    }
                }
            }
        }
    }

    #[test]
    fn each_metric_is_in_the_table_of_the_operators_page() {
        let mut found = BTreeMap::new();
        recorded(Path::new(env!("CARGO_MANIFEST_DIR")), &mut found);
        assert!(found.len() > 40, "{found:?}");
        for (name, kind) in found {
            let row = rows().find(|row| row.name == name);
            let row = row.unwrap_or_else(|| panic!("docs/operations.md does not say what {name} is"));
            assert_eq!(row.kind, kind, "{name}");
            assert!(!row.meaning.is_empty(), "{name}");
        }
    }

    #[test]
    fn names_of_one_row_share_its_meaning() {
        let row = rows().find(|row| row.name == "headroom_kafka_commit_failures_total").expect("it is there");
        assert_eq!((row.kind, row.meaning), ("counter", "faults while reading, and while committing"));
    }
}
