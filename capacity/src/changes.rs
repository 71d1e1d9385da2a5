//! The file that says when the changes in each version were made.

use std::io::Read;

use chrono::DateTime;
use headroom_query::services::Changes;
use serde::Deserialize;

/// More than this of a file is not read: a million changes of a hundred bytes.
pub const MOST_BYTES: u64 = 100 << 20;

#[derive(Debug, Deserialize)]
struct ChangeRow {
    service: String,
    version: String,
    committed_at: String,
}

/// Reads CSV with the columns `service`, `version` and `committed_at` (RFC 3339), a line for each change. An empty
/// service stands for every service of that version, as one repository with many services has it.
///
/// # Errors
///
/// What is wrong, with `name` of the file and the line.
pub fn read(source: impl Read, name: &str) -> Result<Changes, String> {
    let mut changes = Changes::default();
    let mut csv = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(source.take(MOST_BYTES));
    let refused = |line: u64, problem: &str| {
        format!("{name}:{line}: {problem}; a change is a line of service,version,committed_at")
    };
    for (row, line) in csv.deserialize().zip(2..) {
        let row: ChangeRow = row.map_err(|error| match error.kind() {
            csv::ErrorKind::Deserialize { pos, err } => {
                refused(pos.as_ref().map_or(line, csv::Position::line), &err.to_string())
            }
            csv::ErrorKind::UnequalLengths { len, .. } => refused(line, &format!("it has {len} cells")),
            _ => refused(line, &error.to_string()),
        })?;
        let at = DateTime::parse_from_rfc3339(&row.committed_at).map_err(|_| {
            let example = "2026-11-20T09:14:00+01:00";
            refused(
                line,
                &format!("committed_at is {:?} and no time with its zone, as {example}", row.committed_at),
            )
        })?;
        changes.add(&row.service, &row.version, at.to_utc());
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn changes_are_read_and_what_is_wrong_is_named() {
        let text = "service,version,committed_at\norder,2.31.0,2026-11-20T09:14:00+01:00\n,7f3c,2026-11-20T08:00:00Z\n";
        let mut expected = Changes::default();
        expected.add("order", "2.31.0", "2026-11-20T08:14:00Z".parse().unwrap());
        expected.add("", "7f3c", "2026-11-20T08:00:00Z".parse().unwrap());
        assert_eq!(read(text.as_bytes(), "changes.csv").unwrap(), expected);
        let refused = |text: &str| read(text.as_bytes(), "changes.csv").unwrap_err();
        insta::assert_snapshot!(refused("service,version,committed_at\norder,2,yesterday\n"), @r#"changes.csv:2: committed_at is "yesterday" and no time with its zone, as 2026-11-20T09:14:00+01:00; a change is a line of service,version,committed_at"#);
        insta::assert_snapshot!(refused("service,version\norder,2\n"), @"changes.csv:2: missing field `committed_at`; a change is a line of service,version,committed_at");
        insta::assert_snapshot!(refused("service,version,committed_at\norder,2\n"), @"changes.csv:2: it has 2 cells; a change is a line of service,version,committed_at");
    }
}
