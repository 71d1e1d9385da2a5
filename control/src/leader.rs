//! Who leads: of several nodes that could do what only one may, the one that does.
//!
//! A [`Leadership`] is one node's part in it. It must [`campaign`](Leadership::campaign) every few seconds: a leader
//! then stays leader, and another takes over when the leader has not done so for [`LEAD_FOR`]. Each time the lead goes
//! to somebody, the term counts up, and the handle that [`control`](Leadership::control) gives writes only in its own
//! term, which is looked at inside each write transaction. So a leader that was stopped and wakes up later, not knowing
//! that its time is over, changes nothing, however wrong anybody's clock is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;

use crate::db::{Db, micros, time};
use crate::{Control, ControlError, Result};

/// How long a leader leads after it has last said so.
pub const LEAD_FOR: TimeDelta = TimeDelta::seconds(8);

/// One node's part in who leads.
#[derive(Debug, Clone)]
pub struct Leadership {
    control: Control,
    term: Arc<Term>,
}

/// The term that a node believes to be its own.
#[derive(Debug)]
pub(crate) struct Term {
    role: String,
    holder: String,
    /// 0: none.
    number: AtomicI64,
    /// Microseconds since the epoch.
    until: AtomicI64,
}

/// Who leads, as the database says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leader {
    /// What is led.
    pub role: String,
    /// Who leads it.
    pub holder: String,
    /// How often the lead was taken so far.
    pub term: i64,
    /// Until when, if it is not said again before.
    pub until: DateTime<Utc>,
}

impl Control {
    /// A part in who leads `role`, under a name that no other node has. A node that comes back under its name need not
    /// wait until its former self's time is over.
    pub fn leadership(&self, role: &str, holder: &str) -> Leadership {
        let (role, holder) = (role.to_owned(), holder.to_owned());
        let term = Term { role, holder, number: AtomicI64::new(0), until: AtomicI64::new(0) };
        Leadership { control: self.clone(), term: Arc::new(term) }
    }

    /// Whether this handle may be used for what only a leader does. A handle that has nothing to do with leading may.
    pub fn leads(&self, now: DateTime<Utc>) -> bool {
        self.term().is_none_or(|term| micros(now) < term.until.load(Ordering::Acquire))
    }

    /// Everybody who leads or led something last, by role.
    pub fn leaders(&self) -> Result<Vec<Leader>> {
        self.with(|db| {
            db.rows("SELECT name, holder, term, until FROM leaders ORDER BY name", &[], |row| {
                Ok(Leader {
                    role: row.get(0)?,
                    holder: row.get(1)?,
                    term: row.get(2)?,
                    until: time("leaders.until", row.get(3)?)?,
                })
            })
        })
    }
}

impl Leadership {
    /// The state in the hands of this node as leader: its writes are refused in anybody else's term.
    pub fn control(&self) -> Control {
        self.control.in_term(&self.term)
    }

    /// Stays leader, or becomes it if nobody is; whether this node leads for the next [`LEAD_FOR`].
    pub fn campaign(&self, now: DateTime<Utc>) -> Result<bool> {
        let Term { role, holder, .. } = &*self.term;
        let (own, until) = (self.term.number.load(Ordering::Acquire), micros(now + LEAD_FOR));
        let number = self.control.write(|db| {
            let renewed = db.execute(
                "UPDATE leaders SET until = ?4 WHERE name = ?1 AND holder = ?2 AND term = ?3",
                params![role, holder, own, until],
            )?;
            if renewed == 1 {
                return Ok(Some(own));
            }
            db.row(
                "INSERT INTO leaders (name, holder, term, until) VALUES (?1, ?2, 1, ?4)
                 ON CONFLICT (name) DO UPDATE SET holder = ?2, term = leaders.term + 1, until = ?4
                     WHERE leaders.until <= ?3 OR leaders.holder = ?2
                 RETURNING term",
                params![role, holder, micros(now), until],
                |row| row.get::<i64>(0),
            )
        })?;
        // The number first: who sees the time sees the term that it is of.
        self.term.number.store(number.unwrap_or_default(), Ordering::Release);
        self.term.until.store(number.map_or(0, |_| until), Ordering::Release);
        Ok(number.is_some())
    }

    /// Leaves the lead to the others at once.
    pub fn resign(&self, now: DateTime<Utc>) -> Result<()> {
        self.term.until.store(0, Ordering::Release);
        let Term { role, holder, .. } = &*self.term;
        let own = self.term.number.swap(0, Ordering::AcqRel);
        self.control.write(|db| {
            db.execute(
                "UPDATE leaders SET until = ?4 WHERE name = ?1 AND holder = ?2 AND term = ?3",
                params![role, holder, own, micros(now)],
            )
        })?;
        Ok(())
    }
}

impl Term {
    /// # Errors
    /// [`ControlError::NotLeading`] if the term is over.
    pub(crate) fn check(&self, db: &Db<'_>) -> Result<()> {
        let own = self.number.load(Ordering::Acquire);
        let lasts = db.row(
            "SELECT 1 FROM leaders WHERE name = ?1 AND holder = ?2 AND term = ?3",
            params![self.role, self.holder, own],
            |_| Ok(()),
        )?;
        lasts.ok_or_else(|| ControlError::NotLeading { role: self.role.clone() })
    }
}
