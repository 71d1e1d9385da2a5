//! Rows laid on equal steps.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::Duration;

use super::notes::{Note, NoteKind, Notes};
use super::{ReadError, Row};
use crate::series::Series;

/// No series is longer: forty years of minutes.
const LONGEST: i64 = 21_000_000;
/// Of at most this share of the rows it is believed that their clock was wrong.
const STRAY: f64 = 0.05;
/// Fewer points than this teach no shape.
const FEW: usize = 48;

/// Lays rows on steps of the length that most of them keep.
pub(super) fn lay(file: &str, mut rows: Vec<Row>, notes: &mut Notes) -> Result<Series, ReadError> {
    for pair in rows.windows(2).filter(|pair| pair[1].ts < pair[0].ts) {
        notes.line(NoteKind::OutOfOrder, pair[1].line, "times that run backwards are put in order");
    }
    rows.sort_by_key(|row| (row.ts, row.line));
    stray(&mut rows, notes);
    let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows {
        match kept.last_mut() {
            Some(last) if last.ts == row.ts => {
                notes.line(NoteKind::Duplicate, row.line, "a time that comes again replaces the earlier row");
                *last = row;
            }
            _ => kept.push(row),
        }
    }
    let refuse = |reason: String| ReadError { file: file.to_owned(), line: None, reason };
    let [first, .., last] = &kept[..] else {
        return Err(refuse(
            "holds a single point, of which no step can be told; two at least are needed".into(),
        ));
    };
    let step = step(&kept, notes);
    let length = (last.ts - first.ts).num_minutes() / i64::from(step) + 1;
    if length > LONGEST {
        return Err(refuse(format!(
            "spans {length} steps of {step} min, from line {} ({}) to line {} ({}); mend the times",
            first.line, first.ts, last.line, last.ts
        )));
    }
    let mut series = Series::empty(first.ts, step);
    let mut shared: BTreeMap<usize, f64> = BTreeMap::new();
    for row in &kept {
        let minutes = (row.ts - first.ts).num_seconds() as f64 / 60.0;
        let nearest = if step == 1 { minutes.floor() } else { (minutes / f64::from(step)).round() };
        let index = nearest as usize;
        if series.values.len() <= index {
            series.values.resize(index + 1, None);
        }
        let value = series.values[index].get_or_insert(0.0);
        let count = shared.entry(index).or_insert(0.0);
        *count += 1.0;
        *value += (row.value - *value) / *count;
    }
    remark(&series, &kept, notes);
    Ok(series)
}

/// Leaves out a few rows that lie farther from the others than these lie from each other.
fn stray(rows: &mut Vec<Row>, notes: &mut Notes) {
    for _ in 0..10 {
        let widest = rows.windows(2).enumerate().max_by_key(|(_, pair)| pair[1].ts - pair[0].ts);
        let Some((at, gap)) = widest.map(|(at, pair)| (at + 1, pair[1].ts - pair[0].ts)) else { return };
        let early = at * 2 < rows.len();
        let few = at.min(rows.len() - at);
        let rest = if early { &rows[at..] } else { &rows[..at] };
        let span = rest[rest.len() - 1].ts - rest[0].ts;
        if few as f64 > STRAY * rows.len() as f64 || gap <= span.max(Duration::days(1)) {
            return;
        }
        let gone: Vec<Row> = if early { rows.drain(..at).collect() } else { rows.drain(at..).collect() };
        for row in gone {
            let text = "times farther from the others than these are from each other are left out as a clock's fault";
            notes.line(NoteKind::ClockJump, row.line, text);
        }
    }
}

/// The step in whole minutes: the commonest distance, or the median one where none is common.
fn step(rows: &[Row], notes: &mut Notes) -> u32 {
    let mut distances: Vec<i64> =
        rows.windows(2).map(|pair| (pair[1].ts - pair[0].ts).num_seconds()).collect();
    distances.sort_unstable();
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for distance in &distances {
        *counts.entry(*distance).or_default() += 1;
    }
    let (common, count) =
        counts.iter().max_by_key(|(d, count)| (**count, Reverse(**d))).map_or((60, 0), |(d, c)| (*d, *c));
    let regular = count * 2 >= distances.len();
    let seconds = if regular { common } else { distances[distances.len() / 2] };
    let minutes = ((seconds as f64 / 60.0).round() as u32).max(1);
    if regular && (27 * 86_400..=31 * 86_400).contains(&seconds) {
        notes.whole(
            NoteKind::Step,
            format!(
                "months are not of one length: the points are laid on steps of {} days; give days",
                minutes / 1440
            ),
        );
    } else if !regular {
        notes.whole(
            NoteKind::Step,
            format!("the points keep no step; they are averaged over steps of {minutes} min"),
        );
    } else if seconds != i64::from(minutes) * 60 {
        notes.whole(
            NoteKind::Step,
            format!("points every {seconds} s are averaged over steps of {minutes} min"),
        );
    }
    minutes
}

/// What the series as a whole gives reason to say.
fn remark(series: &Series, rows: &[Row], notes: &mut Notes) {
    let step = Duration::minutes(i64::from(series.step_minutes));
    let gaps = || rows.windows(2).filter(|pair| pair[1].ts - pair[0].ts > step * 3 / 2);
    if let Some(widest) = gaps().max_by_key(|pair| pair[1].ts - pair[0].ts) {
        let missing = series.values.len() - series.measured();
        let hours = (widest[1].ts - widest[0].ts).num_minutes() as f64 / 60.0;
        notes.0.insert(
            NoteKind::Gap,
            Note {
                kind: NoteKind::Gap,
                lines: vec![widest[0].line],
                count: 1,
                text: format!(
                    "gaps: {}, of {missing} steps of {} min in all, which count as not measured; the longest, {hours:.1} h, follows {}",
                    gaps().count(),
                    series.step_minutes,
                    widest[0].ts.format("%Y-%m-%dT%H:%MZ"),
                ),
            },
        );
    }
    if rows.len() < FEW {
        notes.whole(
            NoteKind::Short,
            format!("only {} points: too few to learn a day's shape from", rows.len()),
        );
    }
    if rows.iter().all(|row| row.value == rows[0].value) {
        notes.whole(NoteKind::Constant, format!("every value is {}", rows[0].value));
    }
}
