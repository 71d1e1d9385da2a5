//! What a month's data is evidence of, control by control: SOC 2 (trust services criteria) and ISO/IEC 27001:2022,
//! Annex A.
//!
//! A report like this never says that a control is met: that is an auditor's judgement of more than figures. It says
//! which facts the month has, each with the question that gives it again, and of which controls it has none and why.
//!
//! - `facts`: what is known, read once. - `controls`: which facts speak to which control. - `page`: the document.

mod controls;
mod facts;
mod page;

use headroom_capacity::money::Figure;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Result;
use crate::month::Period;
use crate::report::Reports;
use facts::Facts;

pub(crate) use page::document;

/// The body of the report.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Soc2Report {
    /// Whose.
    pub tenant: String,
    /// The month.
    #[serde(flatten)]
    pub period: Period,
    /// What the report is and is not.
    pub statement: &'static str,
    /// Every control, in the order of its framework.
    pub controls: Vec<ControlEvidence>,
}

/// What the figures are, and what they are not.
pub(crate) const STATEMENT: &str = "This report lists facts about one month that an auditor may weigh as evidence. It does not claim \
    that any control is met, and it does not replace an audit: many controls also need policies, contracts and \
    interviews that no telemetry holds.";

/// A control and what speaks to it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ControlEvidence {
    /// `SOC 2` or `ISO 27001:2022`.
    pub framework: &'static str,
    /// Its number, as `CC7.2` or `A.8.15`.
    pub id: &'static str,
    /// What it is about, in few words of our own.
    pub about: &'static str,
    /// The facts that there are.
    pub evidence: Vec<Item>,
    /// Facts that would be evidence and are not there, and why.
    pub missing: Vec<Item>,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Item {
    /// What it is.
    pub what: &'static str,
    /// The fact in words, or why there is none.
    pub fact: Figure<String>,
    /// The question that gives it again.
    pub source: String,
}

impl ControlEvidence {
    /// Why there is no evidence, if there is none.
    pub fn none(&self) -> Option<String> {
        if !self.evidence.is_empty() {
            return None;
        }
        let why: Vec<&str> = self.missing.iter().filter_map(|item| item.fact.why()).collect();
        Some(format!("no evidence in this month: {}", why.join("; ")))
    }
}

/// Reads the month's facts, and lays them out.
pub(crate) async fn report(reports: &Reports, tenant: &str, period: Period) -> Result<Soc2Report> {
    let facts = Facts::read(reports, tenant, &period).await?;
    Ok(Soc2Report {
        tenant: tenant.to_owned(),
        period,
        statement: STATEMENT,
        controls: controls::all(&facts),
    })
}
