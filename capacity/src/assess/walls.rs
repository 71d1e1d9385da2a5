//! Walls, what fills up, and the way past it.

use headroom_reports::chart::{Axis, Bar, BarChart, Limit, LineChart, Order, Scale, Series};
use headroom_reports::{Align, Block, Chart, Column, Figure, Rich, Section, Severity, Table};

use super::Assessment;
use super::summary::capital;
use crate::walls::{Strength, Wall};

/// Walls beyond this are in the table alone: a bar so long would leave nothing to see of the others.
const FARTHEST: f64 = 20.0;
const WALLS: &str = "/api/v1/capacity/walls";

pub(super) fn section(assessment: &Assessment) -> Section {
    let walls = &assessment.walls;
    let mut blocks = vec![Block::Paragraph(Rich::from(
        "Each bar is the growth at which waiting begins, with its 95 % interval. Walls beyond 20x are in the table \
         alone; what has no wall is listed with the reason.",
    ))];
    if !walls.walls.is_empty() {
        let bars = walls.walls.iter().filter(|wall| wall.knee.factor <= FARTHEST).take(20).map(bar).collect();
        let limits =
            [2.0, 5.0, 10.0].map(|at| Limit { label: format!("{at:.0}x"), at, severity: Severity::Info });
        blocks.push(Block::Figure(Figure {
            caption: capital(&walls.stages.first().map(|stage| stage.sentence.clone()).unwrap_or_default()),
            chart: Chart::Bar(BarChart {
                title: "Growth at which each wall is met".to_owned(),
                axis: Axis::new("Times today's peak", "x", Scale::Zero),
                bars,
                order: Order::Given,
                limits: limits.to_vec(),
            }),
            origin: assessment.origin("The knee of every wall with its interval.", WALLS),
        }));
    }
    blocks.push(Block::Table(Table {
        caption: "Walls, the nearest first".to_owned(),
        columns: vec![
            Column::text("Wall"),
            Column::number("In use at peak"),
            Column::number("Waiting from"),
            Column::number("Nothing left at"),
            Column::text("When"),
            Column::text("Trust"),
        ],
        rows: walls.walls.iter().map(row).collect(),
        origin: assessment.origin("Use at today's peak, knee, limit and date of every wall.", WALLS),
    }));
    let doubted = walls.walls.iter().filter(|wall| !wall.evidence.doubts.is_empty());
    let doubts: Vec<Rich> = doubted
        .map(|wall| {
            Rich::new().code(wall.id.clone()).plain(format!(": {}.", wall.evidence.doubts.join("; ")))
        })
        .collect();
    if !doubts.is_empty() {
        blocks.push(Block::Paragraph(Rich::from("Why some are weak:")));
        blocks.push(Block::List { ordered: false, items: doubts });
    }
    if !walls.without.is_empty() {
        blocks.push(Block::Table(Table {
            caption: "Looked at, and without a wall".to_owned(),
            columns: vec![Column::text("Resource"), Column::text("Why")],
            rows: walls
                .without
                .iter()
                .map(|n| vec![Rich::new().code(n.resource.id()), Rich::from(n.why.clone())])
                .collect(),
            origin: assessment.origin("What was looked at and carries no wall.", WALLS),
        }));
    }
    Section::new("Walls", blocks)
}

fn bar(wall: &Wall) -> Bar {
    Bar {
        label: wall.id.clone(),
        value: Ok(wall.knee.factor),
        interval: Some((wall.knee.low, wall.knee.high)),
        note: String::new(),
        severity: Some(if wall.limit.factor < 1.2 {
            Severity::Critical
        } else if wall.knee.factor < 1.5 {
            Severity::Warning
        } else {
            Severity::Good
        }),
    }
}

fn row(wall: &Wall) -> Vec<Rich> {
    let when = match (wall.when.forecast, &wall.when.event, wall.when.date) {
        (Some(ts), Some(event), _) => format!("{} ({event})", ts.format("%Y-%m-%d %H:%M")),
        (Some(ts), None, _) => ts.format("%Y-%m-%d %H:%M").to_string(),
        (None, _, Some(date)) => match wall.when.latest {
            Some(latest) => format!("{date} ({} to {latest})", wall.when.earliest.unwrap_or(date)),
            None => format!("{date}, or never"),
        },
        (None, _, None) => "no date".to_owned(),
    };
    let trust = match wall.strength {
        Strength::Good => "good".to_owned(),
        Strength::Weak => "weak".to_owned(),
    };
    vec![
        Rich::new().code(wall.id.clone()),
        Rich::from(format!("{:.0} %", wall.today.utilisation * 100.0)),
        Rich::from(format!("{:.2}x", wall.knee.factor)),
        Rich::from(format!("{:.2}x", wall.limit.factor)),
        Rich::from(when),
        Rich::from(trust),
    ]
}

/// The first walls one by one: what is behind them and what moves them; and the demand they stand against.
pub(super) fn bottlenecks(assessment: &Assessment) -> Section {
    let mut blocks = Vec::new();
    let mut busiest: Vec<_> = assessment.traffic.iter().collect();
    busiest
        .sort_by_key(|traffic| std::cmp::Reverse(traffic.steps.iter().map(|step| step.calls).sum::<u64>()));
    let series: Vec<Series> = busiest
        .iter()
        .take(4)
        .map(|traffic| {
            let points =
                traffic.steps.iter().map(|s| (s.ts.timestamp() as f64, s.rate(traffic.step_seconds)));
            Series::new(traffic.service.clone(), points.collect())
        })
        .collect();
    if !series.is_empty() {
        blocks.push(Block::Figure(Figure {
            caption: "Requests a second at the busiest services.".to_owned(),
            chart: Chart::Line(LineChart {
                title: "Demand".to_owned(),
                x: Axis::time(),
                y: Axis::new("Requests", "1/s", Scale::Zero),
                series,
                bands: Vec::new(),
                marks: Vec::new(),
                limits: Vec::new(),
            }),
            origin: assessment.origin("Requests a second of each service.", "/api/v1/services"),
        }));
    }
    for wall in assessment.walls.walls.iter().take(3) {
        let evidence = &wall.evidence;
        blocks.push(Block::Paragraph(
            Rich::new().bold(wall.id.clone()).plain(": ").plain(capital(&wall.sentence)).plain(format!(
                " Read from {} ({}, {} points).",
                evidence.source, evidence.method, evidence.points
            )),
        ));
        blocks.push(Block::Table(Table {
            caption: format!("What moves {}", wall.id),
            columns: vec![
                Column::text("Change"),
                Column::number("From"),
                Column::number("To"),
                Column::text("First wall then"),
            ],
            rows: wall
                .moves
                .iter()
                .map(|m| {
                    let to = m.to.map_or_else(|| "gone".to_owned(), |to| format!("{to:.2}x"));
                    let then = m.then_first.as_ref().map_or_else(
                        || Rich::from("none"),
                        |(id, at)| Rich::new().code(id.clone()).plain(format!(" at {at:.2}x")),
                    );
                    vec![
                        Rich::from(m.change.clone()),
                        Rich::from(format!("{:.2}x", m.from)),
                        Rich::from(to),
                        then,
                    ]
                })
                .collect(),
            origin: assessment.origin("Each change asked for as a what-if.", "/api/v1/capacity/walls"),
        }));
    }
    if blocks.is_empty() {
        blocks.push(Block::Paragraph(Rich::from("No service received requests in this range.")));
    }
    Section::new("Bottlenecks", blocks)
}

/// What to change to stand each stage.
pub(super) fn roadmap(assessment: &Assessment) -> Section {
    let mut rows = Vec::new();
    let mut notes = Vec::new();
    for map in &assessment.roadmaps {
        for (at, step) in map.steps.iter().enumerate() {
            let stage = if at == 0 { format!("{:.0}x", map.factor) } else { String::new() };
            let to = step.change.to.map_or_else(|| "gone".to_owned(), |to| format!("{to:.2}x"));
            rows.push(vec![
                Rich::from(stage),
                Rich::from((at + 1).to_string()),
                Rich::new().code(step.wall.clone()),
                Rich::from(step.change.change.clone()),
                Rich::from(format!("{:.2}x", step.change.from)),
                Rich::from(to),
            ]);
        }
        let then = map.then_first.as_ref().map_or_else(
            || "no wall is left".to_owned(),
            |(id, at)| format!("the first wall is then {id} at {at:.1}x"),
        );
        notes.push(Rich::from(match (&map.stuck, map.steps.len()) {
            (Some(stuck), _) => format!("{:.0}x is not reached: {stuck}.", map.factor),
            (None, 0) => format!("{:.0}x is stood today; {then}.", map.factor),
            (None, n) => format!(
                "{:.0}x is stood after {n} {}; {then}.",
                map.factor,
                if n == 1 { "change" } else { "changes" }
            ),
        }));
    }
    let right = |title: &str| Column { title: title.to_owned(), align: Align::Number };
    let table = Table {
        caption: "Changes in order: each moves what is then the first wall, by what moves it farthest"
            .to_owned(),
        columns: vec![
            Column::text("Growth"),
            right("Step"),
            Column::text("Wall"),
            Column::text("Change"),
            right("From"),
            right("To"),
        ],
        rows,
        origin: assessment.origin("What-ifs, each on top of the ones before it.", "/api/v1/capacity/roadmap"),
    };
    Section::new("Roadmap by growth", vec![Block::List { ordered: false, items: notes }, Block::Table(table)])
}
