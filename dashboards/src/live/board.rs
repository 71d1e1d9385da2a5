//! What changed, told to the pages that are looked at.
//!
//! For each tenant of which a page is open, one task looks once in a second, however many pages there are; when the last
//! has been gone for a while it ends. It reads ends of indexes of the control state, and the store in the first seconds
//! of a minute only, until something of that minute is there: then the one before is closed. Where nothing comes a
//! minute is closed by the clock, so that silence shows.

mod topic;
mod watcher;

pub(crate) use topic::Topic;

use chrono::{DateTime, Utc};
use headroom_control::Control;
use headroom_store::{Clock, Store};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use watcher::Watcher;

/// How often each topic has changed since the board of a tenant was begun, and how things stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    /// When the board was begun: versions of two boards cannot be compared.
    begun: DateTime<Utc>,
    versions: [u64; Topic::ALL.len()],
    /// Alerts that fire; none before the first look.
    pub(crate) firing: Option<u64>,
    /// Whether the last look failed.
    pub(crate) failing: bool,
}

impl Told {
    fn new(begun: DateTime<Utc>) -> Self {
        Self { begun, versions: [0; Topic::ALL.len()], firing: None, failing: false }
    }

    fn change(&mut self, topic: Topic) {
        self.versions[topic as usize] += 1;
    }

    /// What changed since `before`; everything if that is of another board.
    pub(crate) fn since(&self, before: &Seen) -> Vec<Topic> {
        let same = self.begun.timestamp_millis() == before.begun;
        let changed = |topic: &Topic| {
            let version = self.versions[*topic as usize];
            !same || before.versions.get(*topic as usize) != Some(&version)
        };
        Topic::ALL.into_iter().filter(changed).collect()
    }

    /// What somebody has seen who has seen this.
    pub(crate) fn seen(&self) -> Seen {
        Seen { begun: self.begun.timestamp_millis(), versions: self.versions.to_vec() }
    }
}

/// What a page has seen: the id of its last event, with which it asks again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Milliseconds since 1970.
    begun: i64,
    versions: Vec<u64>,
}

impl Seen {
    /// Reads an id; whatever it is not, it is of another board.
    pub(crate) fn read(id: &str) -> Self {
        let (begun, versions) = id.split_once('.').unwrap_or_default();
        let versions = versions.split('.').filter_map(|version| version.parse().ok()).collect();
        Self { begun: begun.parse().unwrap_or_default(), versions }
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.begun)?;
        self.versions.iter().try_for_each(|version| write!(f, ".{version}"))
    }
}

type Boards = Arc<Mutex<HashMap<String, watch::Sender<Told>>>>;

/// The boards of all tenants that are looked at.
#[derive(Clone)]
pub struct Board {
    control: Control,
    store: Store,
    clock: Arc<dyn Clock>,
    closed: CancellationToken,
    boards: Boards,
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Board").finish_non_exhaustive()
    }
}

impl Board {
    /// Boards that end when the node is `closed`.
    pub fn new(control: Control, store: Store, clock: Arc<dyn Clock>, closed: CancellationToken) -> Self {
        Self { control, store, clock, closed, boards: Boards::default() }
    }

    /// What changes of a tenant, from now on. Looking begins with the first who follows.
    pub(crate) fn of(&self, tenant: &str) -> watch::Receiver<Told> {
        let mut boards = self.boards.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(told) = boards.get(tenant) {
            return told.subscribe();
        }
        let (told, follows) = watch::channel(Told::new(self.clock.now()));
        boards.insert(tenant.to_owned(), told.clone());
        tokio::spawn(Watcher::new(self, tenant, told).run());
        follows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_told_of_one_board_and_everything_of_another() {
        let mut told = Told::new(DateTime::UNIX_EPOCH);
        let before = told.seen();
        assert!(told.since(&before).is_empty());
        told.change(Topic::Alerts);
        told.change(Topic::Minute);
        assert_eq!(told.since(&before), [Topic::Minute, Topic::Alerts]);
        let id = told.seen().to_string();
        assert_eq!(Seen::read(&id), told.seen());
        assert!(told.since(&Seen::read(&id)).is_empty());
        for other in ["", "7.1", "0", "nonsense", "0.x"] {
            assert_eq!(told.since(&Seen::read(other)).len(), Topic::ALL.len(), "{other}");
        }
    }
}
