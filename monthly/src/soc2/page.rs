//! The report on evidence as a document.

use headroom_reports::{Block, Column, Document, Rich, Section, Severity, Table};

use super::{ControlEvidence, Item, Soc2Report};
use crate::page::{self, bullets, callout, clocks, code, key, origin, said};
use crate::report::Kind;

pub(crate) fn document(report: &Soc2Report) -> Document {
    let period = &report.period;
    let with = report.controls.iter().filter(|control| !control.evidence.is_empty()).count();
    page::document(
        "Evidence for SOC 2 and ISO 27001",
        (&report.tenant, period),
        format!(
            "{with} of {} controls have evidence in this month's data; of the others it is said why not.",
            report.controls.len()
        ),
        vec![
            summary(report),
            framework(report, "SOC 2"),
            framework(report, "ISO 27001:2022"),
            without(report),
        ],
    )
}

fn summary(report: &Soc2Report) -> Section {
    let of = |framework: &str| {
        let all: Vec<&ControlEvidence> =
            report.controls.iter().filter(|control| control.framework == framework).collect();
        let with = all.iter().filter(|control| !control.evidence.is_empty()).count();
        key(framework, format!("{with} of {}", all.len()), "controls with evidence")
    };
    Section::new(
        "What this is",
        vec![
            callout(Severity::Info, "Facts, not a verdict", report.statement),
            Block::KeyFigures(vec![of("SOC 2"), of("ISO 27001:2022")]),
            said(clocks(&report.period)),
        ],
    )
}

fn framework(report: &Soc2Report, framework: &str) -> Section {
    let controls = report.controls.iter().filter(|control| control.framework == framework);
    let rows = controls.flat_map(|control| {
        let none = control.none().map(|why| {
            vec![code(control.id), Rich::from(control.about), Rich::from("-"), Rich::from(why), Rich::new()]
        });
        let item = move |item: &Item| {
            vec![
                code(control.id),
                Rich::from(control.about),
                Rich::from(item.what),
                Rich::from(item.fact.known().cloned().unwrap_or_default()),
                code(&item.source),
            ]
        };
        control.evidence.iter().map(item).chain(none).collect::<Vec<_>>()
    });
    let table = Table {
        caption: format!("Evidence by control of {framework}"),
        columns: ["Control", "About", "Fact", "In this month", "Shown by"].map(Column::text).to_vec(),
        rows: rows.collect(),
        origin: origin(Kind::Soc2, &report.period, "The facts of the month that speak to each control."),
    };
    Section::new(framework, vec![Block::Table(table)])
}

/// What would be evidence and is not there, once for each fact.
fn without(report: &Soc2Report) -> Section {
    let mut told = std::collections::BTreeSet::new();
    let missing = report.controls.iter().flat_map(|control| &control.missing);
    let items = missing
        .filter(|item| told.insert(item.what))
        .map(|item| Rich::new().bold(item.what).plain(format!(": {}.", item.fact.why().unwrap_or_default())));
    let items: Vec<Rich> = items.collect();
    let blocks = if items.is_empty() {
        vec![said("Every fact that was looked for is there.")]
    } else {
        vec![bullets(items)]
    };
    Section::new("What there is no evidence of", blocks)
}
