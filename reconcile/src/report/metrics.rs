//! The report for Prometheus, in the text format that node_exporter's textfile collector reads.

use std::fmt::Write as _;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::{Report, SideCounts};
use crate::error::{ReconcileError, Result};

impl Report {
    /// The metrics as of `now`, all of them gauges. The match rate is `NaN` when nothing could be
    /// compared: a gap is not a zero.
    pub fn metrics(&self, now: DateTime<Utc>) -> String {
        let labels = format!("left=\"{}\",right=\"{}\"", escaped(&self.left.name), escaped(&self.right.name));
        let mut out = String::new();
        let rate = self.match_rate.map_or_else(|| "NaN".to_owned(), |rate| rate.to_string());
        family(&mut out, "match_ratio", "Matched of matched, missing, extra and different keys.");
        sample(&mut out, "match_ratio", &labels, &rate);
        family(&mut out, "passed", "1 when the comparison passed.");
        sample(&mut out, "passed", &labels, if self.passed { "1" } else { "0" });
        family(&mut out, "finished_timestamp_seconds", "When the comparison was made.");
        sample(&mut out, "finished_timestamp_seconds", &labels, &now.timestamp().to_string());
        family(&mut out, "keys", "Keys by how they came out; late ones are matched or different as well.");
        let counts = &self.counts;
        for (class, count) in [
            ("matched", counts.matched),
            ("different", counts.different),
            ("missing", counts.missing),
            ("extra", counts.extra),
            ("pending_left", counts.pending_left),
            ("pending_right", counts.pending_right),
            ("late", counts.late),
        ] {
            sample(&mut out, "keys", &format!("{labels},class=\"{class}\""), &count.to_string());
        }
        family(&mut out, "events", "Events of a side by class; all of them are read.");
        for (side, counts) in [("left", &self.left), ("right", &self.right)] {
            for (class, count) in classes(counts) {
                let labels = format!("{labels},side=\"{side}\",class=\"{class}\"");
                sample(&mut out, "events", &labels, &count.to_string());
            }
        }
        out
    }

    /// Writes the metrics of `now` to a file, whole or not at all: the collector may read at any
    /// moment. It reads names that end in `.prom`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_metrics(&self, path: &Path, now: DateTime<Utc>) -> Result<()> {
        let failed = |source| ReconcileError::io(format!("{} cannot be written", path.display()), source);
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}", std::process::id()));
        let beside = Path::new(&name);
        std::fs::write(beside, self.metrics(now)).map_err(failed)?;
        std::fs::rename(beside, path).map_err(|error| {
            // The file beside it is ours and of no use.
            let _ = std::fs::remove_file(beside);
            failed(error)
        })
    }
}

fn classes(counts: &SideCounts) -> [(&'static str, u64); 5] {
    [
        ("read", counts.events),
        ("resent", counts.resent),
        ("duplicate", counts.duplicates),
        ("suspect", counts.suspects),
        ("unkeyed", counts.unkeyed),
    ]
}

fn family(out: &mut String, name: &str, help: &str) {
    let _ = writeln!(out, "# HELP headroom_reconcile_{name} {help}\n# TYPE headroom_reconcile_{name} gauge");
}

fn sample(out: &mut String, name: &str, labels: &str, value: &str) {
    let _ = writeln!(out, "headroom_reconcile_{name}{{{labels}}} {value}");
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn labels_are_escaped() {
        assert_eq!(escaped("a\"b\\c\nd"), r#"a\"b\\c\nd"#);
    }
}
