//! What makes reports, and the reports.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use headroom_control::{Control, PublicKey};
use headroom_query::slo::SloSet;
use headroom_reports::Document;
use headroom_store::Store;
use headroom_store::schema::Retention;
use serde::Serialize;
use utoipa::ToSchema;

use crate::audit::AuditReport;
use crate::incidents::{alerts, mtta, mttr, paged};
use crate::month::Period;
use crate::slo::SloReport;
use crate::soc2::Soc2Report;
use crate::uptime::UptimeReport;
use crate::{MonthlyError, Result, audit, slo, soc2, uptime};

/// A kind of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Availability against target.
    Uptime,
    /// Where error budgets went.
    Slo,
    /// Who did what.
    Audit,
    /// Evidence for SOC 2 and ISO 27001.
    Soc2,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Uptime, Self::Slo, Self::Audit, Self::Soc2];

    /// Its name in addresses and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Uptime => "uptime",
            Self::Slo => "slo",
            Self::Audit => "audit",
            Self::Soc2 => "soc2",
        }
    }

    /// Whether it reads the audit trail, which is of the node's own tenant.
    pub fn reads_the_trail(self) -> bool {
        matches!(self, Self::Audit | Self::Soc2)
    }
}

impl FromStr for Kind {
    type Err = MonthlyError;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == text).ok_or_else(|| {
            MonthlyError::Asked(format!("there is no report {text:?}: there are uptime, slo, audit and soc2"))
        })
    }
}

/// What a node is told to do, as far as it is evidence.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// How long each kind of data is kept.
    pub retention: Retention,
    /// After how many days whole days are copied into an archive, if they are.
    pub archived_after_days: Option<u32>,
    /// Receivers of alerts.
    pub receivers: usize,
    /// Whether somebody misses a sign of life of the alerts.
    pub heartbeat: bool,
    /// Requests that are made to learn what a customer would find.
    pub probes: usize,
    /// Doors that are reached from other machines, and whether each demands TLS.
    pub doors: Vec<(String, bool)>,
}

/// Gives the key of the audit trail, or says why there is none: a node makes it after its doors are open.
pub type KeySource = Arc<dyn Fn() -> std::result::Result<PublicKey, String> + Send + Sync>;

/// What makes reports. Cheap to clone.
#[derive(Clone)]
pub struct Reports {
    /// Telemetry.
    pub store: Store,
    /// Alerts, policies, the audit trail.
    pub control: Control,
    /// Objectives.
    pub slos: Arc<SloSet>,
    /// The key that checkpoints of the trail are verified with.
    pub key: KeySource,
    /// What the node is told to do.
    pub setup: Arc<Setup>,
}

impl fmt::Debug for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reports").field("setup", &self.setup).finish_non_exhaustive()
    }
}

/// A report's body.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Report {
    /// Availability against target.
    Uptime(UptimeReport),
    /// Where error budgets went.
    Slo(SloReport),
    /// Who did what.
    Audit(Box<AuditReport>),
    /// Evidence for SOC 2 and ISO 27001.
    Soc2(Soc2Report),
}

impl Report {
    /// The report as a document.
    pub fn document(&self) -> Document {
        match self {
            Self::Uptime(report) => uptime::document(report),
            Self::Slo(report) => slo::document(report),
            Self::Audit(report) => audit::document(report),
            Self::Soc2(report) => soc2::document(report),
        }
    }
}

impl Reports {
    /// Reads a month of a tenant.
    pub async fn read(&self, kind: Kind, tenant: &str, period: Period) -> Result<Report> {
        Ok(match kind {
            Kind::Uptime => Report::Uptime(self.uptime(tenant, period).await?),
            Kind::Slo => {
                let objectives =
                    slo::objectives(&self.store, &self.control, tenant, &self.slos, &period).await?;
                Report::Slo(SloReport { tenant: tenant.to_owned(), period, objectives })
            }
            Kind::Audit => Report::Audit(Box::new(self.audit(tenant, period).await?)),
            Kind::Soc2 => Report::Soc2(soc2::report(self, tenant, period).await?),
        })
    }

    pub(crate) async fn uptime(&self, tenant: &str, period: Period) -> Result<UptimeReport> {
        let objectives = uptime::objectives(&self.store, tenant, &self.slos, &period).await?;
        let asked = (tenant.to_owned(), period.clone());
        let alerts = blocking(&self.control, move |control| alerts(control, &asked.0, &asked.1)).await?;
        let incidents = paged(alerts);
        let (mtta, mttr) = (mtta(&incidents), mttr(&incidents));
        Ok(UptimeReport { tenant: tenant.to_owned(), period, objectives, incidents, mtta, mttr })
    }

    pub(crate) async fn audit(&self, tenant: &str, period: Period) -> Result<AuditReport> {
        let (tenant, key) = (tenant.to_owned(), Arc::clone(&self.key));
        blocking(&self.control, move |control| audit::report(control, &key(), tenant, period)).await
    }
}

/// What the control state says, read where it holds up no other work.
pub(crate) async fn blocking<T: Send + 'static>(
    control: &Control,
    ask: impl FnOnce(&Control) -> headroom_control::Result<T> + Send + 'static,
) -> Result<T> {
    let control = control.clone();
    Ok(tokio::task::spawn_blocking(move || ask(&control)).await??)
}
