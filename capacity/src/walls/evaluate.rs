//! From laws to walls, under a change.

use headroom_query::capacity::Target;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::body::{Evidence, NoWall, Reach, Resource, Standing, Strength, Wall, WallKind, Walls, When};
use super::demand::Demand;
use super::knee::Knee;
use super::platform::{Peak, Platform, peak};
use super::what_if::WhatIf;
use super::words::{percent, sentence, stage};
use super::{dates, moves};

/// The growth factors that walls are told for.
pub const STAGES: [f64; 3] = [2.0, 5.0, 10.0];
/// Said of a wall that is no longer ahead.
const MET: &str = "it is met at today's peak";
/// Walls that are told with what would move them.
const MOVED: usize = 100;
/// Beyond so many times what was seen, a straight line is only an indication.
const SEEN_LEAST: f64 = 0.1;
/// An interval wider than this, upper end over lower, is only an indication.
const WIDEST: f64 = 1.7;
/// What is known of one resource: use against the service's requests a second, and what there is of it.
#[derive(Debug, Clone)]
pub struct Fitted {
    pub(crate) resource: Resource,
    /// Whose demand it follows, the largest part first: one service, or all that share it.
    pub(crate) shares: Vec<Share>,
    pub(crate) peak: Peak,
    /// Instances that each bring their share of it; none where another instance brings nothing.
    pub(crate) replicas: Option<f64>,
    pub(crate) capacity: f64,
    /// Servers of one queue: each instance has its own cores, its own loop and its own pool.
    pub(crate) servers: f64,
    pub(crate) unit: &'static str,
    pub(crate) knee: Knee,
    /// The knee's utilisation of a queue as it is: a search for pools, and every move asks for it again.
    pub(crate) knee_today: OnceLock<f64>,
    pub(crate) idle: f64,
    pub(crate) per_request: f64,
    pub(crate) samples: Vec<(f64, f64)>,
    pub(crate) evidence: Evidence,
}

/// A service's part in the use of a resource.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    pub(crate) service: String,
    /// Whose demand its part follows: the service's, or that of what it calls.
    pub(crate) target: Target,
    /// Its requests a second at the peak.
    pub(crate) per_second: f64,
    /// Its part of what grows with requests, at the peak.
    pub(crate) of_use: f64,
}

impl Share {
    /// All of it.
    pub(crate) fn whole(service: &str, target: Target, peak: &Peak) -> Vec<Self> {
        vec![Self { service: service.to_owned(), target, per_second: peak.per_second, of_use: 1.0 }]
    }
}

/// Everything that was fitted, and what could not be.
#[derive(Debug, Clone)]
pub struct Laws {
    pub(crate) fitted: Vec<Fitted>,
    pub(crate) without: Vec<NoWall>,
}

/// A resource as it is under a change.
struct Changed {
    capacity: f64,
    idle: f64,
    /// Servers of one queue.
    servers: f64,
    /// Times the demand on what the law follows, and on the service.
    demand: f64,
    service: f64,
}

impl Fitted {
    fn under(&self, change: &WhatIf, demand: &Demand) -> Changed {
        let service = &self.resource.service;
        let of = |map: &BTreeMap<String, f64>| map.get(service).copied();
        let replicas = of(&change.replicas).zip(self.replicas).map_or(1.0, |(then, now)| then / now);
        let size = of(&change.instance_size).unwrap_or(1.0);
        // Times the capacity, the idle use, and the servers of one queue.
        let (capacity, idle, servers) = match self.resource.kind {
            WallKind::Cpu => (replicas * size, replicas, size),
            WallKind::Memory => (replicas * size, replicas, 1.0),
            WallKind::EventLoop => (replicas, replicas, 1.0),
            WallKind::Connections => {
                let pool = change.pool_size.get(&format!("{service}/{}", self.resource.name));
                let pool = pool.copied().or_else(|| of(&change.pool_size)).map(|size| size / self.capacity);
                (pool.unwrap_or(replicas), replicas, pool.map_or(1.0, |pool| pool / replicas))
            }
            WallKind::Contention => (1.0, 1.0, 1.0),
            WallKind::Rate | WallKind::Partitions | WallKind::Database => (self.limited(change), 1.0, 1.0),
        };
        let asked = |share: &Share| share.per_second * demand.times(&Target::service(&share.service));
        Changed {
            capacity: self.capacity * capacity,
            idle: self.idle * idle,
            servers: self.servers * servers,
            demand: self.shares.iter().map(|share| self.part(share, change, demand)).sum(),
            service: self.shares.iter().map(asked).sum::<f64>() / self.peak.per_second,
        }
    }

    /// A service's part in the use under a change, in parts of all that grows with requests today.
    fn part(&self, share: &Share, change: &WhatIf, demand: &Demand) -> f64 {
        share.of_use * demand.times(&share.target) * self.work(share, change)
    }

    /// Times the use that a request of a service makes of it.
    fn work(&self, share: &Share, change: &WhatIf) -> f64 {
        let changed = match self.resource.kind {
            WallKind::Memory | WallKind::Rate => None,
            WallKind::Contention => change.section.get(&share.service),
            WallKind::Cpu
            | WallKind::EventLoop
            | WallKind::Connections
            | WallKind::Partitions
            | WallKind::Database => change.work.get(&share.service),
        };
        changed.copied().unwrap_or(1.0)
    }

    /// Who shares it under a change, in words; nothing where nobody does.
    fn shared_by(&self, change: &WhatIf, demand: &Demand) -> String {
        let [_, _, ..] = &self.shares[..] else { return String::new() };
        let part = |share: &Share| (self.part(share, change, demand), share.service.clone());
        let mut parts: Vec<(f64, String)> = self.shares.iter().map(part).collect();
        parts.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let all: f64 = parts.iter().map(|(part, _)| part).sum();
        let told: Vec<String> =
            parts.iter().map(|(part, service)| format!("{service} {}", percent(part / all))).collect();
        format!("; shared by {}", told.join(", "))
    }

    /// Whose demand its largest part follows.
    pub(crate) fn target(&self) -> &Target {
        &self.shares[0].target
    }

    fn limited(&self, change: &WhatIf) -> f64 {
        let named = [self.resource.id(), self.resource.name.clone()];
        named.iter().find_map(|name| change.limit.get(name)).map_or(1.0, |limit| limit / self.capacity)
    }

    /// The growth factor at which a share of the capacity is in use; none where no growth reaches it.
    fn factor(&self, changed: &Changed, utilisation: f64, idle: f64, per_request: f64) -> Option<f64> {
        let left = utilisation * changed.capacity - idle;
        let each = per_request * self.peak.per_second * changed.demand;
        (each > 0.0).then(|| (left / each).max(0.0)).filter(|factor| factor.is_finite())
    }

    fn reach(&self, changed: &Changed, utilisation: f64) -> Option<Reach> {
        let factor = self.factor(changed, utilisation, changed.idle, self.per_request)?;
        let idle = changed.idle / self.idle.max(f64::MIN_POSITIVE);
        let scaled = |(a, b): &(f64, f64)| (if self.idle > 0.0 { a * idle } else { *a }, *b);
        let mut others: Vec<f64> = self
            .samples
            .iter()
            .map(scaled)
            .filter_map(|(a, b)| self.factor(changed, utilisation, a, b))
            .collect();
        others.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| others.get(((others.len() as f64 - 1.0) * share).round() as usize).copied();
        let (low, high) = (at(0.025).unwrap_or(factor), at(0.975).unwrap_or(factor));
        let per_second = factor * self.peak.per_second * changed.service;
        Some(Reach { factor, low: low.min(factor), high: high.max(factor), per_second, utilisation })
    }

    /// The utilisation at the knee of a queue with so many servers.
    fn knee_utilisation(&self, servers: f64) -> f64 {
        if servers == self.servers {
            return *self.knee_today.get_or_init(|| self.knee.utilisation(servers));
        }
        self.knee.utilisation(servers)
    }

    /// The factor of the knee under a change; none where no growth reaches it.
    pub(crate) fn knee(&self, change: &WhatIf, demand: &Demand) -> Option<f64> {
        let changed = self.under(change, demand);
        let utilisation = self.knee_utilisation(changed.servers);
        self.factor(&changed, utilisation, changed.idle, self.per_request)
    }

    fn wall(&self, platform: &Platform, change: &WhatIf, demand: &Demand) -> Option<Wall> {
        let changed = self.under(change, demand);
        let knee = self.reach(&changed, self.knee_utilisation(changed.servers))?;
        let limit = self.reach(&changed, self.knee.limit(changed.servers))?;
        let used = changed.idle + self.per_request * self.peak.per_second * changed.demand;
        let mut evidence = self.evidence.clone();
        if evidence.seen < SEEN_LEAST {
            evidence.doubts.push(format!(
                "at the busiest time {} of it was in use: far to carry a line from there",
                percent(evidence.seen)
            ));
        }
        if limit.high > WIDEST * limit.low {
            evidence.doubts.push(format!("the interval is wide: {:.1}x to {:.1}x", limit.low, limit.high));
        }
        let strength = if evidence.doubts.is_empty() { Strength::Good } else { Strength::Weak };
        // A forecast knows nothing of the change: it is compared at today's demand.
        // Nor of what else is shared with: the largest part is compared with its own busiest time.
        let busiest = platform.service(&self.resource.service).and_then(peak).unwrap_or(self.peak);
        let when = when(platform, &self.resource.service, &knee, knee.factor * busiest.per_second);
        let today = Standing {
            used,
            capacity: changed.capacity,
            unit: self.unit.to_owned(),
            utilisation: used / changed.capacity,
        };
        Some(Wall {
            id: self.resource.id(),
            sentence: sentence(&self.resource, &today, &knee, &limit, &when)
                + &self.shared_by(change, demand),
            resource: self.resource.clone(),
            peak: self.peak,
            today,
            knee,
            limit,
            when,
            strength,
            evidence,
            moves: Vec::new(),
        })
    }
}

impl Laws {
    /// The walls under a change, the nearest with what would move them.
    pub fn walls(&self, platform: &Platform, change: &WhatIf) -> Walls {
        self.nearest(platform, change, MOVED)
    }

    /// The walls under a change; the nearest so many with what would move them, which costs far more than the wall.
    pub(crate) fn nearest(&self, platform: &Platform, change: &WhatIf, moved: usize) -> Walls {
        let demand = Demand::new(&platform.graph, change);
        let mut without = self.without.clone();
        let mut walls = Vec::new();
        for fitted in &self.fitted {
            match fitted.wall(platform, change, &demand) {
                Some(wall) => walls.push((wall, fitted)),
                None => without.push(NoWall {
                    resource: fitted.resource.clone(),
                    why: "nothing is asked of it under this change".to_owned(),
                }),
            }
        }
        walls.sort_by(|(a, _), (b, _)| a.knee.factor.total_cmp(&b.knee.factor).then_with(|| a.id.cmp(&b.id)));
        for (wall, fitted) in walls.iter_mut().take(moved) {
            wall.moves = moves::of(self, fitted, wall, platform, change, &demand);
        }
        let walls: Vec<Wall> = walls.into_iter().map(|(wall, _)| wall).collect();
        without.sort_by(|a, b| a.resource.cmp(&b.resource));
        Walls {
            range: platform.range,
            made_at: platform.made_at,
            step_seconds: platform.services.first().map_or(60, |service| service.step_seconds),
            stages: STAGES.iter().map(|factor| stage(*factor, &walls)).collect(),
            walls,
            without,
            trend: platform.trend.clone(),
            ignored: self.ignored(platform, change),
            what_if: change.clone(),
        }
    }

    /// The platform's first wall under a change whose demand is known, and the factor of its knee.
    pub(crate) fn first(&self, change: &WhatIf, demand: &Demand) -> Option<(String, f64)> {
        let knees = self.fitted.iter().filter_map(|f| f.knee(change, demand).map(|knee| (f, knee)));
        let first = knees
            .min_by(|(a, at), (b, bt)| at.total_cmp(bt).then_with(|| a.resource.id().cmp(&b.resource.id())));
        first.map(|(fitted, knee)| (fitted.resource.id(), knee))
    }
}

fn when(platform: &Platform, service: &str, knee: &Reach, per_second: f64) -> When {
    let ahead = platform.ahead.iter().find(|ahead| ahead.service == service);
    let first = ahead.and_then(|ahead| ahead.first_above(per_second));
    let dates =
        platform.trend.reaches(platform.made_at.min(platform.range.to), knee.factor, knee.low, knee.high);
    let (forecast, event) = first.map_or((None, None), |(ts, event)| (Some(ts), event.map(str::to_owned)));
    match dates {
        Ok(dates::Dates { at, from, to }) => When {
            date: Some(at),
            earliest: Some(from),
            latest: to,
            forecast,
            event,
            why: if knee.factor <= 1.0 { MET.to_owned() } else { platform.trend.why.clone() },
        },
        Err(why) => When { date: None, earliest: None, latest: None, forecast, event, why },
    }
}
