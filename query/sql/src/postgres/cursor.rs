//! Cursors and portals: rows that a client fetches in portions, each row sent as soon as it is there.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use futures::{Sink, SinkExt as _, StreamExt as _, stream};
use pgwire::api::portal::{Portal, PortalExecutionState};
use pgwire::api::results::{FieldInfo, QueryResponse, Tag};
use pgwire::api::stmt::StoredStatement;
use pgwire::api::store::{MemPortalStore, PortalStore};
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::PgWireBackendMessage;
use pgwire::messages::extendedquery::PortalSuspended;

use super::errors::plain;
use super::query::Prepared;
use crate::session::Planned;

/// Most cursors that a connection may have open.
const MOST: usize = 16;

/// The cursors of a connection, by name.
#[derive(Default)]
pub(super) struct Cursors(Mutex<BTreeMap<String, Cursor>>);

struct Cursor {
    portal: Arc<Portal<Prepared>>,
    hold: bool,
}

impl Cursors {
    /// Refuses a name that is taken, and more cursors than there may be.
    pub(super) fn check(&self, name: &str) -> PgWireResult<()> {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.contains_key(name) {
            return Err(plain("42P03", format!("cursor {name:?} already exists")));
        }
        if open.len() >= MOST {
            return Err(plain("53400", format!("a connection has at most {MOST} cursors open; close some")));
        }
        Ok(())
    }

    /// Keeps a started question as a cursor.
    pub(super) async fn open<S: PortalStore>(
        &self,
        store: &S,
        name: String,
        hold: bool,
        planned: Planned,
        rows: QueryResponse,
    ) {
        let statement = Prepared::Question(Box::new(planned));
        let statement = Arc::new(StoredStatement::new(name.clone(), statement, Vec::new()));
        let portal = Arc::new(Portal::new_cursor(name.clone(), statement));
        portal.start(rows).await;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, Cursor { portal, hold });
        self.show(store);
    }

    /// Shows the cursors among the portals, where clients describe them.
    pub(super) fn show<S: PortalStore>(&self, store: &S) {
        let Some(portals) = store.as_any().downcast_ref::<MemPortalStore<Prepared>>() else { return };
        for cursor in self.0.lock().unwrap_or_else(PoisonError::into_inner).values() {
            portals.put_portal(Arc::clone(&cursor.portal));
        }
    }

    /// The cursor of a name.
    pub(super) fn get(&self, name: &str) -> PgWireResult<Arc<Portal<Prepared>>> {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = open.get(name).map(|cursor| Arc::clone(&cursor.portal));
        found.ok_or_else(|| plain("34000", format!("there is no cursor {name:?}")))
    }

    /// Closes one, or all.
    pub(super) fn close<S: PortalStore>(&self, store: &S, name: Option<&str>) -> PgWireResult<()> {
        if let Some(name) = name {
            self.get(name)?;
        }
        self.drop_those(store, |one, _| name.is_none_or(|name| name == one));
        Ok(())
    }

    /// Closes those that do not outlive a transaction.
    pub(super) fn end_transaction<S: PortalStore>(&self, store: &S) {
        self.drop_those(store, |_, cursor| !cursor.hold);
    }

    fn drop_those<S: PortalStore>(&self, store: &S, over: impl Fn(&str, &Cursor) -> bool) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|name, cursor| {
            let over = over(name, cursor);
            if over {
                store.rm_portal(name);
            }
            !over
        });
    }
}

/// The next rows of a cursor as an answer of its own; `fields` are its columns.
pub(super) async fn fetch(
    portal: &Portal<Prepared>,
    fields: Arc<Vec<FieldInfo>>,
    rows: Option<usize>,
) -> PgWireResult<QueryResponse> {
    let state = portal.state().lock_owned().await;
    // The portal stays locked until the rows are sent, and is over with the first error.
    let rows = stream::unfold((state, rows), |(mut state, left)| async move {
        if left == Some(0) {
            return None;
        }
        let PortalExecutionState::Suspended(response) = &mut *state else { return None };
        let row = response.data_rows().next().await;
        if !matches!(row, Some(Ok(_))) {
            *state = PortalExecutionState::Finished;
        }
        row.map(|row| (row, (state, left.map(|left| left - 1))))
    });
    let mut response = QueryResponse::new(fields, rows);
    response.set_command_tag("FETCH");
    Ok(response)
}

/// Skips rows; tells how many there were.
pub(super) async fn skip(portal: &Portal<Prepared>, rows: Option<usize>) -> PgWireResult<usize> {
    let mut skipped = fetch(portal, Arc::default(), rows).await?;
    let mut count = 0;
    while let Some(row) = skipped.data_rows().next().await {
        row?;
        count += 1;
    }
    Ok(count)
}

/// Sends at most `most` rows of an answer (0: all), each as it comes, and keeps the rest in the portal. The library
/// would gather them all before it sent the first.
pub(super) async fn send<C>(
    client: &mut C,
    portal: &Portal<Prepared>,
    mut response: QueryResponse,
    most: usize,
) -> PgWireResult<()>
where
    C: Sink<PgWireBackendMessage> + Unpin + Send,
    C::Error: Debug,
    PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
{
    let mut sent = 0;
    while most == 0 || sent < most {
        let Some(row) = response.data_rows().next().await else {
            let tag = Tag::new(response.command_tag()).with_rows(sent);
            return Ok(client.send(PgWireBackendMessage::CommandComplete(tag.into())).await?);
        };
        client.feed(PgWireBackendMessage::DataRow(row?)).await?;
        sent += 1;
    }
    portal.start(response).await;
    Ok(client.send(PgWireBackendMessage::PortalSuspended(PortalSuspended::new())).await?)
}

/// The rows that a portal has left to give, taken out of it; none if it has not begun.
pub(super) async fn left(portal: &Portal<Prepared>) -> Option<QueryResponse> {
    let state = portal.state();
    match mem::replace(&mut *state.lock().await, PortalExecutionState::Finished) {
        PortalExecutionState::Initial => None,
        PortalExecutionState::Suspended(response) => Some(response),
        PortalExecutionState::Finished => Some(QueryResponse::new(Arc::default(), stream::empty())),
    }
}
