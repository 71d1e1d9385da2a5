//! The scalability assessment: what a platform lead hands to a board.
//!
//! [`Assessment`] is everything that was read, [`document`] turns it into a report whose every figure carries the
//! question it answers and its time range. Nothing is computed in the report that the API does not answer too.

mod budgets;
mod history;
mod incident;
mod money;
mod signs;
mod summary;
mod walls;

use chrono::{DateTime, Utc};
use headroom_query::TimeRange;
use headroom_query::capacity::{ResourceSeries, ServiceTraffic};
use headroom_query::services::{Delivery, ServiceRow};
use headroom_query::slo::{SloDetail, SloRow};
use headroom_reports::{Document, Origin, Range};

use crate::costs::Costs;
use crate::incidents::ServiceIncident;
use crate::money::Figure;
use crate::walls::{Roadmap, Walls};

pub(crate) use budgets::TOLD as HISTORIES;
pub use signs::{Sign, signs};

/// Everything an assessment speaks of.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// Whose.
    pub tenant: String,
    /// Walls and what moves them.
    pub walls: Walls,
    /// What to change to stand each stage.
    pub roadmaps: Vec<Roadmap>,
    /// Requests of every service.
    pub traffic: Vec<ServiceTraffic>,
    /// Resources of every service.
    pub resources: Vec<ResourceSeries>,
    /// Services by rate, errors and duration.
    pub services: Vec<ServiceRow>,
    /// Objectives as they stand.
    pub slos: Vec<SloRow>,
    /// How the budgets of those with the least left went over the range.
    pub slo_history: Vec<SloDetail>,
    /// How services are delivered.
    pub delivery: Vec<Delivery>,
    /// What is wrong with the file of changes.
    pub changes_unreadable: Option<String>,
    /// What it costs and what could be saved, or why that is not known.
    pub costs: Result<Costs, String>,
    /// What changes cost against the incidents they avoid, or why that is not known.
    pub incidents: Figure<Vec<ServiceIncident>>,
}

impl Assessment {
    pub(crate) fn range(&self) -> TimeRange {
        self.walls.range
    }

    pub(crate) fn made_at(&self) -> DateTime<Utc> {
        self.walls.made_at
    }

    /// Where a figure comes from: a question that can be asked again.
    pub(crate) fn origin(&self, what: &str, path: &str) -> Origin {
        let range = self.range();
        let instant = |ts: DateTime<Utc>| ts.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let query = format!("GET {path}?from={}&to={}", instant(range.from), instant(range.to));
        Origin { what: what.to_owned(), query, from: range.from, to: range.to }
    }
}

/// The report of an assessment.
pub fn document(assessment: &Assessment) -> Document {
    let range = assessment.range();
    let signs = signs(assessment);
    Document {
        title: "Scalability assessment".to_owned(),
        subtitle: summary::sentence(assessment),
        made_at: assessment.made_at(),
        range: Range { from: range.from, to: range.to },
        tenant: assessment.tenant.clone(),
        sections: vec![
            summary::section(assessment, &signs),
            walls::section(assessment),
            walls::bottlenecks(assessment),
            walls::roadmap(assessment),
            history::objectives(assessment),
            history::delivery(assessment),
            signs::section(assessment, &signs),
            money::section(assessment),
            summary::method(assessment),
        ],
    }
}
