//! `headroom calendar`.

use super::super::print;
use super::source::calendar;
use crate::cli::{CalendarCheckArgs, CalendarCommand, CalendarImportArgs, CalendarShowArgs, Output};
use anyhow::{Context as _, Result, anyhow, ensure};
use chrono::{Days, Utc};
use headroom_models::calendar::{
    Checked, Defaults, EventClass, Fault, Format, Reading, Shown, check, write_ical, write_toml,
};
use std::fmt::Write as _;
use std::process::ExitCode;

pub(in super::super) fn run(command: &CalendarCommand, output: Output) -> Result<ExitCode> {
    match command {
        CalendarCommand::Show(args) => show(args, output),
        CalendarCommand::Check(args) => checked(args, output),
        CalendarCommand::Import(args) => imported(args),
    }
}

fn show(args: &CalendarShowArgs, output: Output) -> Result<ExitCode> {
    ensure!(
        !args.calendar.calendar.is_empty(),
        "no calendar is named: --calendar xnys, or --calendar xlon,own.toml"
    );
    let calendar = calendar(&args.calendar)?;
    let first = args.from.unwrap_or_else(|| Utc::now().date_naive());
    let last = args.to.unwrap_or(first + Days::new(14));
    ensure!(first <= last, "--from {first} is not before --to {last}");
    let none: [&str; 0] = [];
    let shown = calendar.show(first, last, &none)?;
    print(output, &shown, lines)?;
    Ok(ExitCode::SUCCESS)
}

fn lines(shown: &Shown) -> String {
    let mut text = String::new();
    for day in &shown.days {
        let _ = writeln!(text, "{day}");
    }
    for (number, event) in shown.events.iter().enumerate() {
        let _ = writeln!(text, "{}{event}", if number == 0 { "\n" } else { "" });
    }
    for (number, doubt) in shown.doubts.iter().enumerate() {
        let _ = writeln!(text, "{}doubtful: {doubt}", if number == 0 { "\n" } else { "" });
    }
    text
}

/// Exit code 1 when something is wrong.
fn checked(args: &CalendarCheckArgs, output: Output) -> Result<ExitCode> {
    let checked = check(&args.files);
    print(output, &checked, told)?;
    Ok(if checked.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn told(checked: &Checked) -> String {
    let mut text = String::new();
    for fault in &checked.faults {
        let _ = writeln!(text, "{fault}");
    }
    for warning in &checked.warnings {
        let _ = writeln!(text, "{warning} (a warning)");
    }
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let _ = writeln!(
        text,
        "{}, {}: {}, {}",
        count(checked.events, "event"),
        count(checked.overrides, "override"),
        count(checked.faults.len(), "fault"),
        count(checked.warnings.len(), "warning")
    );
    text
}

/// Exit code 1 when entries were left out.
fn imported(args: &CalendarImportArgs) -> Result<ExitCode> {
    let class = args.class.as_deref().map(class).transpose()?;
    let defaults =
        Defaults { class, venue: args.venue.clone(), source: args.source.clone(), ..Defaults::default() };
    let (mut events, mut overrides, mut faults) = (Vec::new(), Vec::new(), Vec::<Fault>::new());
    for path in &args.files {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
        let read = Reading::of(Format::of_path(path), &name, &text, &defaults, &[]);
        events.extend(read.each_event());
        overrides.extend(read.each_override().cloned());
        faults.extend_from_slice(read.faults());
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    let ical = args.out.as_deref().is_some_and(|path| Format::of_path(path) == Format::ICalendar);
    if ical && !overrides.is_empty() {
        eprintln!(
            "headroom: {} overrides have no form in iCalendar and are left out: write .toml",
            overrides.len()
        );
    }
    let written = if ical { write_ical(&events, Utc::now()) } else { write_toml(&events, &overrides) };
    match &args.out {
        Some(path) => {
            std::fs::write(path, written).with_context(|| format!("cannot write {}", path.display()))?
        }
        None => print(Output::Text, &(), |()| written)?,
    }
    eprintln!(
        "headroom: {} events and {} overrides taken, {} entries left out",
        events.len(),
        overrides.len(),
        faults.len()
    );
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn class(id: &str) -> Result<EventClass> {
    let ids: Vec<&str> =
        EventClass::ALL.iter().filter(|class| !class.in_shape()).map(|class| class.id()).collect();
    let found = EventClass::ALL.into_iter().find(|class| class.id() == id);
    found.ok_or_else(|| anyhow!("there is no class '{id}': it is one of {}", ids.join(", ")))
}
