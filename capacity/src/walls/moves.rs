//! What would move a wall, and how far.

use headroom_query::capacity::{Edge, Target};

use super::body::{Move, Wall, WallKind};
use super::demand::Demand;
use super::evaluate::{Fitted, Laws};
use super::platform::Platform;
use super::what_if::{HitRatio, WhatIf};

/// A cache that is thought of in front of a database or a service.
const CACHED: f64 = 0.5;
/// Work that is thought to be saved in a request.
const LESS_WORK: f64 = 0.75;

/// The changes that move a wall, the farthest first; those that do not move it are left out.
pub(crate) fn of(
    laws: &Laws,
    fitted: &Fitted,
    wall: &Wall,
    platform: &Platform,
    base: &WhatIf,
    demand: &Demand,
) -> Vec<Move> {
    let mut moves: Vec<Move> = candidates(fitted, wall, platform, base)
        .into_iter()
        .filter_map(|(change, what_if)| {
            let other = what_if.asks_otherwise(base).then(|| Demand::new(&platform.graph, &what_if));
            let demand = other.as_ref().unwrap_or(demand);
            let to = fitted.knee(&what_if, demand);
            if to.is_some_and(|to| to <= wall.knee.factor * 1.005) {
                return None;
            }
            let then_first = laws.first(&what_if, demand);
            Some(Move { change, what_if, from: wall.knee.factor, to, then_first })
        })
        .collect();
    let far = |m: &Move| m.to.unwrap_or(f64::MAX);
    moves.sort_by(|a, b| far(b).total_cmp(&far(a)).then_with(|| a.change.cmp(&b.change)));
    moves
}

fn candidates(fitted: &Fitted, wall: &Wall, platform: &Platform, base: &WhatIf) -> Vec<(String, WhatIf)> {
    let service = fitted.resource.service.clone();
    let with = |edit: &dyn Fn(&mut WhatIf)| {
        let mut change = base.clone();
        edit(&mut change);
        change
    };
    let capacity = wall.today.capacity;
    let mut all = Vec::new();
    match fitted.resource.kind {
        WallKind::Cpu | WallKind::Memory | WallKind::EventLoop => {
            replicas(&mut all, fitted, base);
            if fitted.resource.kind != WallKind::EventLoop {
                let size = base.instance_size.get(&service).copied().unwrap_or(1.0) * 2.0;
                let change = with(&|c| {
                    c.instance_size.insert(service.clone(), size);
                });
                all.push((format!("right-size {service}: instances twice as large"), change));
            }
            all.push(less_work(&service, base, "less work in each request"));
        }
        WallKind::Connections => {
            let pool = format!("{service}/{}", fitted.resource.name);
            let larger = (capacity * 2.0).round();
            let change = with(&|c| {
                c.pool_size.insert(pool.clone(), larger);
            });
            all.push((format!("pool of {service}: {capacity:.0} -> {larger:.0} connections"), change));
            all.push(less_work(&service, base, "connections held for less time"));
        }
        WallKind::Contention => {
            let half = base.section.get(&service).copied().unwrap_or(1.0) / 2.0;
            let change = with(&|c| {
                c.section.insert(service.clone(), half);
            });
            all.push((
                format!("half the time in {service}'s serialised section, or two shards of it"),
                change,
            ));
        }
        WallKind::Rate | WallKind::Partitions | WallKind::Database => {
            let id = fitted.resource.id();
            let change = with(&|c| {
                c.limit.insert(id.clone(), capacity * 2.0);
            });
            let (now, then, unit) = (capacity, capacity * 2.0, &wall.today.unit);
            all.push((format!("{}: {now:.0} -> {then:.0} {unit}", fitted.resource.name), change));
            match fitted.resource.kind {
                WallKind::Partitions => all.push(less_work(&service, base, "less work for each message")),
                WallKind::Database => all.push(less_work(&service, base, "connections held for less time")),
                _ => {}
            }
        }
    }
    caches(&mut all, fitted, platform, base);
    all
}

fn replicas(all: &mut Vec<(String, WhatIf)>, fitted: &Fitted, base: &WhatIf) {
    let service = &fitted.resource.service;
    let Some(measured) = fitted.replicas else { return };
    let now = base.replicas.get(service).copied().unwrap_or(measured);
    let mut change = base.clone();
    change.replicas.insert(service.clone(), now * 2.0);
    all.push((format!("replicas of {service}: {now:.0} -> {:.0}", now * 2.0), change));
}

fn less_work(service: &str, base: &WhatIf, what: &str) -> (String, WhatIf) {
    let mut change = base.clone();
    *change.work.entry(service.to_owned()).or_insert(1.0) *= LESS_WORK;
    (format!("{service}: {what}, a quarter off"), change)
}

/// A cache in front of what fills up: between a caller and the service, or between the service and its upstream.
fn caches(all: &mut Vec<(String, WhatIf)>, fitted: &Fitted, platform: &Platform, base: &WhatIf) {
    // A cache stands before answers, not before messages.
    let service = |edge: &&Edge| matches!(edge.from, Target::Service { .. });
    let callers = platform.graph.edges.iter().filter(|edge| edge.to == *fitted.target()).filter(service);
    let Some(edge) = callers.max_by_key(|edge| edge.calls) else { return };
    let (from, to) = (edge.from.name().to_owned(), edge.to.name().to_owned());
    let change = HitRatio { from: from.clone(), to: to.clone(), today: 0.0, then: CACHED };
    let mut what_if = base.clone();
    what_if.cache_hit_ratio.push(change);
    all.push((format!("a cache that answers half of what {from} asks {to}"), what_if));
}
