//! The first page, and how to read the rest.

use headroom_reports::{Block, Callout, KeyFigure, Rich, Section, Severity};

use super::Assessment;
use super::signs::Sign;
use crate::walls::Strength;

/// The answer in one sentence.
pub(super) fn sentence(assessment: &Assessment) -> String {
    let walls = &assessment.walls;
    match walls.walls.first() {
        None => "No wall can be told from what was measured; the reasons are listed.".to_owned(),
        Some(first) => format!(
            "The first wall is met at {:.1} times today's peak: {}.",
            first.knee.factor, first.resource
        ),
    }
}

pub(super) fn section(assessment: &Assessment, signs: &[Sign]) -> Section {
    let walls = &assessment.walls;
    let mut figures = Vec::new();
    match walls.walls.first() {
        Some(first) => {
            figures.push(KeyFigure {
                label: "First wall".to_owned(),
                value: format!("{:.1}x", first.knee.factor),
                note: format!("{} ({:.1}x to {:.1}x)", first.id, first.knee.low, first.knee.high),
            });
            let date = match (first.when.forecast, first.when.date) {
                (Some(ts), _) => ts.format("%Y-%m-%d").to_string(),
                (None, Some(date)) => date.to_string(),
                (None, None) => "no date".to_owned(),
            };
            let note = first.when.event.clone().unwrap_or_else(|| first.when.why.clone());
            figures.push(KeyFigure { label: "Reached".to_owned(), value: date, note });
        }
        None => figures.push(KeyFigure {
            label: "First wall".to_owned(),
            value: "not told".to_owned(),
            note: format!("{} resources looked at", walls.without.len()),
        }),
    }
    figures.push(KeyFigure {
        label: "Growth in 30 days".to_owned(),
        value: walls
            .trend
            .per_month
            .map_or_else(|| "not told".to_owned(), |month| format!("{:+.1} %", month * 100.0)),
        note: match (walls.trend.low, walls.trend.high) {
            (Some(low), Some(high)) => format!("{:+.1} % to {:+.1} %", low * 100.0, high * 100.0),
            _ => walls.trend.why.clone(),
        },
    });
    let spent =
        assessment.slos.iter().filter(|slo| slo.budget_remaining.is_some_and(|left| left <= 0.0)).count();
    let told = assessment.slos.iter().filter(|slo| slo.budget_remaining.is_some()).count();
    figures.push(KeyFigure {
        label: "Error budgets spent".to_owned(),
        value: if told == 0 { "not told".to_owned() } else { format!("{spent} of {told}") },
        note: format!("{} objectives defined", assessment.slos.len()),
    });
    let stages = walls.stages.iter().map(|stage| Rich::from(capital(&stage.sentence))).collect();
    let mut blocks = vec![Block::KeyFigures(figures), Block::List { ordered: false, items: stages }];
    for sign in signs.iter().filter(|sign| sign.severity == Severity::Critical).take(3) {
        blocks.push(Block::Callout(Callout {
            severity: sign.severity,
            title: sign.title.clone(),
            text: Rich::from(sign.text.clone()),
        }));
    }
    let origin = assessment.origin("The walls, the stages and the growth.", "/api/v1/capacity/walls");
    blocks.push(Block::Source {
        query: origin.query,
        range: headroom_reports::Range { from: origin.from, to: origin.to }.text(),
    });
    Section::new("In short", blocks)
}

/// How the figures came about, for whoever doubts them.
pub(super) fn method(assessment: &Assessment) -> Section {
    let weak = assessment.walls.walls.iter().filter(|wall| wall.strength == Strength::Weak).count();
    let text = [
        "A growth factor is counted from today's peak: the busiest five minutes of each service in the range.",
        "Use of processors, memory and connections is fitted to requests a second by the utilisation law; intervals are from samples drawn in blocks from the measured steps, at 95 %.",
        "What a service does one request at a time is found from how its own time grows with requests (delay and one queue, Pollaczek and Khinchine).",
        "The knee of a pool is where one request in ten waits (Erlang C), that of a processor where work takes twice its time, so that larger pools may run hotter.",
        "Dates rest on the trend of the daily peaks, each weekday compared with itself; planned events on the stored forecast at its 0.95 quantile.",
        "What the data cannot carry is listed with the reason, and no figure stands in its place.",
    ];
    let mut items: Vec<Rich> = text.into_iter().map(Rich::from).collect();
    if weak > 0 {
        items.push(Rich::from(format!("{weak} walls are indications only; their doubts stand beside them.")));
    }
    Section::new("How to read this", vec![Block::List { ordered: false, items }])
}

/// With a capital letter and a full stop.
pub(super) fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
