//! The report on objectives as a document.

use headroom_reports::chart::{Axis, Bar, BarChart, Limit, LineChart, Order, Scale, Series};
use headroom_reports::number::fixed;
use headroom_reports::{Block, Chart, Column, Document, Figure, Rich, Section, Severity, Table};

use super::{ObjectiveMonth, SloReport};
use crate::page::{
    self, bullets, cell, clocks, code, key, moment, moment_or, nothing, origin, origin_of, percent, reasons,
    rounded, said,
};
use crate::report::Kind;

pub(crate) fn document(report: &SloReport) -> Document {
    let period = &report.period;
    let mut sections = vec![summary(report)];
    sections.extend(report.objectives.iter().map(|one| objective(report, one)));
    sections.push(method(report));
    page::document("Error budgets", (&report.tenant, period), sentence(report), sections)
}

fn sentence(report: &SloReport) -> String {
    let known: Vec<(&ObjectiveMonth, f64)> =
        report.objectives.iter().filter_map(|one| Some((one, *one.consumed.known()?))).collect();
    let over = known.iter().filter(|(_, consumed)| *consumed > 1.0).count();
    match known.iter().max_by(|a, b| a.1.total_cmp(&b.1)) {
        None => "No objective has a figure for this month; the reasons stand beside each.".to_owned(),
        Some((most, consumed)) => format!(
            "{over} of {} objectives consumed more than the month allows; {} consumed most, {}.",
            known.len(),
            most.display_name,
            rounded(*consumed, 0)
        ),
    }
}

fn summary(report: &SloReport) -> Section {
    if report.objectives.is_empty() {
        return nothing(
            "Summary",
            "No objectives are defined: alerts.slo_dirs names folders of OpenSLO documents.",
        );
    }
    let count =
        |what: fn(&ObjectiveMonth) -> usize| report.objectives.iter().map(what).sum::<usize>().to_string();
    let bar = |one: &ObjectiveMonth| Bar {
        label: one.name.clone(),
        value: one
            .consumed
            .known()
            .map(|consumed| consumed * 100.0)
            .ok_or_else(|| one.consumed.why().unwrap_or_default().to_owned()),
        interval: None,
        note: String::new(),
        severity: one.consumed.known().map(|consumed| match consumed {
            c if *c > 1.0 => Severity::Critical,
            c if *c > 0.75 => Severity::Warning,
            _ => Severity::Good,
        }),
    };
    let what = "Error rate of the month over (1 - target).";
    let figure = Figure {
        caption: "Budget consumed in the month, of what each target allows".to_owned(),
        chart: Chart::Bar(BarChart {
            title: "Budget consumed in the month, by objective".to_owned(),
            axis: Axis::new("Budget consumed", "%", Scale::Zero),
            bars: report.objectives.iter().map(bar).collect(),
            order: Order::Descending,
            limits: vec![Limit { label: "all of it".to_owned(), at: 100.0, severity: Severity::Critical }],
        }),
        origin: origin(Kind::Slo, &report.period, what),
    };
    let row = |one: &ObjectiveMonth| {
        let share = |figure| cell(figure, |share: &f64| rounded(*share, 0));
        vec![
            Rich::from(one.display_name.clone()),
            Rich::from(percent(one.target, 3)),
            Rich::from(one.window.clone()),
            share(&one.consumed),
            share(&one.left_at_start),
            share(&one.left_at_end),
            Rich::from(one.exhausted.first().map_or_else(|| "never".to_owned(), |first| moment(first.from))),
        ]
    };
    let table = Table {
        caption: "Budgets in the month".to_owned(),
        columns: vec![
            Column::text("Objective"),
            Column::number("Target"),
            Column::text("Window"),
            Column::number("Consumed"),
            Column::number("Left at start"),
            Column::number("Left at end"),
            Column::text("First spent, UTC"),
        ],
        rows: report.objectives.iter().map(row).collect(),
        origin: origin(
            Kind::Slo,
            &report.period,
            "Consumed is of the month; what is left is of each objective's own window.",
        ),
    };
    let mut blocks = vec![
        Block::KeyFigures(vec![
            key(
                "Over budget",
                count(|one| usize::from(one.consumed.known().is_some_and(|c| *c > 1.0))),
                "objectives",
            ),
            key("Times spent", count(|one| one.exhausted.len()), "budgets of objectives' own windows"),
            key("Policy steps", count(|one| one.steps.len()), "that held in the month"),
            key("Freezes", count(|one| one.steps.iter().filter(|step| step.freezes).count()), "of releases"),
        ]),
        Block::Figure(figure),
        Block::Table(table),
    ];
    let starts = report.objectives.iter().map(|one| (one.display_name.as_str(), &one.left_at_start));
    if let Some(why) = reasons(starts) {
        blocks.extend([said("Why it is not told what was left when the month began:"), why]);
    }
    blocks.push(said(clocks(&report.period)));
    Section::new("Summary", blocks)
}

fn objective(report: &SloReport, one: &ObjectiveMonth) -> Section {
    let mut blocks = vec![said(format!("{}: {}.", one.name, one.objective))];
    if one.days.is_empty() {
        blocks.push(said(format!("There are no figures: {}.", one.consumed.why().unwrap_or("not measured"))));
        return Section::new(one.display_name.clone(), blocks);
    }
    let days = report.period.days.iter().zip(&one.days);
    let points = days.map(|(day, of)| (day.from as f64, of.burn.known().copied().unwrap_or(f64::NAN)));
    blocks.push(Block::Figure(Figure {
        caption: "Burn by day: above 1 the day consumed more than it allows".to_owned(),
        chart: Chart::Line(LineChart {
            title: format!("Burn of {} by day", one.display_name),
            x: Axis::time(),
            y: Axis::new("Burn", "x", Scale::Zero),
            series: vec![Series::new("Burn", points.collect())],
            bands: Vec::new(),
            marks: Vec::new(),
            limits: vec![Limit { label: "allowed".to_owned(), at: 1.0, severity: Severity::Warning }],
        }),
        origin: origin(Kind::Slo, &report.period, "Error rate of each day over (1 - target)."),
    }));
    blocks.push(worst_hours(report, one));
    blocks.push(errors(report, one));
    let spent = one.exhausted.iter().map(|time| {
        Rich::from(format!(
            "The budget of {} was spent from {} until {}.",
            one.window,
            moment(time.from),
            moment_or(time.to, "the end of the month at least")
        ))
    });
    let steps = one.steps.iter().map(|step| {
        let freeze = if step.freezes { ", which freezes releases" } else { "" };
        let ended = moment_or(step.ended_at, "now");
        Rich::from(format!(
            "Policy {}, step {}{freeze}, held from {} until {ended}: {}",
            step.policy,
            step.step,
            moment(step.begun_at),
            step.began
        ))
    });
    let told: Vec<Rich> = spent.chain(steps).chain(changes(one)).collect();
    blocks.push(if told.is_empty() {
        said("Its budget was never spent, no policy acted, and its definition did not change.")
    } else {
        bullets(told)
    });
    Section::new(one.display_name.clone(), blocks)
}

/// That what is counted changed, where it did: stored slices of another definition are of another generation.
fn changes(one: &ObjectiveMonth) -> Vec<Rich> {
    let mut names: Vec<&str> = one.generations.iter().map(|of| of.generation.as_str()).collect();
    names.dedup();
    if names.len() < 2 {
        return Vec::new();
    }
    let line = |of: &headroom_query::slo::slices::Generation| {
        Rich::new().plain("What it counts was defined by generation ").code(of.generation.clone()).plain(
            format!(
                " for {} to {}, first measured at {}.",
                moment(of.from),
                moment(of.to),
                moment(of.measured_at)
            ),
        )
    };
    one.generations.iter().map(line).collect()
}

fn worst_hours(report: &SloReport, one: &ObjectiveMonth) -> Block {
    if one.worst_hours.is_empty() {
        return said("Of what was seen, nothing was bad in this month.");
    }
    let row = |hour: &super::WorstHour| {
        vec![
            Rich::from(moment(hour.from)),
            Rich::from(fixed(hour.bad, 1)),
            Rich::from(fixed(hour.total, 0)),
            Rich::from(rounded(hour.share, 1)),
        ]
    };
    Block::Table(Table {
        caption: format!("Hours that ate most of the budget of {}", one.display_name),
        columns: vec![
            Column::text("Hour from, UTC"),
            Column::number("Bad"),
            Column::number("All"),
            Column::number("Share of the month's bad"),
        ],
        rows: one.worst_hours.iter().map(row).collect(),
        origin: origin_of(
            &format!("/api/v1/slos/{}", one.name),
            &report.period,
            "Bad units of each hour over those of the month.",
        ),
    })
}

fn errors(report: &SloReport, one: &ObjectiveMonth) -> Block {
    let (Some(errors), Some(hour)) = (one.errors.known(), one.worst_hours.first()) else {
        return said(format!("What failed is not told: {}.", one.errors.why().unwrap_or("it is not known")));
    };
    let row = |error: &super::ErrorCount| {
        vec![
            code(&error.operation),
            Rich::from(error.error_type.clone()),
            Rich::from(error.message.clone()),
            Rich::from(fixed(error.count as f64, 0)),
        ]
    };
    Block::Table(Table {
        caption: format!("What failed most in {} in the hour from {}", one.service, moment(hour.from)),
        columns: vec![
            Column::text("Operation"),
            Column::text("Type"),
            Column::text("Message"),
            Column::number("Spans"),
        ],
        rows: errors.iter().map(row).collect(),
        origin: origin_of(
            &format!("/api/v1/services/{}/errors", one.service),
            &report.period,
            "Failed spans of the service in the worst hour, by operation, type and message.",
        ),
    })
}

fn method(report: &SloReport) -> Section {
    let items = [
        "Consumed is the error rate of the month over (1 - target), by the objective's own budgeting method: 100 % is all that the target allows of the month's units, whatever the objective's window is.",
        "Burn by day is the same of a day. 1 spends exactly what is allowed.",
        "What is left, and when it was spent, is of the objective's own window, looked at once an hour.",
        "Only what was seen counts. A stretch of which less than 90 % was seen since measuring began has no figure.",
        "A change of target or window applies to stored slices when they are read. A change of what is counted begins a new generation of slices; figures are of the present one.",
    ];
    let items = items.into_iter().map(Rich::from).collect();
    Section::new("How it is computed", vec![bullets(items), said(clocks(&report.period))])
}
