//! What it costs.

use headroom_reports::{Block, Column, Rich, Section, Table};

use super::Assessment;
use crate::money::{Figure, Money};

pub(super) fn section(assessment: &Assessment) -> Section {
    let report = match &assessment.costs {
        Ok(report) => report,
        Err(why) => {
            let text = format!("Not known: {why}.");
            return Section::new("Cost", vec![Block::Paragraph(Rich::from(text))]);
        }
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
    Section::new("Cost", blocks)
}

fn amount(money: &Money) -> String {
    money.to_string()
}

fn figure(figure: &Figure<Money>) -> String {
    figure.known().map_or_else(|| figure.why().unwrap_or("not known").to_owned(), amount)
}
