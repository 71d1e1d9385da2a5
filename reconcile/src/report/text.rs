//! The report for people: a table, and a line or two for each example.

use std::fmt;

use super::{Duplicate, Event, Late, Report, Resent, Suspect, Unequal};

/// A ratio in percent. Rounded down, so that 100 % means all.
pub(super) fn percent(ratio: f64) -> String {
    let hundredths = (ratio * 10_000.0).floor();
    if ratio >= 1.0 { "100 %".to_owned() } else { format!("{:.2} %", hundredths / 100.0) }
}

/// Text on a terminal: without control characters, which could rewrite what stands there.
fn plain(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "left      {}", plain(&self.left.name))?;
        writeln!(f, "right     {}", plain(&self.right.name))?;
        let edge = |at: Option<chrono::DateTime<chrono::Utc>>| {
            at.map_or_else(|| "..".to_owned(), |at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
        };
        if self.from.is_some() || self.to.is_some() {
            writeln!(f, "range     {} to {}", edge(self.from), edge(self.to))?;
        }
        writeln!(f, "key       {}", self.key.join(", "))?;
        let compared = if self.compared.is_empty() {
            "nothing but the key".to_owned()
        } else {
            self.compared.join(", ")
        };
        writeln!(f, "compared  {compared}")?;
        for (word, side) in [("left", &self.left), ("right", &self.right)] {
            if !side.own_fields.is_empty() {
                writeln!(f, "          only on the {word}: {}", side.own_fields.join(", "))?;
            }
        }
        self.table(f)?;
        let rate = self.match_rate.map_or_else(|| "none: nothing could be compared".to_owned(), percent);
        writeln!(f, "\nmatch rate  {rate}")?;
        if self.passed {
            writeln!(f, "passed")?;
        } else {
            writeln!(f, "failed: {}", self.reasons.join("; "))?;
        }
        self.examples(f)
    }
}

impl Report {
    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        writeln!(f, "\nkeys")?;
        let pending = counts.pending_left + counts.pending_right;
        for (word, count) in [
            ("matched", counts.matched),
            ("different", counts.different),
            ("missing", counts.missing),
            ("extra", counts.extra),
            ("pending", pending),
            ("late", counts.late),
        ] {
            writeln!(f, "  {word:<20}{count:>12}")?;
        }
        writeln!(f, "\n{:<22}{:>12}{:>12}", "events", "left", "right")?;
        for (word, left, right) in [
            ("read", self.left.events, self.right.events),
            ("outside the range", self.left.outside, self.right.outside),
            ("without a time", self.left.untimed, self.right.untimed),
            ("without a key", self.left.unkeyed, self.right.unkeyed),
            ("sent again", self.left.resent, self.right.resent),
            ("duplicates", self.left.duplicates, self.right.duplicates),
            ("suspects", self.left.suspects, self.right.suspects),
        ] {
            writeln!(f, "  {word:<20}{left:>12}{right:>12}")?;
        }
        if !self.different_by_field.is_empty() {
            writeln!(f, "\ndifferent by field")?;
            for (field, count) in &self.different_by_field {
                writeln!(f, "  {:<20}{count:>12}", plain(field))?;
            }
        }
        Ok(())
    }

    fn examples(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (examples, counts) = (&self.examples, &self.counts);
        let [left, right] = [&self.left, &self.right];
        section(f, "missing: on the left only", counts.missing, &examples.missing, event)?;
        section(f, "extra: on the right only", counts.extra, &examples.extra, event)?;
        section(f, "different", counts.different, &examples.different, unequal)?;
        section(f, "late", counts.late, &examples.late, late)?;
        section(f, "duplicates", left.duplicates + right.duplicates, &examples.duplicates, duplicate)?;
        section(
            f,
            "suspects: one payment under two keys?",
            left.suspects + right.suspects,
            &examples.suspects,
            suspect,
        )?;
        section(f, "sent again", left.resent + right.resent, &examples.resent, resent)?;
        section(f, "pending", counts.pending_left + counts.pending_right, &examples.pending, event)?;
        section(f, "without a key", left.unkeyed + right.unkeyed, &examples.unkeyed, event)
    }
}

fn section<T>(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    count: u64,
    examples: &[T],
    line: fn(&T) -> String,
) -> fmt::Result {
    if examples.is_empty() {
        return Ok(());
    }
    let shown = examples.len();
    let of = if count > shown as u64 { format!("the first {shown} of {count}") } else { count.to_string() };
    writeln!(f, "\n{title} ({of})")?;
    examples.iter().try_for_each(|example| writeln!(f, "  {}", line(example)))
}

fn key(event: &Event) -> String {
    let parts = event.key.iter().map(|part| if part.is_empty() { "-".to_owned() } else { plain(part) });
    parts.collect::<Vec<_>>().join(", ")
}

fn id(event: &Event) -> String {
    event.event_id.as_ref().map_or_else(String::new, |id| format!("  event {}", plain(id)))
}

fn time(event: &Event) -> &str {
    event.time.as_deref().unwrap_or("no time")
}

fn event(event: &Event) -> String {
    format!("{}  {}  {}{}", key(event), event.side.word(), time(event), id(event))
}

fn unequal(found: &Unequal) -> String {
    let mut out = key(&found.left);
    for field in &found.fields {
        let value = |text: &Option<String>| text.as_deref().map_or_else(|| "absent".to_owned(), plain);
        let (left, right) = (value(&field.left), value(&field.right));
        out += &format!("\n    {}: {left} -> {right}", plain(&field.field));
        if let Some(difference) = &field.difference {
            out += &format!(" ({difference})");
        }
    }
    out
}

fn late(found: &Late) -> String {
    format!("{}  {} -> {}, {} later", key(&found.left), time(&found.left), time(&found.right), found.by)
}

fn duplicate(found: &Duplicate) -> String {
    let content = if found.differ.is_empty() {
        "the same content".to_owned()
    } else {
        format!("differ in {}", plain(&found.differ.join(", ")))
    };
    let (first, second) = (&found.first, &found.second);
    format!(
        "{}  {} on the {}, {content}\n    {}{}\n    {}{}",
        key(first),
        found.events,
        first.side.word(),
        time(first),
        id(first),
        time(second),
        id(second)
    )
}

fn suspect(found: &Suspect) -> String {
    let same: Vec<String> =
        found.same.iter().map(|fact| format!("{} {}", plain(&fact.field), plain(&fact.value))).collect();
    let (first, second) = (&found.first, &found.second);
    format!(
        "{} and {}  on the {}, {} apart: same {}\n    {}{}\n    {}{}",
        key(first),
        key(second),
        first.side.word(),
        found.apart,
        same.join(", "),
        time(first),
        id(first),
        time(second),
        id(second)
    )
}

fn resent(found: &Resent) -> String {
    format!(
        "{}  {} more on the {}{}",
        key(&found.event),
        found.again,
        found.event.side.word(),
        id(&found.event)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_percent_means_all() {
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(999_999.0 / 1_000_000.0), "99.99 %");
        assert_eq!(percent(0.0), "0.00 %");
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(plain("a\u{1b}[2Jß\n"), "a\\u{1b}[2Jß\\n");
    }
}
