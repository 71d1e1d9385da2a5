//! What it costs.

use headroom_reports::{Block, Column, Rich, Section, Table};

use super::{Assessment, incident};
use crate::costs::Costs;
use crate::money::{Figure, Money};

pub(super) fn section(assessment: &Assessment) -> Section {
    let mut blocks = spent(assessment);
    blocks.extend(incident::blocks(assessment));
    Section::new("Cost", blocks)
}

/// What was used costs, and what could be saved.
fn spent(assessment: &Assessment) -> Vec<Block> {
    let none = |why: &str| vec![Block::Paragraph(Rich::from(format!("Not known: {why}.")))];
    let costs = match &assessment.costs {
        Ok(costs) => costs,
        Err(why) => return none(why),
    };
    let report = match &costs.costs {
        Figure::Known(report) => report,
        Figure::Unavailable { why } => return none(why),
    };
    let mut blocks = Vec::new();
    for currency in &report.currencies {
        let rows = currency
            .services
            .iter()
            .map(|service| {
                vec![
                    Rich::new().code(service.service.clone()),
                    Rich::from(amount(&service.cost)),
                    Rich::from(figure(&service.whole.per_thousand_transactions)),
                    Rich::from(figure(&service.whole.per_customer)),
                ]
            })
            .chain([vec![
                Rich::from("belongs to no service"),
                Rich::from(amount(&currency.unattributed.cost)),
                Rich::new(),
                Rich::new(),
            ]])
            .chain([vec![
                Rich::new().bold("all"),
                Rich::new().bold(amount(&currency.cost)),
                Rich::new(),
                Rich::new(),
            ]])
            .collect();
        blocks.push(Block::Table(Table {
            caption: format!("Cost in {}", currency.currency),
            columns: vec![
                Column::text("Service"),
                Column::number(format!("Cost, {}", currency.currency)),
                Column::number("Per 1,000 transactions"),
                Column::number("Per customer"),
            ],
            rows,
            origin: assessment.origin(
                "Effective cost joined with requests received and customers counted.",
                "/api/v1/capacity/costs",
            ),
        }));
    }
    for note in &report.notes {
        blocks.push(Block::Paragraph(Rich::from(note.clone())));
    }
    for none in &report.without_cost {
        blocks
            .push(Block::Paragraph(Rich::new().code(none.service.clone()).plain(format!(": {}.", none.why))));
    }
    blocks.extend(advice(assessment, costs));
    blocks
}

/// What is not needed, and what to commit to.
fn advice(assessment: &Assessment, costs: &Costs) -> Option<Block> {
    let row = |service: &str, what: String, told: String| {
        vec![Rich::new().code(service.to_owned()), Rich::from(what), Rich::from(told)]
    };
    let sized = costs.rightsizing.iter().map(|sizing| {
        row(&sizing.service, "size".to_owned(), told(&sizing.advice, |advice| &advice.sentence))
    });
    let committed = costs.commitments.iter().map(|commitment| {
        let what = format!("commitment, {}", commitment.term);
        row(&commitment.service, what, told(&commitment.advice, |advice| &advice.sentence))
    });
    let rows: Vec<Vec<Rich>> = sized.chain(committed).collect();
    (!rows.is_empty()).then(|| {
        Block::Table(Table {
            caption: "What could be saved, and what it risks".to_owned(),
            columns: vec![Column::text("Service"), Column::text("What"), Column::text("Advice")],
            rows,
            origin: assessment.origin("Use of replicas against the price table.", "/api/v1/capacity/costs"),
        })
    })
}

/// An advice in its sentence, or why there is none.
fn told<T>(advice: &Figure<T>, sentence: impl Fn(&T) -> &String) -> String {
    match advice {
        Figure::Known(advice) => sentence(advice).clone(),
        Figure::Unavailable { why } => format!("no advice: {why}"),
    }
}

fn amount(money: &Money) -> String {
    money.to_string()
}

fn figure(figure: &Figure<Money>) -> String {
    figure.known().map_or_else(|| figure.why().unwrap_or("not known").to_owned(), amount)
}
