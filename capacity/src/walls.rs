//! Walls: the growth at which each service and shared resource is full, the nearest first.
//!
//! A growth factor is counted from today's peak: 2 means that the busiest five minutes of the range come back
//! with twice the requests. The way of a figure: **[`Platform`] (what was measured) -> [`law`] (use against
//! requests a second) -> [`WhatIf`] (what is changed) -> [`evaluate`] -> [`Walls`]**. Laws are fitted once; a
//! change is then a matter of microseconds, so that every wall can be told with what would move it.
//!
//! Two factors are told for each wall. At the *knee* waiting begins: one request in ten waits for a connection,
//! or a processor makes work take twice its time. At the *limit* it breaks: one request in a hundred waits longer
//! than a hundred times its work, which callers do not, or nothing of a quota is left. Where the data cannot carry a wall, the reason stands in [`Walls::without`] instead of a number.

mod body;
mod config;
mod contention;
mod dates;
mod demand;
mod evaluate;
mod ignored;
mod knee;
mod law;
mod laws;
mod limits;
mod moves;
mod platform;
mod roadmap;
mod shared;
mod text;
mod what_if;
mod words;

pub use body::{
    Evidence, Move, NoWall, Reach, Resource, Stage, Standing, Strength, Wall, WallKind, Walls, When,
};
pub use config::{CapacityConfig, IncidentTerms, Limit, ServiceShape};
pub(crate) use contention::{own_minutes, section_options, whole_minutes};
pub use dates::{Ahead, Trend, trend};
pub use evaluate::{Fitted, Laws, STAGES};
pub use law::UseLaw;
pub(crate) use platform::peak;
pub use platform::{Peak, Platform};
pub use roadmap::{RoadStep, Roadmap};
pub use what_if::{HitRatio, Link, WhatIf};

#[cfg(test)]
pub(crate) mod tests;
