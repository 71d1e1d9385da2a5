//! What to change, in which order, to stand a growth factor.

use serde::Serialize;
use utoipa::ToSchema;

use super::body::Move;
use super::demand::Demand;
use super::evaluate::Laws;
use super::platform::Platform;
use super::what_if::WhatIf;

/// Most steps of a roadmap: a platform that needs more needs another design.
const MOST: usize = 24;

/// The way to a growth factor.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Roadmap {
    /// The growth factor to stand.
    pub factor: f64,
    /// Changes in order: each moves what is then the first wall.
    pub steps: Vec<RoadStep>,
    /// The first wall after all steps, and its factor; none where none is left.
    pub then_first: Option<(String, f64)>,
    /// Why the way ends before the factor, if it does.
    pub stuck: Option<String>,
}

/// A step of a roadmap.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RoadStep {
    /// The wall that it moves.
    pub wall: String,
    /// The change.
    #[serde(flatten)]
    pub change: Move,
}

impl Laws {
    /// Takes, again and again, the first wall and the change that moves it farthest, until none is below `factor`.
    /// Greedy, and therefore not always the cheapest way.
    pub fn roadmap(&self, platform: &Platform, factor: f64) -> Roadmap {
        let (mut change, mut steps) = (WhatIf::default(), Vec::new());
        let mut stuck = None;
        loop {
            let walls = self.nearest(platform, &change, 1).walls;
            let Some(first) = walls.first().filter(|wall| wall.knee.factor < factor) else { break };
            let Some(best) = first.moves.first().filter(|_| steps.len() < MOST) else {
                stuck = Some(if first.moves.is_empty() {
                    format!("nothing that is known moves {}", first.resource)
                } else {
                    format!(
                        "after {MOST} changes {} is still met at {:.1}x",
                        first.resource, first.knee.factor
                    )
                });
                break;
            };
            change = best.what_if.clone();
            steps.push(RoadStep { wall: first.id.clone(), change: best.clone() });
        }
        let then_first = self.first(&change, &Demand::new(&platform.graph, &change));
        Roadmap { factor, steps, then_first, stuck }
    }
}
