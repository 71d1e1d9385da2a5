//! Body of `GET /api/v1/capacity/walls` and of a what-if.

use chrono::{DateTime, NaiveDate, Utc};
use headroom_query::TimeRange;
use serde::Serialize;
use utoipa::ToSchema;

use super::dates::Trend;
use super::platform::Peak;
use super::what_if::WhatIf;

/// Walls of a platform, the nearest first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Walls {
    /// What was looked at.
    pub range: TimeRange,
    /// When.
    pub made_at: DateTime<Utc>,
    /// Width of the steps that laws were fitted to.
    pub step_seconds: i64,
    /// By the knee's factor, smallest first.
    pub walls: Vec<Wall>,
    /// What is met on the way to 2x, 5x and 10x.
    pub stages: Vec<Stage>,
    /// What was looked at and has no wall, and why.
    pub without: Vec<NoWall>,
    /// How demand grows by itself.
    pub trend: Trend,
    /// Names in the change that nothing has: these changes do nothing.
    pub ignored: Vec<String>,
    /// The change these walls are told under.
    pub what_if: WhatIf,
}

/// A service's resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[schema(as = WallResource)]
pub struct Resource {
    /// The service; of several that share it the one that uses most, empty where none is known.
    pub service: String,
    /// What sort of wall it is.
    pub kind: WallKind,
    /// Name of the pool, upstream, topic or database; empty where there is but one.
    pub name: String,
}

/// A sort of wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WallKind {
    /// Processors of the instances.
    Cpu,
    /// Memory of the instances.
    Memory,
    /// A connection pool.
    Connections,
    /// The thread of an event loop.
    EventLoop,
    /// A section that requests pass one at a time: a lock, a single writer, a hot row.
    Contention,
    /// A rate that an upstream or a quota allows.
    Rate,
    /// Partitions of a topic.
    Partitions,
    /// Connections that a database allows all services together.
    Database,
}

/// One wall.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Wall {
    /// A name to point at: `order/connections/orders`.
    pub id: String,
    /// Whose.
    pub resource: Resource,
    /// In a sentence: what fills up, when, and what is seen then.
    pub sentence: String,
    /// The service's peak today.
    pub peak: Peak,
    /// How full it is at today's peak.
    pub today: Standing,
    /// Where waiting begins, or where it runs short.
    pub knee: Reach,
    /// Where it breaks: callers give up waiting for it, or nothing is left.
    pub limit: Reach,
    /// When the knee is reached.
    pub when: When,
    /// How far this can be trusted.
    pub strength: Strength,
    /// What it is read from.
    pub evidence: Evidence,
    /// What moves it, the farthest first; told for the hundred nearest walls.
    pub moves: Vec<Move>,
}

/// Use at today's peak.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = WallStanding)]
pub struct Standing {
    /// In use.
    pub used: f64,
    /// What there is.
    pub capacity: f64,
    /// Of both: `core`, `connection`, `byte`, `call/s`, `partition`, ...
    pub unit: String,
    /// `used / capacity`
    pub utilisation: f64,
}

/// A growth factor with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Reach {
    /// Times today's peak.
    pub factor: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Requests a second of the service at that factor.
    pub per_second: f64,
    /// Share of the capacity in use there.
    pub utilisation: f64,
}

/// When a wall's knee is reached.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct When {
    /// By the organic trend.
    pub date: Option<NaiveDate>,
    /// Not before.
    pub earliest: Option<NaiveDate>,
    /// Not after; none where there may be no growth at all.
    pub latest: Option<NaiveDate>,
    /// The first forecast moment that reaches it, if there is one within the forecast.
    pub forecast: Option<DateTime<Utc>>,
    /// The planned event in which that falls.
    pub event: Option<String>,
    /// What the dates rest on, or why there are none.
    pub why: String,
}

/// How far a figure can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Within its interval.
    Good,
    /// An indication: `evidence.doubts` says why.
    Weak,
}

/// What a wall is read from.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Evidence {
    /// In words: which law, from which measurement.
    pub method: String,
    /// The metric or table it comes from.
    pub source: String,
    /// Steps it was fitted to.
    pub points: usize,
    /// Share of the variance that requests explain; none for what is counted and not fitted.
    pub r_squared: Option<f64>,
    /// Use without requests.
    pub idle: Option<f64>,
    /// Use per request a second.
    pub per_request: Option<f64>,
    /// The share of the capacity that was in use at the busiest time seen.
    pub seen: f64,
    /// Why it may be wrong.
    pub doubts: Vec<String>,
}

/// A change and how far it moves a wall.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Move {
    /// In words: `pool orders: 6 -> 12 connections`.
    pub change: String,
    /// The same as a what-if, to be asked for again.
    pub what_if: WhatIf,
    /// The knee's factor before and after.
    pub from: f64,
    /// After; none where the wall is gone.
    pub to: Option<f64>,
    /// The platform's first wall after it, and its factor.
    pub then_first: Option<(String, f64)>,
}

/// What is met on the way to a growth factor.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Stage {
    /// The growth factor.
    pub factor: f64,
    /// The first walls below it, at most three, by id.
    pub first: Vec<String>,
    /// How many there are in all below it.
    pub walls: usize,
    /// In a sentence.
    pub sentence: String,
}

/// Something that has no wall.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NoWall {
    /// What was looked at.
    pub resource: Resource,
    /// Why there is no wall, or why none can be told.
    pub why: String,
}

impl Resource {
    /// `service/kind/name`, without the parts that are empty.
    pub fn id(&self) -> String {
        let parts = [self.service.as_str(), self.kind.word(), self.name.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
    }
}

impl WallKind {
    /// Whether requests wait for it, rather than being refused.
    pub fn is_queue(self) -> bool {
        matches!(self, Self::Cpu | Self::Connections | Self::EventLoop | Self::Contention | Self::Partitions)
    }

    /// As it stands in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Connections => "connections",
            Self::EventLoop => "event_loop",
            Self::Contention => "contention",
            Self::Rate => "rate",
            Self::Partitions => "partitions",
            Self::Database => "database",
        }
    }
}
