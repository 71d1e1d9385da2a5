//! Reports about a month.

use super::arguments::Args;
use super::drawn::{ReportForm, drawn};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use headroom_monthly::{Kind, Month};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct MonthArgs {
    /// The month, as `2026-10`. Default: the last one that is over.
    month: Option<String>,
    /// Whose wall clock says when its days begin, as `Europe/Zurich`. Default: UTC.
    zone: Option<String>,
    /// How the report is written. Default: html.
    #[param(inline)]
    format: Option<MonthForm>,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MonthForm {
    /// A page of its own.
    Html,
    /// For printing.
    Pdf,
    /// The body.
    Json,
}

/// A report for whoever may read it. What is made of the audit trail is of the node's own tenant.
async fn report(
    state: AppState,
    caller: Caller,
    door: Door,
    kind: Kind,
    args: MonthArgs,
) -> Result<Response, ApiError> {
    let mut principal = caller.through(door)?;
    if kind.reads_the_trail() {
        principal = state.own(principal, "keeps the audit trail")?;
    }
    let now = state.clock.now();
    let period = Month::asked(args.month.as_deref(), args.zone.as_deref(), now)?.period(now);
    let name = format!("{}-{}", kind.word(), period.month);
    let report = state.reports.read(kind, &principal.tenant, period).await?;
    let form = match args.format {
        Some(MonthForm::Json) => return Ok(Json(report).into_response()),
        Some(MonthForm::Pdf) => ReportForm::Pdf,
        Some(MonthForm::Html) | None => ReportForm::Html,
    };
    drawn(report.document(), Some(form), &name).await
}

/// Availability of a month against target by objective and day, downtime, incidents, time without data.
#[utoipa::path(get, path = "/api/v1/reports/uptime", tag = "reports", params(MonthArgs),
    responses((status = 200, content((headroom_monthly::uptime::UptimeReport = "application/json"), (String = "text/html"), (Vec<u8> = "application/pdf"))), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn uptime(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<MonthArgs>,
) -> Result<Response, ApiError> {
    report(state, caller, Door::Reports, Kind::Uptime, args).await
}

/// Where each error budget went in a month: burn by day, worst hours, what failed, policies, changes of definitions.
#[utoipa::path(get, path = "/api/v1/reports/slo", tag = "reports", params(MonthArgs),
    responses((status = 200, content((headroom_monthly::slo::SloReport = "application/json"), (String = "text/html"), (Vec<u8> = "application/pdf"))), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn slo(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<MonthArgs>,
) -> Result<Response, ApiError> {
    report(state, caller, Door::Reports, Kind::Slo, args).await
}

/// Who did what in a month, and whether the audit trail holds.
#[utoipa::path(get, path = "/api/v1/reports/audit", tag = "reports", params(MonthArgs),
    responses((status = 200, content((headroom_monthly::audit::AuditReport = "application/json"), (String = "text/html"), (Vec<u8> = "application/pdf"))), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn audit(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<MonthArgs>,
) -> Result<Response, ApiError> {
    report(state, caller, Door::Audit, Kind::Audit, args).await
}

/// What a month's data is evidence of, control by control of SOC 2 and ISO 27001.
#[utoipa::path(get, path = "/api/v1/reports/soc2", tag = "reports", params(MonthArgs),
    responses((status = 200, content((headroom_monthly::soc2::Soc2Report = "application/json"), (String = "text/html"), (Vec<u8> = "application/pdf"))), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn soc2(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<MonthArgs>,
) -> Result<Response, ApiError> {
    report(state, caller, Door::Evidence, Kind::Soc2, args).await
}
