//! Tests and comparisons for the terminal.

use std::fmt::Write;

use super::{Change, ChangeVerdict, Comparison, ConcurrencyFrom, LoadTest, Model, Stretch, Tool};

impl LoadTest {
    /// The test in plain words, the steps as aligned columns.
    pub fn text(&self) -> String {
        let mut text = format!("{} load test {}", tool(self.tool), self.name);
        if let Some(format) = self.format {
            let _ = write!(text, " ({format})");
        }
        if let Some(started) = self.started {
            let _ = write!(text, ", started {}", started.format("%Y-%m-%d %H:%M:%S UTC"));
        }
        let _ = writeln!(text, ", {:.1} s", self.duration_seconds);
        let _ = writeln!(text, "{}: {}.\n", model(self.model.model), self.model.why);
        let mut rows = vec![
            ["", "load", "of", "asked/s", "sent/s", "ok/s", "failed", "p50 ms", "p95 ms", "p99 ms", "max ms"]
                .map(str::to_owned),
        ];
        rows.push(row("whole".to_owned(), &self.total));
        let alike = self.steps.len() == 1 && self.rest.requests == 0;
        for (at, step) in self.steps.iter().enumerate().filter(|_| !alike) {
            rows.push(row(format!("step {}", at + 1), step));
        }
        text += &table(&rows);
        if self.rest.requests > 0 {
            let _ = writeln!(
                text,
                "\n{} of {} requests lie in no step: the load changed.",
                self.rest.requests, self.total.requests
            );
        }
        text += &bullets(&self.notes);
        text
    }
}

impl Comparison {
    /// The comparison in plain words, the levels as aligned columns.
    pub fn text(&self) -> String {
        let mut text = format!("{} against {}\n{}\n", self.b, self.a, self.verdict);
        if !self.levels.is_empty() {
            let mut rows = vec![["load", "ok/s", "p50 ms", "p95 ms", "p99 ms", "failed"].map(str::to_owned)];
            for level in &self.levels {
                let ms = |change: Option<Change>| change.map_or_else(dash, |change| shift(&change, number));
                rows.push([
                    number(level.load_a),
                    shift(&level.throughput, number),
                    ms(level.p50_ms),
                    ms(level.p95_ms),
                    ms(level.p99_ms),
                    level.error_share.map_or_else(dash, |change| shift(&change, percent)),
                ]);
            }
            let _ = write!(
                text,
                "\nLevels are {}; + is better, - is worse, ? is not tested.\n{}",
                self.level,
                table(&rows)
            );
            for level in &self.levels {
                let _ = writeln!(text, "At {}: {}.", number(level.load_a), level.verdict);
            }
        }
        for (which, levels) in [("first", &self.only_in_a), ("second", &self.only_in_b)] {
            if !levels.is_empty() {
                let list = levels.iter().map(|level| number(*level)).collect::<Vec<_>>().join(", ");
                let _ = writeln!(text, "Only the {which} has: {list}.");
            }
        }
        text += &bullets(&self.notes);
        text
    }
}

fn tool(tool: Tool) -> &'static str {
    match tool {
        Tool::K6 => "k6",
        Tool::Vegeta => "vegeta",
        Tool::Wrk => "wrk",
        Tool::Wrk2 => "wrk2",
        Tool::JMeter => "JMeter",
        Tool::Live => "Live traffic",
        Tool::Several => "Merged",
    }
}

fn model(model: Model) -> &'static str {
    match model {
        Model::Open => "Open model",
        Model::Closed => "Closed model",
        Model::Unknown => "Open or closed is not known",
    }
}

fn row(name: String, stretch: &Stretch) -> [String; 11] {
    let optional = |figure: Option<f64>| figure.map_or_else(dash, number);
    let from = match stretch.concurrency_from {
        Some(ConcurrencyFrom::VirtualUsers) => "users",
        Some(ConcurrencyFrom::Threads) => "threads",
        Some(ConcurrencyFrom::Connections) => "connections",
        Some(ConcurrencyFrom::InFlight) => "under way",
        Some(ConcurrencyFrom::LittlesLaw) => "Little's law",
        None => "-",
    };
    [
        name,
        optional(stretch.concurrency),
        from.to_owned(),
        optional(stretch.offered_rate),
        number(stretch.rate),
        number(stretch.throughput),
        stretch.error_share().map_or_else(dash, percent),
        optional(stretch.latency.p50_ms),
        optional(stretch.latency.p95_ms),
        optional(stretch.latency.p99_ms),
        optional(stretch.latency.max_ms),
    ]
}

fn dash() -> String {
    "-".to_owned()
}

/// Four digits or so: what lies beyond is noise.
fn number(figure: f64) -> String {
    match figure.abs() {
        size if size >= 100.0 => format!("{figure:.0}"),
        size if size >= 10.0 => format!("{figure:.1}"),
        size if size >= 1.0 || size == 0.0 => format!("{figure:.2}"),
        _ => format!("{figure:.3}"),
    }
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

fn shift(change: &Change, form: fn(f64) -> String) -> String {
    let mark = match change.verdict {
        ChangeVerdict::Better => " +",
        ChangeVerdict::Worse => " -",
        ChangeVerdict::Same => "  ",
        ChangeVerdict::NotTested => " ?",
    };
    format!("{} → {}{mark}", form(change.a), form(change.b))
}

/// Columns, the first to the left and the others to the right.
fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
            let pad = " ".repeat(width - cell.chars().count());
            line += &if at == 0 { format!("  {cell}{pad}") } else { format!("  {pad}{cell}") };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

fn bullets(notes: &[String]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let mut text = "\nNotes:\n".to_owned();
    for note in notes {
        let _ = writeln!(text, "- {note}");
    }
    text
}
