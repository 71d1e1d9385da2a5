//! What SQL shows of things that are in no table of the store. Who may see them is what the access matrix says of the
//! pages.

mod map;
mod portfolios;

use std::sync::Arc;

use chrono::TimeDelta;
use headroom_capacity::Answers;
use headroom_capacity::money::{Figure, Money};
use headroom_capacity::walls::WhatIf;
use headroom_control::{AuditFilter, Control};
use headroom_query::QueryError;
use headroom_query::range::TimeRange;
use headroom_query::services;
use headroom_query::slo::{self, SloSet};
use headroom_sql::{Asked, Days, Facts, Principal, Untold};
use headroom_store::{Clock, Store};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::auth::Door;

/// Deployments are looked for so many days back where nothing else is asked.
const DEPLOYMENTS: TimeDelta = TimeDelta::days(90);
/// Digits behind the point of money in SQL.
const PLACES: u32 = 12;

/// The parts of a node that know.
pub struct NodeFacts {
    /// Alerts and the audit trail.
    pub control: Control,
    /// Telemetry.
    pub store: Store,
    /// Objectives.
    pub slos: Arc<SloSet>,
    /// Walls and costs.
    pub capacity: Answers,
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// The node's own tenant: the audit trail is nobody else's.
    pub tenant: String,
}

type Rows = Result<Vec<Value>, Untold>;

#[async_trait::async_trait]
impl Facts for NodeFacts {
    fn open_to(&self, view: &str, by: &Principal) -> bool {
        let door = match view {
            "slos" => Door::Slos,
            "alerts" => Door::Alerts,
            "deployments" | "service_map" => Door::Services,
            "positions" | "returns" | "flows" => Door::Portfolios,
            "walls" | "costs" => Door::Capacity,
            "audit" if by.tenant == self.tenant => Door::Audit,
            _ => return false,
        };
        by.role.parse().is_ok_and(|role| door.open_to(role))
    }

    async fn rows(&self, view: &str, by: &Principal, asked: &Asked) -> Rows {
        let Asked { days, most, .. } = *asked;
        match view {
            "slos" => self.slos(&by.tenant).await,
            "alerts" => self.alerts(&by.tenant, days, most),
            "deployments" => self.deployments(&by.tenant, days, most).await,
            "service_map" => self.service_map(&by.tenant, days).await,
            "positions" => self.positions(&by.tenant, asked).await,
            "returns" => self.returns(&by.tenant, asked).await,
            "flows" => self.flows(&by.tenant, asked).await,
            "walls" => self.walls(&by.tenant).await,
            "costs" => self.costs(&by.tenant).await,
            "audit" => self.audit(days, most),
            other => Err(Untold::Failed(format!("nobody knows {other}"))),
        }
    }
}

impl NodeFacts {
    async fn slos(&self, tenant: &str) -> Rows {
        let rows = slo::rows(&self.store, tenant, &self.slos, self.clock.now()).await.map_err(told)?;
        let row = |slo: slo::SloRow| {
            json!({
                "slo": slo.name, "display_name": slo.display_name, "service": slo.service, "objective": slo.objective,
                "target": slo.target, "window": slo.window, "budgeting_method": slo.budgeting_method,
                "status": slo.status, "budget_remaining": slo.budget_remaining, "good": slo.good, "total": slo.total,
                "coverage": slo.coverage, "exhausts_at": slo.exhausts_at, "burn": json!(slo.burn).to_string(),
                "unavailable": slo.unavailable, "sentence": slo.sentence,
            })
        };
        Ok(rows.into_iter().map(row).collect())
    }

    fn alerts(&self, tenant: &str, days: Days, most: usize) -> Rows {
        let alerts = self.control.alerts_between(tenant, days.from, days.to, most).map_err(told)?;
        let row = |alert: headroom_control::Alert| {
            json!({
                "ts": alert.started_at, "id": alert.id, "slo": alert.slo, "service": filled(&alert.service),
                "severity": alert.severity, "state": alert.state, "resolved_at": alert.resolved_at,
                "acknowledged_at": alert.acknowledged_at, "acknowledged_by": alert.acknowledged_by,
                "summary": alert.summary, "detail": alert.detail.to_string(),
            })
        };
        Ok(alerts.into_iter().map(row).collect())
    }

    async fn deployments(&self, tenant: &str, days: Days, most: usize) -> Rows {
        let Some(range) = self.range(days, DEPLOYMENTS)? else { return Ok(Vec::new()) };
        let services = services::list(&self.store, tenant, range).await.map_err(asked_back)?.services;
        let names: Vec<&str> = services.iter().map(|row| row.service.as_str()).collect();
        let deploys = services::deploys_of(&self.store, tenant, &names, range).await.map_err(told)?;
        let all = deploys.iter().flat_map(|(service, of)| of.iter().map(move |deploy| (service, deploy)));
        let row = |(service, deploy): (&String, &services::Deploy)| {
            json!({
                "ts": deploy.ts, "service": service, "version": deploy.version, "status": deploy.told,
                "reason": deploy.reason, "url": deploy.url,
            })
        };
        Ok(all.take(most).map(row).collect())
    }

    async fn walls(&self, tenant: &str) -> Rows {
        let walls =
            self.capacity.walls(tenant, self.history()?, &WhatIf::default()).await.map_err(told)?.walls;
        let row = |wall: headroom_capacity::walls::Wall| {
            let day = wall.when.date.and_then(|day| day.and_hms_opt(0, 0, 0)).map(|start| start.and_utc());
            json!({
                "id": wall.id, "service": filled(&wall.resource.service), "kind": wall.resource.kind,
                "resource": filled(&wall.resource.name), "utilisation": wall.today.utilisation,
                "knee_factor": wall.knee.factor, "knee_low": wall.knee.low, "knee_high": wall.knee.high,
                "limit_factor": wall.limit.factor, "reached_on": day, "strength": wall.strength,
                "sentence": wall.sentence,
            })
        };
        Ok(walls.into_iter().map(row).collect())
    }

    async fn costs(&self, tenant: &str) -> Rows {
        let costs = self.capacity.costs(tenant, self.history()?, None).await.map_err(told)?.costs;
        let report = match costs {
            Figure::Known(report) => report,
            Figure::Unavailable { why } => return Err(Untold::Failed(why)),
        };
        let mut rows = Vec::new();
        for of_currency in report.currencies {
            for service in of_currency.services {
                // Without periods of their own the whole time is one.
                let whole = std::slice::from_ref(&service.whole);
                let periods = if service.periods.is_empty() { whole } else { &service.periods };
                rows.extend(periods.iter().map(|period| {
                    json!({
                        "service": service.service, "currency": of_currency.currency,
                        "period_from": period.from, "period_to": period.to, "cost": exact(&period.cost),
                        "transactions": period.transactions, "per_transaction": known(&period.per_transaction),
                        "per_customer": known(&period.per_customer),
                    })
                }));
            }
        }
        Ok(rows)
    }

    fn audit(&self, days: Days, most: usize) -> Rows {
        let of_these = AuditFilter { from: days.from, until: days.to, ..AuditFilter::default() };
        let rows = self.control.audit_rows(&of_these, most).map_err(told)?;
        let row = |row: headroom_control::AuditRow| {
            json!({
                "ts": row.at, "seq": row.seq, "actor": row.actor, "action": row.action,
                "subject": filled(&row.subject), "reason": filled(&row.reason), "detail": row.detail.to_string(),
                "hash": row.hash,
            })
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// The time that is asked for, up to now; the `last` before now where nothing is said. None of it may be left.
    fn range(&self, days: Days, last: TimeDelta) -> Result<Option<TimeRange>, Untold> {
        let now = self.clock.now();
        let to = days.to.map_or(now, |to| to.min(now));
        let from = days.from.unwrap_or(now - last);
        if from >= to { Ok(None) } else { TimeRange::new(from, to).map(Some).map_err(asked_back) }
    }

    fn history(&self) -> Result<TimeRange, Untold> {
        self.capacity.history(self.clock.now()).map_err(told)
    }
}

fn told(error: impl std::fmt::Display) -> Untold {
    Untold::Failed(error.to_string())
}

/// What is too much, or cannot be had, is for the person who asked to put right.
fn asked_back(error: QueryError) -> Untold {
    match error {
        QueryError::BadRequest { message, hint }
        | QueryError::NotFound { message, hint }
        | QueryError::Unavailable { message, hint } => Untold::Refused { why: message, hint },
        failed @ QueryError::Store(_) => told(failed),
    }
}

/// '' is NULL.
fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn exact(money: &Money) -> String {
    places(money.amount)
}

/// Money with the places that SQL has.
fn places(amount: Decimal) -> String {
    amount.round_dp(PLACES).to_string()
}

fn known(figure: &Figure<Money>) -> Option<String> {
    match figure {
        Figure::Known(money) => Some(exact(money)),
        Figure::Unavailable { .. } => None,
    }
}
