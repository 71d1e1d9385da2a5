//! The picture of an alert, for messages.

use super::arguments::Args;
use crate::error::ApiError;
use crate::state::AppState;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::Alert;
use headroom_query::TimeRange;
use headroom_query::slo::{self, SloDetail};
use headroom_reports::chart::{Axis, Limit, LineChart, Mark, Scale, Series, Size};
use headroom_reports::{Chart, Severity, Theme};
use serde::Deserialize;
use utoipa::IntoParams;

/// What is shown before the alert began, and after it ended.
const AROUND: TimeDelta = TimeDelta::hours(3);
const SIZE: Size = Size { width: 720, height: 260 };

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChartArgs {
    /// Whose alert it is.
    tenant: String,
    /// Until when the link is good, in seconds since the epoch.
    until: i64,
    /// The link's signature.
    signature: String,
}

/// The burn of an alert's objective around it, as PNG. The link is the right to see it: chat programs do not sign in.
#[utoipa::path(get, path = "/charts/{file}", tag = "alerts", security(()),
    params(("file" = String, Path, description = "The alert's id and `.png`"), ChartArgs),
    responses((status = 200, description = "the picture", content_type = "image/png", body = Vec<u8>),
        (status = 404, description = "the link is not good, or not any more", body = crate::error::ErrorBody)))]
pub(crate) async fn alert(
    State(state): State<AppState>,
    Path(file): Path<String>,
    Args(args): Args<ChartArgs>,
) -> Result<Response, ApiError> {
    let no_link = || ApiError::not_found("there is no such picture", "follow the link of a newer message");
    let id = file.strip_suffix(".png").ok_or_else(no_link)?;
    let now = state.clock.now();
    let routing = state.alerts.of(&args.tenant);
    let found = routing.charted(id, args.until, &args.signature, now)?.ok_or_else(no_link)?;
    let promise = state.slos.promise(&found.slo).ok_or_else(no_link)?;
    let end = found.resolved_at.map_or(now, |at| (at + AROUND).min(now));
    let range = TimeRange { from: found.started_at - AROUND, to: end };
    let detail = slo::detail(&state.store, &args.tenant, &state.slos, promise, &range, now).await?;
    let picture = tokio::task::spawn_blocking(move || drawn(&found, &detail).png(Theme::Light, SIZE))
        .await
        .map_err(|error| ApiError::internal(&error.to_string()))?
        .map_err(|error| ApiError::internal(&error.to_string()))?;
    // It goes on changing while the alert is open.
    let headers = [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "private, max-age=60")];
    Ok((headers, picture).into_response())
}

fn drawn(alert: &Alert, detail: &SloDetail) -> Chart {
    let seconds = |at: DateTime<Utc>| at.timestamp() as f64;
    let points = detail.series.iter().map(|point| (seconds(point.ts), point.burn_1h.unwrap_or(f64::NAN)));
    let mark = |at: DateTime<Utc>, label: &str| Mark { from: seconds(at), to: None, label: label.to_owned() };
    let threshold = alert.detail["threshold"].as_f64();
    Chart::Line(LineChart {
        title: alert.summary.clone(),
        x: Axis::time(),
        y: Axis::new(format!("Burn of {} over 1 h", detail.row.display_name), "x", Scale::Zero),
        series: vec![Series::new("burn", points.collect())],
        bands: Vec::new(),
        marks: [Some(mark(alert.started_at, "fired")), alert.resolved_at.map(|at| mark(at, "resolved"))]
            .into_iter()
            .flatten()
            .collect(),
        limits: threshold
            .map(|at| Limit { label: format!("alerts at {at:.1}x"), at, severity: Severity::Critical })
            .into_iter()
            .collect(),
    })
}
