//! What stands in when there is no forecast to plan from: the last plan, then what was measured. Never zero.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::{Plan, PlannedMinute, ServiceCapacity, Situation, Source};

/// Minutes that a fallback is made for; it is made anew with each plan.
const FALLBACK_MINUTES: i64 = 60;

/// The last plan from now on, if it is young enough and reaches beyond now.
pub(crate) fn last_plan(
    situation: &Situation<'_>,
    capacity: &ServiceCapacity,
    standing: u32,
    why: &str,
) -> Option<Plan> {
    let last = situation.last?;
    let (planned_at, told) = match &last.source {
        Source::Forecast => (last.made_at, false),
        Source::LastPlan { made_at, .. } => (*made_at, true),
        Source::Fallback { .. } => return None,
    };
    if situation.now - planned_at > Duration::hours(i64::from(capacity.last_plan_hours)) {
        return None;
    }
    let from = last.minutes.partition_point(|minute| minute.ts + Duration::minutes(1) <= situation.now);
    let rest = &last.minutes[from..];
    let (first, made) = (rest.first()?, planned_at.format("%H:%M UTC"));
    let mut minutes: Vec<PlannedMinute> = rest.to_vec();
    let reason: Arc<str> = format!("{why}: the plan of {made} stands; {}", first.reason).into();
    for minute in minutes.iter_mut().take_while(|m| !told && m.replicas == first.replicas) {
        minute.reason = Arc::clone(&reason);
    }
    for minute in minutes.iter_mut().take(crate::STANDING_MINUTES) {
        minute.reactive = minute.reactive.max(standing);
    }
    for minute in &mut minutes {
        minute.replicas = minute.replicas.max(minute.reactive).clamp(capacity.least(), capacity.max_replicas);
    }
    let before_rise = minutes[0].replicas;
    let source = Source::LastPlan { made_at: planned_at, why: why.to_owned() };
    Some(Plan { made_at: situation.now, mode: capacity.mode, source, minutes, before_rise, ..last.clone() })
}

/// The last day's measured peak with a margin; what runs, where nothing was measured.
pub(crate) fn measured(
    situation: &Situation<'_>,
    capacity: &ServiceCapacity,
    standing: u32,
    why: &str,
) -> Plan {
    let day = situation.now - Duration::days(1);
    let recent = situation.measured.iter().filter(|(ts, value)| *ts >= day && value.is_finite());
    let peak = recent.max_by(|a, b| a.1.total_cmp(&b.1));
    let bounded = |replicas: u32| replicas.clamp(capacity.least(), capacity.max_replicas);
    let running = situation.running.unwrap_or(0);
    let (replicas, told) = match peak {
        Some((ts, demand)) => (
            bounded(capacity.at_target(demand * capacity.fallback_margin).max(standing)),
            format!(
                "{} times the last day's peak of {demand:.0} requests a minute at {} UTC",
                capacity.fallback_margin,
                ts.format("%H:%M")
            ),
        ),
        None if running > 0 => {
            (bounded(running), "nothing was measured in the last day, so what runs stays".to_owned())
        }
        None => (bounded(0), "nothing was measured in the last day, so the minimum stands".to_owned()),
    };
    let reason: Arc<str> = format!("{why}: the fallback is {}, {told}", counted(replicas)).into();
    let reactive = bounded(standing);
    let minute = |i: i64| PlannedMinute {
        ts: minute_of(situation.now) + Duration::minutes(i),
        replicas,
        reactive,
        quantile: None,
        reason: Arc::clone(&reason),
    };
    Plan {
        made_at: situation.now,
        mode: capacity.mode,
        source: Source::Fallback { why: why.to_owned() },
        minutes: (0..FALLBACK_MINUTES).map(minute).collect(),
        rise_seconds: 0,
        before_rise: replicas,
        given_up: Vec::new(),
    }
}

fn minute_of(ts: DateTime<Utc>) -> DateTime<Utc> {
    ts - Duration::seconds(ts.timestamp().rem_euclid(60))
        - Duration::nanoseconds(i64::from(ts.timestamp_subsec_nanos()))
}

fn counted(replicas: u32) -> String {
    if replicas == 1 { "1 replica".to_owned() } else { format!("{replicas} replicas") }
}
