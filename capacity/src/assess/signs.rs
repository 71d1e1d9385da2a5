//! Warning signs: what is not yet a wall and should be looked at.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use headroom_query::capacity::{ResourceKind, ResourceSeries, ServiceTraffic, Step};
use headroom_reports::{Block, Callout, Rich, Section, Severity};

use super::Assessment;

/// Growth between the first and the last quarter of the range that is a sign.
const GREW: f64 = 1.2;
/// Share of failed requests that is a sign.
const FAILS: f64 = 0.01;
/// Share of undone changes that is a sign.
const UNDONE: f64 = 0.15;
/// Most signs of one report.
const MOST: usize = 25;

/// A warning sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// How bad.
    pub severity: Severity,
    /// In a line.
    pub title: String,
    /// With figures.
    pub text: String,
}

/// The signs in an assessment, the worst first.
pub fn signs(assessment: &Assessment) -> Vec<Sign> {
    let mut signs = Vec::new();
    walls(assessment, &mut signs);
    for slo in &assessment.slos {
        if let Some(left) = slo.budget_remaining.filter(|left| *left < 0.25) {
            let severity = if left <= 0.0 { Severity::Critical } else { Severity::Warning };
            let title = if left <= 0.0 { "is spent" } else { "is nearly spent" };
            signs.push(Sign {
                severity,
                title: format!("The error budget of {} {title}", slo.name),
                text: slo.sentence.clone(),
            });
        }
    }
    for service in &assessment.services {
        if let Some(rate) = service.error_rate.filter(|rate| *rate > FAILS) {
            signs.push(Sign {
                severity: Severity::Warning,
                title: format!("{} fails {:.1} % of its requests", service.service, rate * 100.0),
                text: format!("{} of {} requests in the range.", service.errors, service.calls),
            });
        }
    }
    signs.extend(assessment.traffic.iter().filter_map(slower));
    signs.extend(assessment.resources.iter().filter_map(creeping));
    signs.extend(assessment.resources.iter().filter_map(waiting));
    for d in assessment.delivery.iter().filter(|d| d.change_fail_rate.is_some_and(|rate| rate > UNDONE)) {
        signs.push(Sign {
            severity: Severity::Warning,
            title: format!("Changes to {} are undone often", d.service),
            text: format!(
                "{} of {} deployments gave way to an older version within a day.",
                d.failed, d.deployments
            ),
        });
    }
    unmeasured(assessment, &mut signs);
    let rank = |severity: Severity| match severity {
        Severity::Critical => 0,
        Severity::Warning => 1,
        _ => 2,
    };
    signs.sort_by_key(|sign| rank(sign.severity));
    signs.truncate(MOST);
    signs
}

fn walls(assessment: &Assessment, signs: &mut Vec<Sign>) {
    for wall in &assessment.walls.walls {
        let severity = match wall.knee.factor {
            _ if wall.limit.factor < 1.2 => Severity::Critical,
            _ if wall.when.forecast.is_some() => Severity::Warning,
            factor if factor < 1.5 => Severity::Warning,
            _ => continue,
        };
        signs.push(Sign {
            severity,
            title: format!("{} is met at {:.2}x", wall.id, wall.knee.factor),
            text: super::summary::capital(&wall.sentence),
        });
    }
}

/// Means over the first and the last quarter of a series; none when it is short.
fn quarters(values: &[f64]) -> Option<(f64, f64)> {
    let quarter = values.len() / 4;
    if quarter < 8 {
        return None;
    }
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    Some((mean(&values[..quarter]), mean(&values[values.len() - quarter..])))
}

fn slower(traffic: &ServiceTraffic) -> Option<Sign> {
    let own: Vec<f64> = traffic.steps.iter().filter_map(Step::own_seconds).collect();
    let rates: Vec<f64> = traffic.steps.iter().map(|step| step.rate(traffic.step_seconds)).collect();
    let ((before, after), (quiet, busy)) = (quarters(&own)?, quarters(&rates)?);
    // Slower because busier is the curve's business.
    let alike = busy < GREW * quiet && quiet < GREW * busy;
    (after > GREW * before && alike && before > 0.0).then(|| Sign {
        severity: Severity::Warning,
        title: format!("{} has become slower at the same load", traffic.service),
        text: format!(
            "Its own time went from {:.1} ms to {:.1} ms between the first and the last quarter of the range.",
            before * 1e3,
            after * 1e3
        ),
    })
}

fn creeping(series: &ResourceSeries) -> Option<Sign> {
    let what = match series.resource.kind {
        ResourceKind::Memory => "memory",
        ResourceKind::Queue => "queue",
        _ => return None,
    };
    // Of one instance, day by day: neither a scaler nor a weekend makes a leak.
    let mut days: BTreeMap<NaiveDate, (f64, f64)> = BTreeMap::new();
    for point in &series.points {
        let day = days.entry(point.ts.date_naive()).or_default();
        day.0 += point.used / f64::from(point.instances.max(1));
        day.1 += 1.0;
    }
    let means: Vec<f64> = days.values().map(|(sum, n)| sum / n).collect();
    let ([before, ..], [.., after]) = (&means[..], &means[..]) else { return None };
    let (before, after) = (*before, *after);
    if means.len() < 3 || means.windows(2).any(|pair| pair[1] < pair[0]) {
        return None;
    }
    (after > GREW * before && after > 1.0).then(|| Sign {
        severity: Severity::Warning,
        title: format!("The {what} of {} grows", series.resource.service),
        text: format!(
            "{} rose every day, from {before:.0} to {after:.0} {} an instance.",
            series.metric, series.unit
        ),
    })
}

fn waiting(series: &ResourceSeries) -> Option<Sign> {
    let busy = series.points.iter().filter(|point| point.waiting.is_some_and(|n| n > 0.0)).count();
    let share = busy as f64 / series.points.len().max(1) as f64;
    (share > 0.01).then(|| Sign {
        severity: Severity::Warning,
        title: format!("Requests of {} wait for a connection", series.resource.service),
        text: format!("Some waited in {:.0} % of the steps ({}).", share * 100.0, series.metric),
    })
}

/// Services of which no processor is measured: their wall may be the first one, and nobody would know.
fn unmeasured(assessment: &Assessment, signs: &mut Vec<Sign>) {
    let measured = |service: &str| {
        assessment
            .resources
            .iter()
            .any(|r| r.resource.service == service && r.resource.kind == ResourceKind::Cpu)
    };
    let blind: Vec<&str> =
        assessment.traffic.iter().map(|t| t.service.as_str()).filter(|service| !measured(service)).collect();
    if !blind.is_empty() {
        signs.push(Sign {
            severity: Severity::Info,
            title: format!("{} services report no processor use", blind.len()),
            text: format!("Their walls may be nearer than those listed: {}.", blind.join(", ")),
        });
    }
}

pub(super) fn section(_: &Assessment, signs: &[Sign]) -> Section {
    if signs.is_empty() {
        return Section::new("Warning signs", vec![Block::Paragraph(Rich::from("None was found."))]);
    }
    let callout = |sign: &Sign| {
        Block::Callout(Callout {
            severity: sign.severity,
            title: sign.title.clone(),
            text: Rich::from(sign.text.clone()),
        })
    };
    Section::new("Warning signs", signs.iter().map(callout).collect())
}
