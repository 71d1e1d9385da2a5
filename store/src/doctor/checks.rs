//! The checks, from facts alone.

use super::facts::Facts;
use super::{Check, Status};
use crate::schema::{self, DEDUPLICATION_WINDOW, Form, Renderer, Retention};

/// Parts per partition above which merges do not keep up.
const MANY_PARTS: u64 = 300;
/// Free space below this share is too little for merges.
const LITTLE_SPACE: f64 = 0.10;
/// Difference of raw rows and rollups that is worth a word.
const DRIFT: f64 = 0.001;

pub(crate) fn all(facts: &Facts, renderer: &Renderer) -> Vec<Check> {
    vec![
        version(facts),
        tables(facts, renderer),
        columns(facts, renderer),
        views(facts, renderer),
        retention(facts, renderer),
        windows(facts, renderer),
        parts(facts),
        disk(facts),
        drift(facts, renderer),
    ]
}

/// A check that is fine when `wrong` is empty.
fn listed(name: &'static str, fine: String, wrong: &[String], status: Status, hint: &str) -> Check {
    if wrong.is_empty() {
        return Check { name, status: Status::Ok, detail: fine, hint: String::new() };
    }
    Check { name, status, detail: wrong.join(", "), hint: hint.to_owned() }
}

fn version(facts: &Facts) -> Check {
    let mut wrong = Vec::new();
    if facts.version.starts_with("26.5.") {
        wrong.push(format!("{}: reads of the newest rows by an attribute abort in 26.5", facts.version));
    }
    listed("version", facts.version.clone(), &wrong, Status::Warn, "use 26.6 or later, or 26.4 or earlier")
}

fn tables(facts: &Facts, renderer: &Renderer) -> Check {
    let tables = schema::tables();
    let missing: Vec<_> = tables
        .iter()
        .map(|table| renderer.stored_name(table.name))
        .filter(|name| !facts.state.has_table(name))
        .map(|name| format!("{name} is missing"))
        .collect();
    let fine = format!("all {} tables are there", tables.len());
    listed("tables", fine, &missing, Status::Fail, "run `headroom migrate`")
}

fn columns(facts: &Facts, renderer: &Renderer) -> Check {
    let mut missing = Vec::new();
    for table in schema::tables() {
        let stored = renderer.stored_name(table.name);
        if facts.state.has_table(&stored) {
            for (column, _) in &table.columns {
                if !facts.state.has_column(&stored, column) {
                    missing.push(format!("{stored}.{column} is missing"));
                }
            }
        }
    }
    listed("columns", "as defined".to_owned(), &missing, Status::Fail, "run `headroom migrate`")
}

fn views(facts: &Facts, renderer: &Renderer) -> Check {
    let retired: Vec<_> = schema::RETIRED_VIEWS
        .into_iter()
        .filter(|view| facts.state.has_table(view))
        .map(|view| format!("{view} is of an earlier schema and counts everything a second time"))
        .collect();
    let hint = format!("run `headroom migrate`, which drops it; {}", repair(renderer));
    listed("views", "none of an earlier schema".to_owned(), &retired, Status::Fail, &hint)
}

fn retention(facts: &Facts, renderer: &Renderer) -> Check {
    let mut wrong = Vec::new();
    for table in schema::tables() {
        let stored = renderer.stored_name(table.name);
        if !facts.state.has_table(&stored) {
            continue;
        }
        let (want, have) = (renderer.ttl(&table), facts.state.ttl(&stored));
        if want != have {
            let word = |ttl: Option<String>| ttl.unwrap_or_else(|| "for ever".to_owned());
            wrong.push(format!("{stored} keeps {}, configured is {}", word(have), word(want)));
        }
    }
    listed("retention", "as configured".to_owned(), &wrong, Status::Warn, "run `headroom migrate`")
}

fn windows(facts: &Facts, renderer: &Renderer) -> Check {
    let mut wrong = Vec::new();
    for table in schema::tables() {
        let stored = renderer.stored_name(table.name);
        if !facts.state.has_table(&stored) {
            continue;
        }
        let window = facts.state.setting(&stored, renderer.window_setting());
        let window: u32 = window.and_then(|value| value.parse().ok()).unwrap_or(0);
        if window < DEDUPLICATION_WINDOW {
            wrong.push(format!("{stored} remembers {window} inserts"));
        }
    }
    let hint = format!(
        "a repeated insert would be stored twice: ALTER TABLE ... MODIFY SETTING {} = {DEDUPLICATION_WINDOW}",
        renderer.window_setting()
    );
    listed("deduplication", format!("{DEDUPLICATION_WINDOW} inserts everywhere"), &wrong, Status::Fail, &hint)
}

fn parts(facts: &Facts) -> Check {
    let many: Vec<_> = facts
        .tables
        .iter()
        .filter(|table| table.most_parts > MANY_PARTS)
        .map(|table| format!("{} has {} parts in one partition", table.name, table.most_parts))
        .collect();
    let most = facts.tables.iter().map(|table| table.most_parts).max().unwrap_or(0);
    listed(
        "parts",
        format!("at most {most} in a partition"),
        &many,
        Status::Warn,
        "merges do not keep up: larger slices, or a faster disk",
    )
}

fn disk(facts: &Facts) -> Check {
    let share = |free: u64, total: u64| free as f64 / total as f64;
    let full: Vec<_> = facts
        .disks
        .iter()
        .filter(|disk| share(disk.free, disk.total) < LITTLE_SPACE)
        .map(|disk| format!("{} has {:.1} % free", disk.name, share(disk.free, disk.total) * 100.0))
        .collect();
    let fine: Vec<_> = facts
        .disks
        .iter()
        .map(|disk| format!("{}: {:.1} GB free", disk.name, disk.free as f64 / 1e9))
        .collect();
    listed(
        "disk",
        fine.join(", "),
        &full,
        Status::Warn,
        "shorten the retention or add space: merges need room",
    )
}

fn drift(facts: &Facts, renderer: &Renderer) -> Check {
    let Some((raw, minute, buckets)) = facts.hour else {
        let missing = ["a table is missing, so rows cannot be compared".to_owned()];
        return listed("drift", String::new(), &missing, Status::Warn, "run `headroom migrate`");
    };
    let gauge = |rolled: u64| {
        if raw == 0 && rolled == 0 { 0.0 } else { (rolled as f64 - raw as f64) / raw.max(1) as f64 }
    };
    let mut wrong = Vec::new();
    for (name, rolled) in [(schema::SPAN_MINUTE, minute), (schema::LATENCY_BUCKETS_1M, buckets)] {
        let drift = gauge(rolled);
        metrics::gauge!("headroom_rollup_drift_ratio", "table" => name).set(drift);
        if drift.abs() > DRIFT {
            wrong.push(format!("{name} counts {rolled} spans of the last hour, raw rows are {raw}"));
        }
    }
    let hint = format!(
        "look again in a few minutes, an insert that is tried again counts late; if it stays: {}",
        repair(renderer)
    );
    let fine = format!("{raw} spans of the last hour in raw rows and rollups");
    listed("drift", fine, &wrong, Status::Warn, &hint)
}

/// What can be done about a rollup that is wrong.
fn repair(renderer: &Renderer) -> String {
    let Retention { minute_days, hour_days, .. } = renderer.retention;
    let kept = format!(
        "tables by the hour, and what is not made again, stay off until it is dropped, after {minute_days} days by the minute and {hour_days} by the hour (raw rows are not affected)"
    );
    match renderer.form {
        Form::Cluster(_) => format!("a cluster's rollups cannot be made again; {kept}"),
        _ => format!(
            "when the UTC day is over and none of its spans arrive, `headroom rebuild --day YYYY-MM-DD` counts it again; {kept}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::TableReport;
    use crate::doctor::facts::Disk;

    #[test]
    fn traps_are_named() {
        let facts = Facts {
            version: "26.5.1.2".to_owned(),
            tables: vec![TableReport {
                name: "spans".to_owned(),
                rows: 1,
                bytes: 1,
                parts: 900,
                most_parts: 301,
            }],
            disks: vec![Disk { name: "default".to_owned(), free: 5, total: 100 }],
            hour: Some((1_000, 1_002, 1_000)),
            ..Facts::default()
        };
        let renderer =
            |form| Renderer { form, database: "headroom".to_owned(), retention: Retention::default() };
        let words = |check: Check| (check.status, check.detail);
        assert_eq!(version(&facts).status, Status::Warn);
        assert_eq!(words(parts(&facts)), (Status::Warn, "spans has 301 parts in one partition".into()));
        assert_eq!(words(disk(&facts)), (Status::Warn, "default has 5.0 % free".into()));
        assert_eq!(
            words(drift(&facts, &renderer(Form::Server))),
            (Status::Warn, "span_minute counts 1002 spans of the last hour, raw rows are 1000".into())
        );
        for (form, again) in [(Form::Server, true), (Form::Cluster("main".into()), false)] {
            let hint = drift(&facts, &renderer(form)).hint;
            assert!(hint.contains("after 30 days by the minute and 400 by the hour"), "{hint}");
            assert_eq!(hint.contains("headroom rebuild"), again, "{hint}");
        }
    }
}
