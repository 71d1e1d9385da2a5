//! Objectives as they were kept, and how services are delivered.

use std::collections::BTreeMap;

use headroom_reports::chart::{Axis, Bar, BarChart, Order, Scale};
use headroom_reports::{Block, Chart, Column, Figure, Origin, Rich, Section, Severity, Table};

use super::{Assessment, budgets};

/// Objectives stand at the time of the question; the windows are their own.
const SLOS: &str = "GET /api/v1/slos";

pub(super) fn objectives(assessment: &Assessment) -> Section {
    if assessment.slos.is_empty() {
        let text = "No objectives are defined: alerts.slo_dirs names folders of OpenSLO documents.";
        return Section::new("Objectives", vec![Block::Paragraph(Rich::from(text))]);
    }
    let bars = assessment
        .slos
        .iter()
        .map(|slo| Bar {
            label: slo.name.clone(),
            value: slo
                .budget_remaining
                .map(|left| left * 100.0)
                .ok_or_else(|| slo.unavailable.clone().unwrap_or_else(|| "not measured".to_owned())),
            interval: None,
            note: slo.budget_remaining.map(|left| format!("{:.0} %", left * 100.0)).unwrap_or_default(),
            severity: slo.budget_remaining.map(|left| {
                if left <= 0.0 {
                    Severity::Critical
                } else if left < 0.25 {
                    Severity::Warning
                } else {
                    Severity::Good
                }
            }),
        })
        .collect();
    let figure = Figure {
        caption: "Error budget that is left in each objective's window.".to_owned(),
        chart: Chart::Bar(BarChart {
            title: "Error budget left".to_owned(),
            axis: Axis::new("Budget left", "%", Scale::Zero),
            bars,
            order: Order::Ascending,
            limits: vec![budgets::spent()],
        }),
        origin: standing(assessment, "The budget left in each objective's own window."),
    };
    let percent = |share: Option<f64>, digits: usize| {
        share.map_or_else(|| "not told".to_owned(), |share| format!("{:.digits$} %", share * 100.0))
    };
    let table = Table {
        caption: "Objectives".to_owned(),
        columns: vec![
            Column::text("Objective"),
            Column::text("Promise"),
            Column::number("Target"),
            Column::number("Kept"),
            Column::number("Budget left"),
            Column::text("In words"),
        ],
        rows: assessment
            .slos
            .iter()
            .map(|slo| {
                vec![
                    Rich::new().code(slo.name.clone()),
                    Rich::from(slo.objective.clone()),
                    Rich::from(percent(Some(slo.target), 2)),
                    Rich::from(percent(slo.status, 3)),
                    Rich::from(percent(slo.budget_remaining, 0)),
                    Rich::from(slo.unavailable.clone().unwrap_or_else(|| slo.sentence.clone())),
                ]
            })
            .collect(),
        origin: standing(assessment, "Each objective as it stands at the end of the range."),
    };
    let mut blocks = vec![Block::Figure(figure), Block::Table(table)];
    blocks.extend(budgets::history(assessment));
    Section::new("Objectives", blocks)
}

fn standing(assessment: &Assessment, what: &str) -> Origin {
    Origin { query: SLOS.to_owned(), ..assessment.origin(what, "") }
}

pub(super) fn delivery(assessment: &Assessment) -> Section {
    if assessment.delivery.is_empty() {
        let text = "No service says its version (service.version), and no deployment was told, so that deployments cannot be seen.";
        return Section::new("Delivery", vec![Block::Paragraph(Rich::from(text))]);
    }
    let share = |share: Option<f64>| {
        share.map_or_else(|| "none".to_owned(), |share| format!("{:.0} %", share * 100.0))
    };
    let rows = assessment
        .delivery
        .iter()
        .map(|d| {
            let recovery = d.recovery_seconds.map_or_else(|| "none failed".to_owned(), hours);
            vec![
                Rich::new().code(d.service.clone()),
                Rich::from(format!("{:.1}", d.per_week)),
                Rich::from(share(d.change_fail_rate)),
                Rich::from(recovery),
                Rich::from(share(d.rework_rate)),
                Rich::from(d.lead_time_seconds.map_or_else(|| "not told".to_owned(), hours)),
            ]
        })
        .collect();
    let table = Table {
        caption: "DORA's measures, of versions that served and deployments that were told".to_owned(),
        columns: vec![
            Column::text("Service"),
            Column::number("Deployments a week"),
            Column::number("Change fail rate"),
            Column::number("Recovery (median)"),
            Column::number("Rework rate"),
            Column::number("Lead time (median)"),
        ],
        rows,
        origin: assessment.origin(
            "Deployments are versions that begin to serve; a failed one was told so, gave way to an older version, or was followed by a fix within a day.",
            "/api/v1/capacity/assessment",
        ),
    };
    let mut blocks = vec![Block::Table(table)];
    blocks.extend(lead_times(assessment).map(|note| Block::Paragraph(Rich::from(note))));
    Section::new("Delivery", blocks)
}

/// Why lead times are not told, where they are not.
fn lead_times(assessment: &Assessment) -> Option<String> {
    if let Some(error) = &assessment.changes_unreadable {
        return Some(format!("Change lead time is not told: {error}."));
    }
    let mut why: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for delivery in &assessment.delivery {
        if let Some(unknown) = delivery.unknown.get("lead_time_seconds") {
            why.entry(unknown).or_default().push(&delivery.service);
        }
    }
    let told: Vec<String> = why.iter().map(|(why, of)| format!("of {}: {why}", of.join(", "))).collect();
    (!told.is_empty()).then(|| format!("Change lead time is not told {}.", told.join("; ")))
}

fn hours(seconds: i64) -> String {
    format!("{:.1} h", seconds as f64 / 3600.0)
}
