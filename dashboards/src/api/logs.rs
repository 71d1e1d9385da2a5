//! Log records: found by their words, and followed as they come.

use super::arguments::{Args, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::live;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::response::sse::Event;
use chrono::{DateTime, TimeDelta, Utc};
use headroom_query::logs::{self, Arrived, Before, Level, LogSearch, Logs, Search, Tail};
use headroom_store::{Clock, Store};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Lines of an answer, where the caller does not say.
const LINES: u32 = 100;
/// A stream that is taken up again looks back no longer than this.
const LONGEST_GAP: TimeDelta = TimeDelta::minutes(10);

/// Which records are followed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SaysArgs {
    /// Words (all of them, anywhere in the text), `"an exact text"`, `part*`, `-without`, `one OR other`, `key:value` with
    /// `service`, `level`, `trace`, `span`, `customer`, `event`, `version`, `region`, `scope` or the name of an attribute.
    q: Option<String>,
    service: Option<String>,
    /// This level and worse: `trace`, `debug`, `info`, `warn`, `error` or `fatal`.
    level: Option<String>,
}

impl SaysArgs {
    fn search(&self) -> Result<Search, ApiError> {
        let mut search = Search::parse(self.q.as_deref().unwrap_or_default())?;
        if let Some(service) = self.service.as_deref().filter(|service| !service.is_empty()) {
            search = search.of_service(service);
        }
        if let Some(level) = self.level.as_deref().filter(|level| !level.is_empty()) {
            let level = Level::parse(level).ok_or_else(|| {
                ApiError::bad_request(
                    format!("there is no level `{level}`"),
                    "use trace, debug, info, warn, error or fatal",
                )
            })?;
            search = search.at_least(level);
        }
        Ok(search)
    }
}

/// Which records are looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LogArgs {
    /// Start: `now-1h`, RFC 3339, or milliseconds since 1970.
    from: Option<String>,
    /// End, exclusive.
    to: Option<String>,
    /// The `next` of an answer: the lines that come after it.
    before: Option<String>,
    /// Default 100, at most 1,000.
    limit: Option<u32>,
}

/// Log records that fit, newest first, and how many there are over time.
#[utoipa::path(get, path = "/api/v1/logs", tag = "traces", params(SaysArgs, LogArgs), responses((status = 200, body = Logs)))]
pub(crate) async fn search(
    State(state): State<AppState>,
    caller: Caller,
    Args(says): Args<SaysArgs>,
    Args(args): Args<LogArgs>,
) -> Result<Json<Logs>, ApiError> {
    let principal = caller.through(Door::Logs)?;
    let range = RangeArgs { from: args.from, to: args.to }.range(state.clock.now())?;
    let before = args.before.as_deref().map(Before::parse).transpose()?;
    let asked = LogSearch { range, search: says.search()?, before, limit: args.limit.unwrap_or(LINES) };
    Ok(Json(logs::search(&state.store, &principal.tenant, &asked).await?))
}

/// Log records as they arrive: server-sent events `lines`, each with an [`Arrived`], for a minute; a browser asks again
/// by itself. `failed` with a sentence when the store does not answer.
#[utoipa::path(get, path = "/api/v1/logs/live", tag = "traces", params(SaysArgs),
    responses((status = 200, body = Arrived, content_type = "text/event-stream"), (status = 429, body = crate::error::ErrorBody)))]
pub(crate) async fn follow(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Args(says): Args<SaysArgs>,
) -> Result<impl IntoResponse, ApiError> {
    let principal = caller.through(Door::Logs)?;
    let now = state.clock.now();
    let since = live::since(&headers).unwrap_or(now).clamp(now - LONGEST_GAP, now);
    let follow = Follow {
        tail: Tail::new(&principal.tenant, says.search()?, since),
        store: state.store.clone(),
        clock: Arc::clone(&state.clock),
    };
    state.live.stream(&principal, follow, Follow::step)
}

struct Follow {
    tail: Tail,
    store: Store,
    clock: Arc<dyn Clock>,
}

impl Follow {
    async fn step(mut self) -> (Vec<Event>, Option<Self>) {
        let now = self.clock.now();
        match self.tail.step(&self.store, now).await {
            Ok(arrived) if arrived.lines.is_empty() => (Vec::new(), Some(self)),
            Ok(arrived) => (vec![told(&arrived, now)], Some(self)),
            Err(error) => {
                tracing::warn!(%error, "following logs failed");
                (vec![Event::default().event("failed").data("the store does not answer now")], None)
            }
        }
    }
}

fn told(arrived: &Arrived, now: DateTime<Utc>) -> Event {
    let event = Event::default().event("lines").id(live::id(now));
    event.json_data(arrived).unwrap_or_else(|error| {
        tracing::error!(%error, "log records could not be written");
        Event::default().event("failed").data("log records could not be written")
    })
}
