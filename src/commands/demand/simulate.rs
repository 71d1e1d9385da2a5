//! `headroom simulate`.

use super::super::bar::Bar;
use super::super::print;
use super::backtest::moment;
use super::plan::per_minute_of;
use super::source::{Source, calendar};
use super::{model, none, plot, tell};
use crate::cli::{Output, PolicyName, SimulateArgs};
use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use headroom_models::Calendar;
use headroom_models::calendar::EventClass;
use headroom_models::forecast::{Context, Unavailable, promote};
use headroom_models::series::Series;
use headroom_simulate::{
    Cluster, Demand, Floors, Hpa, Nodes, Outcome, Policy, Predictive, Seen, Startup, run as replay,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

/// Without a capacity the peak takes so many replicas.
const PEAK_REPLICAS: f64 = 50.0;
/// The cluster autoscaler's default for giving up a node.
const NODE_IDLE_SECONDS: u32 = 600;
/// Minutes between two plans, as a node makes them.
const EVERY: u32 = 1;

/// Exit code 0 when it was replayed, 1 where it cannot be.
pub(in super::super) async fn run(args: SimulateArgs, output: Output) -> Result<ExitCode> {
    let demand = args.demand();
    let Source { name, series, signals, mut notes } = Source::read(&demand).await?;
    let calendar = Arc::new(calendar(&args.origin.calendar)?);
    let tz = args.origin.tz.unwrap_or(Tz::UTC);
    let third = series.start + (series.end() - series.start) / 3;
    let from = args.from.as_deref().map_or(Ok(third), |text| moment(text, tz, false))?;
    let to = args.to.as_deref().map_or(Ok(series.end()), |text| moment(text, tz, true))?.min(series.end());
    ensure!(
        from < to,
        "nothing of {name} is to be replayed: it is measured from {} to {}",
        series.start,
        series.end()
    );
    notes.extend(signals.iter().filter_map(|signal| signal.doubt(to)));
    let (past, shown) = (series.before(from), series.before(to).since(from));
    let (counts, filled) = filled(&shown);
    if filled > 0 {
        notes.push(format!(
            "{filled} of {} steps were not measured: the demand in them is taken from those around",
            counts.len()
        ));
    }
    let curve = match Demand::from_counts(shown.start, shown.step_minutes * 60, &counts) {
        Ok(curve) => curve,
        Err(why) => return Ok(none(&Unavailable(why.to_string()))),
    };
    let peak = curve.peak(0, i64::from(curve.seconds()));
    if peak <= 0.0 {
        return Ok(none(&Unavailable(format!("{name} received no requests from {from} to {to}"))));
    }
    let target = args.capacity.target_utilisation;
    let per_minute = args.capacity.requests_per_minute.unwrap_or_else(|| {
        notes.push(format!("no --requests-per-minute: a replica carries the peak's {PEAK_REPLICAS}th part"));
        peak * 60.0 / PEAK_REPLICAS * target
    });
    let capacity = args.capacity.of(per_minute);
    let hpa = Hpa {
        target_utilisation: target,
        min_replicas: capacity.min_replicas,
        max_replicas: capacity.max_replicas,
        ..Hpa::default()
    };
    let nodes = args.capacity.node_start.map(|start| Nodes {
        replicas: args.replicas_per_node,
        start_seconds: u32::try_from(start.as_secs()).unwrap_or(u32::MAX),
        idle_seconds: NODE_IDLE_SECONDS,
    });
    let startup = Startup { replica_seconds: capacity.lead_seconds, nodes };
    let cluster = Cluster { hpa, startup, replica_per_second: per_minute / 60.0 / target };
    // A planned step is one step: that is what the manifests of the scaler ask of the autoscaler.
    let steep = Cluster { hpa: cluster.hpa.clone().with_steep_rises(), ..cluster.clone() };
    let events = instants(&calendar, shown.start, to);
    let mut outcomes: BTreeMap<PolicyName, Outcome> = BTreeMap::new();
    let wanted = args.policy.iter().copied().chain([PolicyName::Reactive, PolicyName::Oracle]);
    for policy in wanted {
        if outcomes.contains_key(&policy) {
            continue;
        }
        let outcome = match policy {
            PolicyName::Reactive => replay(&curve, &cluster, Policy::Reactive, &events)?,
            PolicyName::Static => replay(&curve, &cluster, Policy::Static, &events)?,
            PolicyName::Oracle => replay(&curve, &steep, Policy::Oracle, &events)?,
            PolicyName::Predictive => {
                let history = per_minute_of(&past);
                let context = Context {
                    calendar: Arc::clone(&calendar),
                    service: name.clone(),
                    horizon: Duration::days(2),
                    signals: signals.clone(),
                };
                let forecaster = match &args.model {
                    Some(_) => model(args.model.as_deref(), &context)?,
                    None => match promote::best(&history, &context) {
                        Ok(best) => best.forecaster,
                        Err(why) => return Ok(none(&why)),
                    },
                };
                let mut floors =
                    Predictive::new(forecaster.as_ref(), context, capacity.clone(), history, EVERY)?;
                let bar = Bar::new(u64::from(curve.seconds()));
                let mut told = Told { floors: &mut floors, bar };
                let outcome = replay(&curve, &steep, Policy::Predictive(&mut told), &events)?;
                told.bar.finish();
                outcome
            }
        };
        outcomes.insert(policy, outcome);
    }
    tell(&notes);
    let (reactive, oracle) = (&outcomes[&PolicyName::Reactive], &outcomes[&PolicyName::Oracle]);
    let asked: Vec<(&str, &Outcome)> =
        args.policy.iter().map(|policy| (named(*policy), &outcomes[policy])).collect();
    if let Some(path) = &args.plot {
        let chart = plot::replay(&name, &asked);
        let size = chart.natural(960);
        std::fs::write(path, chart.svg(headroom_reports::Theme::Light, size))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let told: Vec<Value> =
        asked.iter().map(|(policy, outcome)| figures(policy, outcome, reactive, oracle)).collect();
    print(output, &told, |_| text(&asked, reactive, oracle))?;
    Ok(ExitCode::SUCCESS)
}

/// Floors that tell how far the replay is.
struct Told<'a, 'b> {
    floors: &'a mut Predictive<'b>,
    bar: Bar,
}

impl Floors for Told<'_, '_> {
    fn floor(&mut self, seen: &Seen<'_>) -> Option<u32> {
        let done = (seen.now() - seen.start()).num_seconds();
        self.bar.show(done.unsigned_abs(), || format!("planned until {}", seen.now().format("%Y-%m-%d")));
        self.floors.floor(seen)
    }
}

fn named(policy: PolicyName) -> &'static str {
    match policy {
        PolicyName::Reactive => "reactive",
        PolicyName::Predictive => "predictive",
        PolicyName::Static => "static",
        PolicyName::Oracle => "oracle",
    }
}

/// The values of a series, those that were not measured on the straight line between their neighbours; and how many
/// these were.
fn filled(series: &Series) -> (Vec<f64>, usize) {
    let known: Vec<(usize, f64)> =
        series.values.iter().enumerate().filter_map(|(i, value)| Some((i, (*value)?))).collect();
    let at = |index: usize| {
        let after = known.partition_point(|(i, _)| *i < index);
        match (after.checked_sub(1).map(|before| known[before]), known.get(after)) {
            (_, Some((i, value))) if *i == index => *value,
            (Some((i, low)), Some((j, high))) => low + (high - low) * (index - i) as f64 / (j - i) as f64,
            (Some((_, value)), None) | (None, Some(&(_, value))) => value,
            (None, None) => 0.0,
        }
    };
    ((0..series.values.len()).map(at).collect(), series.values.len() - known.len())
}

/// When capacity is to be there: opens, and the events that move demand at a moment.
fn instants(calendar: &Calendar, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let sudden = |class: EventClass| {
        class == EventClass::Open
            || !(class.in_shape()
                || matches!(
                    class,
                    EventClass::MonthEnd | EventClass::QuarterEnd | EventClass::HalfDay | EventClass::Payroll
                ))
    };
    let events = calendar.events(from, to, to).into_iter();
    events.filter(|event| sudden(event.class) && event.start >= from).map(|event| event.start).collect()
}

fn figures(policy: &str, outcome: &Outcome, reactive: &Outcome, oracle: &Outcome) -> Value {
    json!({
        "policy": policy,
        "seconds": outcome.seconds,
        "under_provisioned_seconds": outcome.under_provisioned_seconds,
        "longest_run_seconds": outcome.longest_run_seconds,
        "unserved_share": outcome.unserved_share,
        "replica_hours": outcome.replica_hours,
        "over_provisioned_replica_hours": outcome.over_provisioned_replica_hours,
        "replica_hours_to_reactive": outcome.cost_ratio(reactive),
        "replica_hours_to_oracle": outcome.cost_ratio(oracle),
        "adaptations_per_hour": outcome.adaptations_per_hour,
        "events": outcome.events,
        "event_hit_rate": outcome.event_hit_rate(),
        "pre_scales": outcome.pre_scales,
        "false_pre_scales_per_week": outcome.false_pre_scales_per_week(),
        "accuracy_under": outcome.accuracy_under,
        "accuracy_over": outcome.accuracy_over,
        "timeshare_under": outcome.timeshare_under,
        "timeshare_over": outcome.timeshare_over,
        "instability": outcome.instability,
        "elastic_speedup_to_reactive": outcome.elastic_speedup(reactive),
    })
}

fn text(asked: &[(&str, &Outcome)], reactive: &Outcome, oracle: &Outcome) -> String {
    let mut text = format!(
        "{:<12}{:>9}{:>10}{:>11}{:>15}{:>9}{:>9}{:>8}{:>9}{:>9}\n",
        "policy",
        "short",
        "longest",
        "unserved",
        "replica-hours",
        "reactive",
        "oracle",
        "moves",
        "events",
        "false"
    );
    for (policy, outcome) in asked {
        let hits =
            outcome.event_hit_rate().map_or_else(|| "-".to_owned(), |rate| format!("{:.0}%", rate * 100.0));
        let _ = writeln!(
            text,
            "{policy:<12}{:>7} s{:>8} s{:>10.4}%{:>15.1}{:>8.2}x{:>8.2}x{:>6.1}/h{:>9}{:>7.1}/w",
            outcome.under_provisioned_seconds,
            outcome.longest_run_seconds,
            outcome.unserved_share * 100.0,
            outcome.replica_hours,
            outcome.cost_ratio(reactive),
            outcome.cost_ratio(oracle),
            outcome.adaptations_per_hour,
            hits,
            outcome.false_pre_scales_per_week()
        );
    }
    text.push_str("short: seconds with more demand than capacity. events: those with 95 % of the capacity when they began. false: raises that nothing needed.");
    text
}
