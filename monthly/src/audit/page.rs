//! The report on the audit trail as a document.

use headroom_reports::chart::{Axis, HeatChart, Scale};
use headroom_reports::number::fixed;
use headroom_reports::{Block, Chart, Column, Document, Figure, Rich, Section, Severity, Table};

use super::{AuditReport, DeedBody, Sort};
use crate::page::{self, callout, clocks, code, key, many, moment, nothing, origin, origin_of, said};
use crate::report::Kind;

pub(crate) fn document(report: &AuditReport) -> Document {
    let period = &report.period;
    page::document(
        "Audit trail",
        (&report.tenant, period),
        sentence(report),
        vec![summary(report), integrity(report), days(report), actors(report), deeds(report), method(report)],
    )
}

fn sentence(report: &AuditReport) -> String {
    let rows: u64 = report.sorts.values().sum();
    match &report.integrity.broken {
        Some(broken) => format!("The trail does not hold: {broken}."),
        None => format!("{} deeds are on record, and the trail holds.", fixed(rows as f64, 0)),
    }
}

fn summary(report: &AuditReport) -> Section {
    let figure = |sort: Sort| key(sort.words(), fixed(report.count(sort) as f64, 0), "");
    let sorts = [
        Sort::SignIn,
        Sort::RefusedSignIn,
        Sort::LockOut,
        Sort::Reveal,
        Sort::Sql,
        Sort::Export,
        Sort::Erasure,
        Sort::Access,
    ];
    let mut blocks = vec![Block::KeyFigures(sorts.map(figure).to_vec())];
    if let Some(broken) = &report.integrity.broken {
        let text = format!(
            "{broken}. `headroom audit verify` says where; compare with checkpoints that were kept elsewhere."
        );
        blocks.push(callout(Severity::Critical, "The trail was tampered with", text));
    }
    blocks.push(said(clocks(&report.period)));
    Section::new("Summary", blocks)
}

fn integrity(report: &AuditReport) -> Section {
    let found = &report.integrity;
    let mut blocks = Vec::new();
    if let Some(head) = &found.head {
        let text = format!(
            "All {} rows of the trail were recomputed for this report and follow from one another; the Merkle tree over them agrees with {}, the newest over {} rows.",
            fixed(head.rows as f64, 0),
            many(head.checkpoints as u64, "checkpoint"),
            fixed(head.signed as f64, 0)
        );
        blocks.push(callout(Severity::Good, "The chain holds", text));
        blocks.push(Block::Paragraph(
            Rich::new().plain("Root of the tree: ").code(head.root.clone()).plain("."),
        ));
    }
    blocks.push(match (&found.key, found.checkpoints.is_empty()) {
        (_, true) => said("No checkpoint was signed in this month: an end that was cut off before the next one would not show."),
        (Some(key), false) => Block::Paragraph(
            Rich::new()
                .plain(format!("{} of {} checkpoints of the month carry a good signature of the key ", found.verified(), found.checkpoints.len()))
                .code(key.clone())
                .plain("."),
        ),
        (None, false) => said(format!(
            "The signatures of {} checkpoints were not verified: {}.",
            found.checkpoints.len(),
            found.checkpoints[0].why.as_deref().unwrap_or("there is no key")
        )),
    });
    let forged = found.checkpoints.iter().filter(|checkpoint| checkpoint.verified == Some(false));
    for checkpoint in forged {
        let text = format!(
            "Signed at {}: {}.",
            moment(checkpoint.at),
            checkpoint.why.as_deref().unwrap_or_default()
        );
        blocks.push(callout(
            Severity::Critical,
            format!("The checkpoint over {} rows has no good signature of this key", checkpoint.size),
            text,
        ));
    }
    let ends = [("First row of the month", &found.first), ("Last row of the month", &found.last)];
    let rows = ends.into_iter().filter_map(|(what, row)| {
        let row = row.as_ref()?;
        Some(vec![
            Rich::from(what),
            Rich::from(row.seq.to_string()),
            Rich::from(moment(row.at)),
            code(&row.hash),
        ])
    });
    let rows: Vec<Vec<Rich>> = rows.collect();
    blocks.push(if rows.is_empty() {
        said("The month has no row.")
    } else {
        Block::Table(Table {
            caption: "The ends of the month".to_owned(),
            columns: vec![
                Column::text("Which"),
                Column::number("Row"),
                Column::text("At, UTC"),
                Column::text("Hash"),
            ],
            rows,
            origin: origin(
                Kind::Audit,
                &report.period,
                "The first and the last row of the trail in the month.",
            ),
        })
    });
    Section::new("Integrity", blocks)
}

fn days(report: &AuditReport) -> Section {
    if report.days.is_empty() {
        return nothing("By day", "Nothing is on record in this month.");
    }
    let sorts: Vec<Sort> = Sort::ALL.into_iter().filter(|sort| report.count(*sort) > 0).collect();
    let count = |day: chrono::NaiveDate, sort: Sort| {
        let of = report.days.iter().find(|of| of.day == day).and_then(|of| of.sorts.get(&sort));
        of.copied().unwrap_or(0) as f64
    };
    let cells =
        sorts.iter().map(|sort| report.period.days.iter().map(|day| count(day.date, *sort)).collect());
    let heat = HeatChart {
        title: "Deeds by sort and day".to_owned(),
        x: format!("Day of {}, {}", report.period.month, report.period.zone),
        y: "Sort".to_owned(),
        columns: report.period.days.iter().map(|day| day.date.format("%d").to_string()).collect(),
        rows: sorts.iter().map(|sort| sort.words().to_owned()).collect(),
        cells: cells.collect(),
        value: Axis::new("Deeds", "", Scale::Zero),
    };
    let figure = Figure {
        caption: "What was done on which day".to_owned(),
        chart: Chart::Heat(heat),
        origin: origin_of("/api/v1/audit", &report.period, "Rows of the audit trail by day and sort."),
    };
    Section::new("By day", vec![Block::Figure(figure)])
}

fn actors(report: &AuditReport) -> Section {
    if report.actors.is_empty() {
        return nothing("By actor", "Nobody did anything that is on record.");
    }
    let row = |count: &super::ActorCount| {
        vec![
            Rich::from(count.actor.clone()),
            code(&count.action),
            Rich::from(count.sort.words()),
            Rich::from(fixed(count.rows as f64, 0)),
        ]
    };
    let table = Table {
        caption: "Who did what how often".to_owned(),
        columns: vec![
            Column::text("Actor"),
            Column::text("Deed"),
            Column::text("Sort"),
            Column::number("Times"),
        ],
        rows: report.actors.iter().map(row).collect(),
        origin: origin_of("/api/v1/audit", &report.period, "Rows of the audit trail by actor and deed."),
    };
    Section::new("By actor", vec![Block::Table(table)])
}

fn deeds(report: &AuditReport) -> Section {
    let sorts = Sort::ALL.into_iter().filter(|sort| sort.is_told());
    let mut blocks: Vec<Block> = Vec::new();
    for sort in sorts {
        let of: Vec<&DeedBody> = report.deeds.iter().filter(|deed| deed.sort == sort).collect();
        if of.is_empty() {
            blocks.push(said(format!("{}: none in this month.", sort.words())));
            continue;
        }
        blocks.push(table(report, sort, &of));
        let left_out = report.count(sort).saturating_sub(of.len() as u64);
        if left_out > 0 {
            blocks.push(said(format!(
                "{left_out} older ones are not listed; `headroom audit export` writes them all."
            )));
        }
    }
    Section::new("Deeds one by one", blocks)
}

fn table(report: &AuditReport, sort: Sort, deeds: &[&DeedBody]) -> Block {
    let row = |deed: &&DeedBody| {
        vec![
            Rich::from(deed.seq.to_string()),
            Rich::from(moment(deed.at)),
            Rich::from(deed.actor.clone()),
            code(&deed.action),
            Rich::from(deed.subject.clone()),
            Rich::from(deed.reason.clone()),
        ]
    };
    Block::Table(Table {
        caption: sort.words().to_owned(),
        columns: vec![
            Column::number("Row"),
            Column::text("At, UTC"),
            Column::text("Actor"),
            Column::text("Deed"),
            Column::text("Subject"),
            Column::text("Reason"),
        ],
        rows: deeds.iter().map(row).collect(),
        origin: origin_of("/api/v1/audit", &report.period, "Rows of the audit trail, the newest first."),
    })
}

fn method(report: &AuditReport) -> Section {
    let text = "A deed is a row of the audit trail. Refused sign-ins are counted until a name or an address is locked out; while it is, none is on record, so that nobody can fill the trail. Exports are statements whose rows were written by `headroom export`; answers over HTTP are among the SQL statements.";
    Section::new("How it is counted", vec![said(text), said(clocks(&report.period))])
}
