//! What is archived where, and for how long.

use serde::{Deserialize, Serialize};

/// Days between the end of a day in the archive and the first of its rows that the store may remove: time to notice
/// that an archive does not move, and to mend it.
const SPARE_DAYS: u32 = 2;

/// The section `[archive]`. Without `url` nothing is archived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArchiveConfig {
    /// A folder (`/var/lib/headroom/archive` or `file:///..`), `s3://bucket/prefix`, `gs://bucket/prefix` or
    /// `az://container/prefix`. Credentials come from the environment.
    pub url: Option<String>,
    /// Days after its end when a day is archived; later ones are read from ClickHouse.
    pub after_days: u32,
    /// Days that the archive is kept; absent: for ever.
    pub keep_days: Option<u32>,
}

impl Default for ArchiveConfig {
    fn default() -> Self {
        Self { url: None, after_days: 7, keep_days: None }
    }
}

impl ArchiveConfig {
    /// Whether anything is archived.
    pub fn is_on(&self) -> bool {
        self.url.is_some()
    }

    /// Refuses days that would expire before they are archived, or that the archive would forget before the store
    /// does. `retained` is the shortest and `longest` the longest retention of what is archived, in days.
    pub fn check(&self, retained: u32, longest: u32) -> Result<(), String> {
        if !self.is_on() {
            return Ok(());
        }
        let needed = self.after_days.saturating_add(1 + SPARE_DAYS);
        if retained < needed {
            return Err(format!(
                "archive.after_days = {} archives a day when the store may have removed rows of it already, for they are \
                 kept {retained} days: lower archive.after_days to at most {}, or keep raw rows for at least {needed} days",
                self.after_days,
                retained.saturating_sub(1 + SPARE_DAYS)
            ));
        }
        if let Some(keep) = self.keep_days.filter(|keep| *keep < longest) {
            return Err(format!(
                "archive.keep_days = {keep} forgets days that the store still has, for it keeps them {longest} days: \
                 raise archive.keep_days to at least {longest}, or leave it out to keep them for ever"
            ));
        }
        Ok(())
    }

    /// Refuses records that may come so late that the store removes them before they are archived. `late` and
    /// `retained` are in days.
    pub fn check_late(&self, late: u32, retained: u32) -> Result<(), String> {
        // The day of a late record, the day in which it comes, and the one at whose start the store begins to remove.
        let needed = late.saturating_add(3);
        if !self.is_on() || needed <= retained {
            return Ok(());
        }
        Err(format!(
            "ingest.accept_past_s takes records that are {late} days late, which the store removes before they are in the \
             archive: lower it to at most {}, or raise retention.raw_days to at least {}",
            u64::from(retained.saturating_sub(3)) * 86_400,
            needed
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(after_days: u32, keep_days: Option<u32>) -> ArchiveConfig {
        ArchiveConfig { url: Some("/a".to_owned()), after_days, keep_days }
    }

    #[test]
    fn a_day_is_archived_well_before_it_expires() {
        assert_eq!(on(7, None).check(30, 30), Ok(()));
        assert_eq!(on(27, None).check(30, 30), Ok(()));
        let late = on(28, None).check(30, 30).unwrap_err();
        assert!(late.contains("at most 27") && late.contains("at least 31"), "{late}");
        assert_eq!(
            ArchiveConfig { url: None, ..on(90, Some(1)) }.check(30, 30),
            Ok(()),
            "nothing is archived"
        );
    }

    #[test]
    fn the_archive_does_not_forget_before_the_store() {
        assert_eq!(on(7, Some(400)).check(30, 400), Ok(()));
        assert!(on(7, Some(399)).check(30, 400).unwrap_err().contains("at least 400"));
    }

    #[test]
    fn late_records_are_archived_before_they_expire() {
        assert_eq!(on(7, None).check_late(27, 30), Ok(()));
        let late = on(7, None).check_late(30, 30).unwrap_err();
        assert!(late.contains("2332800") && late.contains("at least 33"), "{late}");
    }
}
