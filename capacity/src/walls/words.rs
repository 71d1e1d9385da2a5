//! Walls in words.

use super::body::{Reach, Resource, Stage, Standing, Wall, WallKind, When};

/// What is met on the way to a growth factor.
pub(super) fn stage(factor: f64, walls: &[Wall]) -> Stage {
    let below: Vec<&Wall> = walls.iter().filter(|wall| wall.knee.factor <= factor).collect();
    let first: Vec<String> = below.iter().take(3).map(|wall| wall.id.clone()).collect();
    let named: Vec<String> =
        below.iter().take(3).map(|wall| format!("{} at {:.1}x", wall.resource, wall.knee.factor)).collect();
    let sentence = match (below.len(), named.is_empty()) {
        (_, true) => format!("at {factor:.0}x no wall is met that can be told from this data"),
        (1, _) => format!("at {factor:.0}x one wall is met: {}", named.join(", ")),
        (n, _) if n <= 3 => format!("at {factor:.0}x {n} walls are met: {}", named.join(", ")),
        (n, _) => format!("at {factor:.0}x {n} walls are met, first {}", named.join(", ")),
    };
    Stage { factor, first, walls: below.len(), sentence }
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let service = &self.service;
        match self.kind {
            WallKind::Cpu => write!(f, "the processors of {service}"),
            WallKind::Memory => write!(f, "the memory of {service}"),
            WallKind::Connections if self.name.is_empty() => write!(f, "the connections of {service}"),
            WallKind::Connections => write!(f, "the connections of {service} (pool {})", self.name),
            WallKind::EventLoop => write!(f, "the event loop of {service}"),
            WallKind::Contention => write!(f, "what {service} does one request at a time"),
            WallKind::Rate => write!(f, "what {} allows {service}", self.name),
            WallKind::Partitions => write!(f, "the partitions of {} for {service}", self.name),
            WallKind::Database => write!(f, "the connections that database {} allows", self.name),
        }
    }
}

/// A wall in a sentence: what fills up, when, and what is seen then.
pub(super) fn sentence(
    resource: &Resource,
    today: &Standing,
    knee: &Reach,
    limit: &Reach,
    when: &When,
) -> String {
    let mut text = format!(
        "{} are {} in use at today's peak; {} at {:.2}x ({:.2} to {:.2}) and {} at {:.2}x ({:.2} to {:.2})",
        resource,
        percent(today.utilisation),
        if resource.kind.is_queue() { "waiting begins" } else { "it runs short" },
        knee.factor,
        knee.low,
        knee.high,
        if resource.kind.is_queue() { "it breaks" } else { "nothing is left" },
        limit.factor,
        limit.low,
        limit.high,
    );
    if matches!(resource.kind, WallKind::EventLoop | WallKind::Memory | WallKind::Rate | WallKind::Contention)
    {
        text = text.replacen(" are ", " is ", 1);
    }
    if let Some(ts) = when.forecast {
        let day = ts.format("%Y-%m-%d %H:%M UTC");
        match &when.event {
            Some(event) => text += &format!("; the forecast reaches it on {day} ({event})"),
            None => text += &format!("; the forecast reaches it on {day}"),
        }
    } else if let Some(date) = when.date {
        text += &format!("; at today's growth around {date}");
    }
    text
}

/// A share in per cent, below ten with a digit.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent < 10.0 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}
