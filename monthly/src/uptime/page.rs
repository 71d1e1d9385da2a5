//! The report on uptime as a document.

use std::collections::BTreeMap;

use headroom_capacity::money::Figure as Known;
use headroom_reports::chart::{Axis, Bar, BarChart, HeatChart, Limit, LineChart, Order, Scale, Series};
use headroom_reports::number::fixed;
use headroom_reports::{Block, Chart, Column, Document, Figure, Rich, Section, Severity, Table};

use super::{Availability, Gap, ObjectiveUptime, UptimeReport};
use crate::month::Period;
use crate::page::{
    self, bullets, callout, cell, clocks, code, key, length, moment, moment_or, origin, origin_of, percent,
    reasons, said, shown,
};
use crate::report::Kind;

/// Gaps shorter than this are summed up and not listed.
const LISTED_FROM_MINUTES: i64 = 5;
/// Lines of the chart of days.
const LINES: usize = 8;

pub(crate) fn document(report: &UptimeReport) -> Document {
    let period = &report.period;
    page::document(
        "Uptime",
        (&report.tenant, period),
        sentence(report),
        vec![summary(report), month(report), days(report), unseen(report), incidents(report), method(period)],
    )
}

fn sentence(report: &UptimeReport) -> String {
    let kept = |kept: bool| report.objectives.iter().filter(|one| one.month.kept == Some(kept)).count();
    let unknown = report.objectives.len() - kept(true) - kept(false);
    let known = match (kept(true), kept(false)) {
        (0, 0) => {
            return "No objective has a figure for this month; the reasons stand beside each.".to_owned();
        }
        (_, 0) => "All objectives with a figure kept their targets".to_owned(),
        (held, missed) => {
            format!("{missed} of {} objectives with a figure missed their targets", held + missed)
        }
    };
    match unknown {
        0 => format!("{known}."),
        n => format!("{known}; {n} have no figure."),
    }
}

fn summary(report: &UptimeReport) -> Section {
    let kept = report.objectives.iter().filter(|one| one.month.kept == Some(true)).count();
    let worst = report
        .objectives
        .iter()
        .filter_map(|one| Some((one, *one.month.downtime_minutes.known()?)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let mean =
        |of: &Known<crate::Mean>| of.known().map_or_else(|| "-".to_owned(), |mean| length(mean.seconds));
    let of = |figure: &Known<crate::Mean>| match figure {
        Known::Known(mean) => format!("of {} of {} incidents", mean.of, mean.among),
        Known::Unavailable { why } => why.clone(),
    };
    let mut blocks = vec![Block::KeyFigures(vec![
        key("Targets kept", format!("{kept} of {}", report.objectives.len()), "objectives"),
        match worst {
            Some((one, minutes)) => key("Most downtime", length(minutes * 60.0), one.display_name.clone()),
            None => key("Most downtime", "-", "nothing was measured"),
        },
        key("Time to acknowledge", mean(&report.mtta), of(&report.mtta)),
        key("Time to resolve", mean(&report.mttr), of(&report.mttr)),
    ])];
    for one in report.objectives.iter().filter(|one| one.month.kept == Some(false)) {
        let downtime = shown(&one.month.downtime_minutes, |minutes| length(minutes * 60.0));
        let reached = shown(&one.month.availability, |share| percent(*share, 3));
        blocks.push(callout(
            Severity::Critical,
            format!("{} missed its target", one.display_name),
            format!("{reached} of {} promised; downtime {downtime}.", percent(one.target, 3)),
        ));
    }
    blocks.push(said(clocks(&report.period)));
    Section::new("Summary", blocks)
}

fn month(report: &UptimeReport) -> Section {
    if report.objectives.is_empty() {
        return crate::page::nothing(
            "Availability against target",
            "No objectives are defined: alerts.slo_dirs names folders of OpenSLO documents.",
        );
    }
    let bar = |one: &ObjectiveUptime| Bar {
        label: one.name.clone(),
        // Shares of the allowed downtime compare where shares of the time all look like 100.
        value: match (&one.month.downtime_minutes, one.month.seen_minutes * (1.0 - one.target)) {
            (Known::Known(down), allowed) if allowed > 0.0 => Ok(down / allowed * 100.0),
            (figure, _) => Err(figure.why().unwrap_or("nothing was seen").to_owned()),
        },
        interval: None,
        note: one.month.availability.known().map_or_else(String::new, |share| percent(*share, 3)),
        severity: one.month.kept.map(|kept| if kept { Severity::Good } else { Severity::Critical }),
    };
    let figure = Figure {
        caption: "Downtime as a share of what each target allows; beyond 100 % the target was missed"
            .to_owned(),
        chart: Chart::Bar(BarChart {
            title: "Downtime against what the target allows, by objective".to_owned(),
            axis: Axis::new("Downtime of the allowed", "%", Scale::Zero),
            bars: report.objectives.iter().map(bar).collect(),
            order: Order::Descending,
            limits: vec![Limit {
                label: "all that is allowed".to_owned(),
                at: 100.0,
                severity: Severity::Critical,
            }],
        }),
        origin: origin(
            Kind::Uptime,
            &report.period,
            "Minutes of downtime over (1 - target) of the minutes seen.",
        ),
    };
    let row = |one: &ObjectiveUptime| {
        let Availability { availability, lowest, downtime_minutes, outage_minutes, .. } = &one.month;
        vec![
            Rich::from(one.display_name.clone()),
            Rich::from(percent(one.target, 3)),
            cell(availability, |share| percent(*share, 3)),
            cell(lowest, |share| percent(*share, 3)),
            cell(downtime_minutes, |minutes| fixed(*minutes, 1)),
            Rich::from(outage_minutes.map_or_else(|| "not counted".to_owned(), |minutes| fixed(minutes, 0))),
            Rich::from(fixed(one.month.unseen_minutes(), 0)),
        ]
    };
    let table = Table {
        caption: "Availability in the month, by objective".to_owned(),
        columns: vec![
            Column::text("Objective"),
            Column::number("Target"),
            Column::number("Availability"),
            Column::number("At least"),
            Column::number("Downtime, min"),
            Column::number("Outage, min"),
            Column::number("Not seen, min"),
        ],
        rows: report.objectives.iter().map(row).collect(),
        origin: origin(
            Kind::Uptime,
            &report.period,
            "Good over all units by each objective's budgeting method, of the minutes seen.",
        ),
    };
    let mut blocks = vec![Block::Figure(figure), Block::Table(table)];
    let all = report.objectives.iter();
    blocks.extend(reasons(all.map(|one| (one.display_name.as_str(), &one.month.availability))));
    Section::new("Availability against target", blocks)
}

fn days(report: &UptimeReport) -> Section {
    let measured: Vec<&ObjectiveUptime> =
        report.objectives.iter().filter(|one| !one.days.is_empty()).collect();
    if measured.is_empty() {
        return crate::page::nothing("Day by day", "No objective was measured.");
    }
    let heat = HeatChart {
        title: "Minutes of downtime by objective and day".to_owned(),
        x: format!("Day of {}, {}", report.period.month, report.period.zone),
        y: "Objective".to_owned(),
        columns: report.period.days.iter().map(|day| day.date.format("%d").to_string()).collect(),
        rows: measured.iter().map(|one| one.name.clone()).collect(),
        cells: measured
            .iter()
            .map(|one| {
                one.days
                    .iter()
                    .map(|day| day.of.downtime_minutes.known().copied().unwrap_or(f64::NAN))
                    .collect()
            })
            .collect(),
        value: Axis::new("Downtime", "minutes", Scale::Zero),
    };
    let what = "Downtime of each day by the objective's own method. A day of which too little was seen is left empty.";
    let mut blocks = vec![Block::Figure(Figure {
        caption: "Downtime of each day; days without a figure are empty".to_owned(),
        chart: Chart::Heat(heat),
        origin: origin(Kind::Uptime, &report.period, what),
    })];
    let mut worst = measured.clone();
    worst.sort_by(|a, b| shortfall(b).total_cmp(&shortfall(a)));
    worst.truncate(LINES);
    let line = |one: &&ObjectiveUptime| {
        let days = report.period.days.iter().zip(&one.days);
        let point = |(day, of): (&crate::month::Day, &super::DayAvailability)| {
            (day.from as f64, of.of.availability.known().map_or(f64::NAN, |share| share * 100.0))
        };
        Series::new(one.name.clone(), days.map(point).collect())
    };
    blocks.push(Block::Figure(Figure {
        caption: match measured.len().saturating_sub(LINES) {
            0 => "Availability of each day".to_owned(),
            others => format!("Availability of each day, of the {LINES} furthest below target; {others} others are in the chart above"),
        },
        chart: Chart::Line(LineChart {
            title: "Availability by day".to_owned(),
            x: Axis::time(),
            y: Axis::new("Availability", "%", Scale::Fit),
            series: worst.iter().map(line).collect(),
            bands: Vec::new(),
            marks: Vec::new(),
            limits: Vec::new(),
        }),
        origin: origin(Kind::Uptime, &report.period, "Good over all units of each day, of the minutes seen."),
    }));
    blocks.push(missed_days(report));
    Section::new("Day by day", blocks)
}

/// How far an objective is below its target, as a multiple of what it allows.
fn shortfall(one: &ObjectiveUptime) -> f64 {
    one.month.availability.known().map_or(-1.0, |share| (1.0 - share) / (1.0 - one.target))
}

fn missed_days(report: &UptimeReport) -> Block {
    let missed = |one: &ObjectiveUptime| {
        let name = one.display_name.clone();
        let days = one.days.iter().filter(|day| day.of.kept == Some(false));
        days.map(move |day| {
            vec![
                Rich::from(day.day.to_string()),
                Rich::from(name.clone()),
                cell(&day.of.availability, |share| percent(*share, 3)),
                cell(&day.of.downtime_minutes, |minutes| fixed(*minutes, 1)),
                Rich::from(fixed(day.of.unseen_minutes(), 0)),
            ]
        })
        .collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<Rich>> = report.objectives.iter().flat_map(missed).collect();
    if rows.is_empty() {
        return said("No day with a figure was below its objective's target.");
    }
    rows.sort_by_key(|row| row[0].text());
    Block::Table(Table {
        caption: "Days below target".to_owned(),
        columns: vec![
            Column::text(format!("Day, {}", report.period.zone)),
            Column::text("Objective"),
            Column::number("Availability"),
            Column::number("Downtime, min"),
            Column::number("Not seen, min"),
        ],
        rows,
        origin: origin(
            Kind::Uptime,
            &report.period,
            "Days whose availability is below the target of the month.",
        ),
    })
}

fn unseen(report: &UptimeReport) -> Section {
    let mut gaps: BTreeMap<(i64, i64, bool), Vec<&str>> = BTreeMap::new();
    let mut short = 0_i64;
    for one in &report.objectives {
        for Gap { from, to, before_measuring } in &one.gaps {
            let minutes = (*to - *from).num_minutes();
            if minutes < LISTED_FROM_MINUTES {
                short += minutes;
                continue;
            }
            gaps.entry((from.timestamp(), to.timestamp(), *before_measuring)).or_default().push(&one.name);
        }
    }
    if gaps.is_empty() && short == 0 {
        return crate::page::nothing(
            "Time without data",
            "Every minute of every measured objective was seen.",
        );
    }
    let everybody = report.objectives.iter().filter(|one| !one.gaps.is_empty()).count();
    let rows = gaps.into_iter().map(|((from, to, before), names)| {
        let at = headroom_query::slo::budget::at;
        let of = if names.len() > 1 && names.len() == everybody {
            "all that were measured".to_owned()
        } else {
            names.join(", ")
        };
        let why = if before { "before measuring began" } else { "nothing was received, or nothing measured" };
        vec![
            Rich::from(moment(at(from))),
            Rich::from(moment(at(to))),
            Rich::from(fixed((to - from) as f64 / 3_600.0, 2)),
            Rich::from(why),
            Rich::from(of),
        ]
    });
    let table = Table {
        caption: "Stretches that were not seen".to_owned(),
        columns: vec![
            Column::text("From, UTC"),
            Column::text("To, UTC"),
            Column::number("Hours"),
            Column::text("Why"),
            Column::text("Objectives"),
        ],
        rows: rows.collect(),
        origin: origin(
            Kind::Uptime,
            &report.period,
            "Minutes without a stored measurement, or in which nothing at all was received.",
        ),
    };
    let text = "What was not seen is neither up nor down: it is in no availability above. The column \u{201c}at least\u{201d} says what the availability would be if all of it had been down.";
    let mut blocks = vec![said(text), Block::Table(table)];
    if short > 0 {
        blocks.push(said(format!("Gaps of less than {LISTED_FROM_MINUTES} minutes are not listed: {short} minutes together, over all objectives.")));
    }
    Section::new("Time without data", blocks)
}

fn incidents(report: &UptimeReport) -> Section {
    if report.incidents.is_empty() {
        return crate::page::nothing(
            "Incidents",
            "No alert of a severity that pages (major or critical) began in this month.",
        );
    }
    let row = |incident: &crate::Incident| {
        let by = incident.acknowledged_by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
        let lasted =
            incident.resolved_at.map(|over| length((over - incident.detected_at).num_seconds() as f64));
        vec![
            Rich::from(moment(incident.detected_at)),
            Rich::from(incident.severity.clone()),
            code(&incident.slo),
            Rich::from(incident.summary.clone()),
            Rich::from(format!("{}{by}", moment_or(incident.acknowledged_at, "not acknowledged"))),
            Rich::from(moment_or(incident.resolved_at, "still open")),
            Rich::from(lasted.unwrap_or_else(|| "-".to_owned())),
        ]
    };
    let table = Table {
        caption: "Incidents".to_owned(),
        columns: vec![
            Column::text("Detected, UTC"),
            Column::text("Severity"),
            Column::text("Objective"),
            Column::text("What"),
            Column::text("Acknowledged, UTC"),
            Column::text("Resolved, UTC"),
            Column::number("Lasted"),
        ],
        rows: report.incidents.iter().map(row).collect(),
        origin: origin_of(
            "/api/v1/alerts",
            &report.period,
            "Alerts of severity major or critical that began in the month.",
        ),
    };
    Section::new("Incidents", vec![Block::Table(table)])
}

fn method(period: &Period) -> Section {
    let items = [
        "Availability is good over all units, by the objective's own budgeting method: requests, time slices, or the mean of their shares.",
        "Downtime is the share of bad units times the minutes seen. For time slices these are the bad slices themselves; for requests it is the time that as large a share of the month would be.",
        "Outage minutes are those in which more than half of the requests failed. An objective about latency has none: slow requests are served.",
        "A stretch of which less than 90 % was seen since measuring began has no figure.",
        "An incident is detected when its alert fires, acknowledged when somebody takes it, and resolved when its alert ends. Means are over those that have come so far.",
    ];
    let items = items.into_iter().map(Rich::from).collect();
    Section::new("How it is computed", vec![bullets(items), said(clocks(period))])
}
