//! How error budgets went over the report's range.

use chrono::{DateTime, Utc};
use headroom_query::slo::{SloDetail, SloPoint, SloRow};
use headroom_reports::chart::{Axis, Limit, LineChart, Scale, Series};
use headroom_reports::{Block, Chart, Column, Figure, Rich, Severity, Table};

use super::Assessment;

/// Objectives whose history is told, those with the least budget left first: as many as a chart draws lines.
pub(crate) const TOLD: usize = 8;

/// The budget left, moment by moment.
type Points = Vec<(DateTime<Utc>, f64)>;

/// The chart and the table of the histories, and why other objectives have none.
pub(super) fn history(assessment: &Assessment) -> Vec<Block> {
    let told: Vec<(&SloDetail, Points)> = assessment
        .slo_history
        .iter()
        .map(|slo| (slo, slo.series.iter().filter_map(left).collect()))
        .filter(|(_, points): &(_, Points)| !points.is_empty())
        .collect();
    let untold = untold(assessment, &told);
    if told.is_empty() {
        return untold.into_iter().collect();
    }
    let series = told.iter().map(|(slo, points)| {
        let percent = |(ts, left): &(DateTime<Utc>, f64)| (ts.timestamp() as f64, left * 100.0);
        Series::new(slo.row.name.clone(), points.iter().map(percent).collect())
    });
    let what = "The budget left in the window that ends at each moment, from the stored measurements.";
    let figure = Figure {
        caption: match assessment.slos.len().saturating_sub(told.len()) {
            0 => "Error budgets over the range.".to_owned(),
            others => format!(
                "Error budgets over the range, of the {} with the least left; {others} others are in the table above.",
                told.len()
            ),
        },
        chart: Chart::Line(LineChart {
            title: "Error budgets over time".to_owned(),
            x: Axis::time(),
            y: Axis::new("Budget left", "%", Scale::Zero),
            series: series.collect(),
            bands: Vec::new(),
            marks: Vec::new(),
            limits: vec![spent()],
        }),
        origin: assessment.origin(what, "/api/v1/slos/{id}"),
    };
    let table = Table {
        caption: "Objectives over the range".to_owned(),
        columns: vec![
            Column::text("Objective"),
            Column::text("Measured from"),
            Column::number("Good"),
            Column::number("Lowest budget"),
            Column::text("When"),
            Column::number("Time with budget left"),
        ],
        rows: told.iter().filter_map(|(slo, points)| row(slo, points)).collect(),
        origin: assessment.origin(what, "/api/v1/slos/{id}"),
    };
    [Block::Figure(figure), Block::Table(table)].into_iter().chain(untold).collect()
}

/// Where a budget is spent.
pub(super) fn spent() -> Limit {
    Limit { label: "spent".to_owned(), at: 0.0, severity: Severity::Critical }
}

/// Why objectives have no history, of those that are not left out for having more budget left than the others.
fn untold(assessment: &Assessment, told: &[(&SloDetail, Points)]) -> Option<Block> {
    let why = |slo: &SloRow| match &slo.unavailable {
        Some(why) => Some(why.clone()),
        None if assessment.slo_history.iter().any(|with| with.row.name == slo.name) => {
            Some("too little was measured by the end of each stretch of this range".to_owned())
        }
        None => None,
    };
    let items: Vec<Rich> = assessment
        .slos
        .iter()
        .filter(|slo| told.iter().all(|(with, _)| with.row.name != slo.name))
        .filter_map(|slo| {
            let text = format!(" has no history: {}.", why(slo)?);
            Some(Rich::new().code(slo.name.clone()).plain(text))
        })
        .collect();
    (!items.is_empty()).then_some(Block::List { ordered: false, items })
}

fn left(point: &SloPoint) -> Option<(DateTime<Utc>, f64)> {
    point.budget_remaining.map(|left| (point.ts, left))
}

fn row(slo: &SloDetail, points: &[(DateTime<Utc>, f64)]) -> Option<Vec<Rich>> {
    let (first, _) = points.first()?;
    let (lowest_at, lowest) = points.iter().min_by(|(_, a), (_, b)| a.total_cmp(b))?;
    let (good, total) =
        slo.series.iter().fold((0.0, 0.0), |(good, total), point| (good + point.good, total + point.total));
    let kept = points.iter().filter(|(_, left)| *left > 0.0).count() as f64 / points.len() as f64;
    let percent = |share: f64, digits: usize| Rich::from(format!("{:.digits$} %", share * 100.0));
    let minute = |ts: &DateTime<Utc>| Rich::from(ts.format("%Y-%m-%d %H:%M").to_string());
    Some(vec![
        Rich::new().code(slo.row.name.clone()),
        minute(first),
        if total > 0.0 { percent(good / total, 3) } else { Rich::from("nothing seen") },
        percent(*lowest, 0),
        minute(lowest_at),
        percent(kept, 0),
    ])
}
