//! What Headroom tells of itself.

use super::Kind::{CoarseTime, Text, TextOrNull, Unsigned};
use super::{Branch, View, column};

pub(crate) static QUERIES: View = View {
    name: "queries",
    doc: "one row per statement that was asked in SQL, by whom, and how it went; known a second after its end",
    branches: &[Branch::newest("queries")],
    once_by: &[],
    columns: &[
        column("ts", "ts", CoarseTime, "when it was asked"),
        column("id", "id", Text, "its number"),
        column("actor", "actor", Text, "who asked"),
        column("door", "door", Text, "http, postgres or flight"),
        column("statement", "statement", Text, "its text, at most 16 KiB of it"),
        column("sqlstate", "sqlstate", Text, "how it ended: 00000 is well, 57014 stopped"),
        column("error", "error", TextOrNull, "why it failed"),
        column("row_count", "rows", Unsigned, "rows given out"),
        column("bytes", "bytes", Unsigned, "bytes of their values"),
        column("elapsed_ms", "elapsed_ms", Unsigned, "time from the question to the end, in milliseconds"),
    ],
};
