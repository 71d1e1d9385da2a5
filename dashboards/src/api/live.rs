//! What changed, told as it does: one stream for each page that is looked at.

use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::live::board::{Seen, Told, Topic};
use crate::state::AppState;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::response::sse::Event;
use headroom_control::Role;
use serde::Serialize;
use tokio::sync::watch;
use utoipa::ToSchema;

/// What changed since the event before, and how things stand.
#[derive(Debug, Serialize, ToSchema)]
struct Changed {
    /// What is to be read again; nothing in the first event of a page that has just read everything.
    topics: Vec<Topic>,
    /// How many alerts fire, for who may see them.
    firing: Option<u64>,
}

/// What changed, as soon as it does: server-sent events `changed`, the first at once, for a minute; a browser asks again
/// by itself, and is told what changed meanwhile. What it is now, the other paths say.
#[utoipa::path(get, path = "/api/v1/live", tag = "session",
    responses((status = 200, body = Changed, content_type = "text/event-stream"), (status = 429, body = crate::error::ErrorBody)))]
pub(crate) async fn follow(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    let principal = caller.through(Door::Services)?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let follow = Follow {
        told: state.board.of(&principal.tenant),
        role: principal.role,
        seen: last.map(Seen::read),
        first: true,
    };
    state.live.stream(&principal, follow, |follow| std::future::ready(follow.step()))
}

struct Follow {
    told: watch::Receiver<Told>,
    role: Role,
    /// What the page has seen; nothing of one that has just read everything.
    seen: Option<Seen>,
    /// Whether nothing was told by this stream yet.
    first: bool,
}

impl Follow {
    fn step(mut self) -> (Vec<Event>, Option<Self>) {
        let told = self.told.borrow_and_update().clone();
        if told.failing {
            return (Vec::new(), None);
        }
        // Before the first look there is nothing to tell.
        let Some(firing) = told.firing else { return (Vec::new(), Some(self)) };
        let mut topics = self.seen.as_ref().map_or_else(Vec::new, |seen| told.since(seen));
        topics.retain(|topic| topic.is_for(self.role));
        let seen = told.seen();
        let tells = self.first || !topics.is_empty();
        let event = Event::default().event("changed").id(seen.to_string());
        (self.seen, self.first) = (Some(seen), false);
        if !tells {
            return (Vec::new(), Some(self));
        }
        let firing = Topic::Alerts.is_for(self.role).then_some(firing);
        (event.json_data(Changed { topics, firing }).into_iter().collect(), Some(self))
    }
}
