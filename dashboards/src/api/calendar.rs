//! The calendar: what it says, and what people post to it.

use super::arguments::{Args, Text};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{Days, NaiveDate, SubsecRound as _};
use headroom_control::{CalendarEntry, ControlError};
use headroom_models::CalendarBody;
use headroom_models::calendars::posted;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// Days shown when nothing is said.
const SHOWN: Days = Days::new(14);
/// Faults told of a body.
const MOST_FAULTS: usize = 5;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CalendarArgs {
    /// First day; today (UTC) when absent.
    from: Option<NaiveDate>,
    /// Last day, included; two weeks later when absent. At most 400 days are shown.
    to: Option<NaiveDate>,
}

/// What was posted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PostedBody {
    /// The entries as they are kept. One that was there already is as it was.
    entries: Vec<CalendarEntry>,
}

/// Events and overrides to add.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the calendar reads the body; this tells its shape")]
pub(crate) struct PostEntries {
    /// Events: `class`, `name`, `start` and `duration_minutes` or `end`; further `venue`, `lead_minutes`, `services`,
    /// `multiplier`, `source`, `known_since`, `confidence`, `rrule`, `tz`, `roll`, `bank`.
    event: Option<Vec<serde_json::Value>>,
    /// Overrides of a venue's day: `venue`, `date`, and `closed` or `open` and `close`; further `source`, `reason`,
    /// `since`.
    r#override: Option<Vec<serde_json::Value>>,
}

/// Sessions and events, what of them is doubtful, and the state of the files and feeds they are from.
#[utoipa::path(get, path = "/api/v1/calendar", tag = "calendar", params(CalendarArgs),
    responses((status = 200, body = CalendarBody), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<CalendarArgs>,
) -> Result<Json<CalendarBody>, ApiError> {
    let principal = state.own(caller.through(Door::Forecasts)?, "makes no forecasts")?;
    let from = args.from.or_else(|| args.to?.checked_sub_days(SHOWN));
    let from = from.unwrap_or_else(|| state.clock.now().date_naive());
    let to = args.to.or_else(|| from.checked_add_days(SHOWN)).unwrap_or(from);
    let posted = state.control.calendar_entries(&principal.tenant)?;
    Ok(Json(CalendarBody::of(&state.calendar, posted, from, to)?))
}

/// Add events and overrides. They count within a minute. One fault refuses the whole body; what is there already is not
/// added again.
#[utoipa::path(post, path = "/api/v1/calendar/events", tag = "calendar", request_body = PostEntries,
    responses((status = 201, body = PostedBody), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn post(
    State(state): State<AppState>,
    caller: Caller,
    Text(body): Text,
) -> Result<(StatusCode, Json<PostedBody>), ApiError> {
    let principal = state.own(caller.through(Door::Calendar)?, "makes no forecasts")?;
    let entries = posted::entries(&body, state.calendar.calendar().venues()).map_err(|faults| {
        let mut told: Vec<String> = faults.iter().take(MOST_FAULTS).map(ToString::to_string).collect();
        if faults.len() > MOST_FAULTS {
            told.push(format!("and {} more", faults.len() - MOST_FAULTS));
        }
        ApiError::bad_request(told.join("; "), "docs/calendars.md lists the fields of events and overrides")
    })?;
    // To the microsecond, as it is kept: that tells what is new.
    let (who, now) = (&principal.name, state.clock.now().trunc_subsecs(6));
    let kept = state.control.add_calendar_entries(&principal.tenant, &entries, who, now);
    let entries = kept.map_err(|error| match error {
        ControlError::Invalid(message) => {
            ApiError::bad_request(message, "GET /api/v1/calendar lists what is posted")
        }
        other => other.into(),
    })?;
    for kept in entries.iter().filter(|kept| kept.created_at == now && kept.created_by == *who) {
        let detail = json!({"kind": kept.kind, "entry": kept.entry});
        state.control.audit(who, "calendar.post", &kept.id, "", &detail, now)?;
    }
    state.calendar.look();
    Ok((StatusCode::CREATED, Json(PostedBody { entries })))
}

/// Remove an event or override that was posted.
#[utoipa::path(delete, path = "/api/v1/calendar/events/{id}", tag = "calendar", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn remove(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let principal = state.own(caller.through(Door::Calendar)?, "makes no forecasts")?;
    let Some(removed) = state.control.remove_calendar_entry(&principal.tenant, &id)? else {
        return Err(ApiError::not_found(
            format!("there is no posted entry `{id}`"),
            "GET /api/v1/calendar lists what is posted; entries of files and feeds are removed there",
        ));
    };
    let detail = json!({"kind": removed.kind, "entry": removed.entry, "posted_by": removed.created_by});
    state.control.audit(&principal.name, "calendar.remove", &id, "", &detail, state.clock.now())?;
    state.calendar.look();
    Ok(StatusCode::NO_CONTENT)
}
