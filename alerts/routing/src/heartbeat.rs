//! A dead man's switch: something that must show life, and what it means when it does not.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// What is expected to beat: the evaluator, the sender, a probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadMan {
    /// How often it beats, in seconds.
    pub every_seconds: u32,
    /// How much later it may beat, in seconds.
    pub grace_seconds: u32,
    last: DateTime<Utc>,
    missing: bool,
}

/// What a look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// It has just been missed: tell.
    Lost {
        /// When it beat last, or was first expected to.
        since: DateTime<Utc>,
    },
    /// It beats again after it was missed: tell.
    Back,
    /// Nothing new.
    Same,
}

impl DeadMan {
    /// Something that beats from `now` on.
    pub fn new(every_seconds: u32, grace_seconds: u32, now: DateTime<Utc>) -> Self {
        Self { every_seconds, grace_seconds, last: now, missing: false }
    }

    /// It beats.
    pub fn beat(&mut self, now: DateTime<Utc>) {
        self.last = self.last.max(now);
    }

    /// Whether that changed anything.
    pub fn look(&mut self, now: DateTime<Utc>) -> Beat {
        let missing = now > self.deadline();
        if missing == self.missing {
            return Beat::Same;
        }
        self.missing = missing;
        if missing { Beat::Lost { since: self.last } } else { Beat::Back }
    }

    /// When it is missed if it does not beat.
    pub fn deadline(&self) -> DateTime<Utc> {
        self.last + TimeDelta::seconds(i64::from(self.every_seconds) + i64::from(self.grace_seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_once_when_lost_and_once_when_back() {
        let at = |seconds: i64| DateTime::from_timestamp(1_700_000_000 + seconds, 0).expect("a time");
        let mut man = DeadMan::new(60, 30, at(0));
        assert_eq!(man.look(at(90)), Beat::Same);
        assert_eq!(man.look(at(91)), Beat::Lost { since: at(0) });
        assert_eq!(man.look(at(500)), Beat::Same);
        man.beat(at(510));
        assert_eq!(man.look(at(511)), Beat::Back);
        assert_eq!(man.look(at(512)), Beat::Same);
        man.beat(at(400));
        assert_eq!(man.deadline(), at(600), "an old beat that comes late changes nothing");
    }
}
