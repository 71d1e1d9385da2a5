//! What changes cost against the incidents that they avoid.

use headroom_reports::{Block, Column, Origin, Range, Rich, Table};

use super::Assessment;
use crate::incidents::{ServiceIncident, Weighed};
use crate::money::Figure;
use crate::walls::Strength;

const INCIDENT: &str = "POST /api/v1/capacity/incident";

pub(super) fn blocks(assessment: &Assessment) -> Vec<Block> {
    let services = match &assessment.incidents {
        Figure::Known(services) => services,
        Figure::Unavailable { why } => {
            let text = format!("What changes cost against the incidents they avoid is not told: {why}.");
            return vec![Block::Paragraph(Rich::from(text))];
        }
    };
    let known: Vec<(&ServiceIncident, &Weighed)> =
        services.iter().filter_map(|service| Some((service, service.weighed.known()?))).collect();
    let mut blocks = Vec::new();
    if !known.is_empty() {
        blocks.push(Block::Table(table(assessment, &known)));
        let items = known.iter().map(|(service, weighed)| words(service, weighed)).collect();
        blocks.push(Block::List { ordered: false, items });
        blocks.extend(known.iter().filter_map(|(_, weighed)| source(weighed)));
        blocks.push(Block::Paragraph(Rich::from(
            "Assumed: demand stays for all of the incident as at the forecast's highest moment; what exceeds the \
             service's lowest limit is lost and the rest is served, which is a lower bound; added replicas run from \
             now until the peak is over; an instance twice as large costs twice as much; what shares a limit \
             grows alike; limits of other services are not looked at.",
        )));
    }
    for service in services {
        if let Some(why) = service.weighed.why() {
            let name = Rich::new().code(service.service.clone());
            blocks.push(Block::Paragraph(
                name.plain(format!(": a change is not set against the incident it avoids: {why}.")),
            ));
        }
    }
    blocks
}

fn table(assessment: &Assessment, known: &[(&ServiceIncident, &Weighed)]) -> Table {
    let rows = known.iter().map(|(_, weighed)| {
        let compared = &weighed.comparison;
        let chance = compared.without.probability * rust_decimal::Decimal::ONE_HUNDRED;
        vec![
            Rich::new().code(weighed.wall.clone()),
            Rich::from(weighed.change.clone()),
            Rich::from(format!("{:.2} %", chance.round_dp(2))),
            Rich::from(compared.without.expected.to_string()),
            Rich::from(compared.with.expected.to_string()),
            Rich::from(match weighed.extra_replicas {
                Some(_) => compared.plan_cost.to_string(),
                None => "not known".to_owned(),
            }),
            Rich::from(match weighed.extra_replicas {
                Some(_) => compared.net.to_string(),
                None => format!("at most {}", compared.net),
            }),
        ]
    });
    let made_at = assessment.made_at();
    Table {
        caption: "What changes cost against the incidents they avoid".to_owned(),
        columns: vec![
            Column::text("Breaks first"),
            Column::text("Change"),
            Column::number("Chance"),
            Column::number("Loss without it"),
            Column::number("Loss with it"),
            Column::number("Cost"),
            Column::number("Worth beyond its cost"),
        ],
        rows: rows.collect(),
        origin: Origin {
            what: "Quantiles of the forecast's highest moment against the limits of /api/v1/capacity/walls, without \
                   and with the change; losses are means over what demand may be."
                .to_owned(),
            query: INCIDENT.to_owned(),
            from: made_at,
            to: known.iter().filter_map(|(_, weighed)| over(weighed)).max().unwrap_or(made_at),
        },
    }
}

/// When the peak of a comparison is over.
fn over(weighed: &Weighed) -> Option<chrono::DateTime<chrono::Utc>> {
    let minutes = i64::try_from(weighed.input.duration_minutes.ceil()).ok()?;
    weighed.peak_at.checked_add_signed(chrono::TimeDelta::try_minutes(minutes)?)
}

/// A comparison in sentences.
fn words(service: &ServiceIncident, weighed: &Weighed) -> Rich {
    let input = &weighed.input;
    let high = input.demand.iter().find(|quantile| quantile.probability >= 0.95);
    let demand = high.map_or_else(String::new, |high| {
        format!(
            "the forecast is highest on {}, when demand stays below {:.0} requests a minute with a chance of 95 %; ",
            weighed.peak_at.format("%Y-%m-%d %H:%M UTC"),
            high.demand
        )
    });
    let mut text = format!(
        ": {demand}{} serves {:.0} a minute, and {:.0} after the change ({}). ",
        service.service, input.capacity_without, input.capacity_with, weighed.change
    );
    text += &match weighed.extra_replicas {
        Some(replicas) => format!(
            "That counts as {replicas} replicas more: until the peak is over {} replica-hours at {}. ",
            input.extra_replica_hours, input.per_replica_hour
        ),
        None => "It adds no replicas: what work on it costs is not known and not counted, so that it may cost as much \
                 as it is worth. "
            .to_owned(),
    };
    text += &format!(
        "A lost request counts {}, an incident {} minutes. {}",
        input.per_transaction,
        input.duration_minutes.normalize(),
        weighed.comparison.sentence
    );
    if weighed.strength == Strength::Weak {
        text += " The limit is an indication only: its doubts stand under Walls.";
    }
    Rich::new().code(weighed.wall.clone()).plain(text)
}

/// The question that gives a comparison again.
fn source(weighed: &Weighed) -> Option<Block> {
    let body = serde_json::to_string(&weighed.input).ok()?;
    let range = Range { from: weighed.peak_at, to: over(weighed)? }.text();
    Some(Block::Source { query: format!("{INCIDENT} {body}"), range })
}
