//! Deployments that were seen and deployments that were told, put together: each once.
//!
//! A version that begins to serve is seen in spans; a job that deploys it tells so. Records of the same version that
//! follow one another within [`TOGETHER`] are one deployment, whoever knows of it and however many regions tell it.

use chrono::{DateTime, TimeDelta, Utc};

use super::told::{Status, Told, Unplanned};

/// How long a deployment may take from its first record to its last.
const TOGETHER: TimeDelta = TimeDelta::hours(6);

/// One deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deployment {
    /// When it began to serve; when it was given up, if it never did.
    pub(super) at: DateTime<Utc>,
    pub(super) version: String,
    /// Whether the version was seen in spans.
    pub(super) seen: bool,
    /// What was told of it last.
    pub(super) told: Option<Status>,
    pub(super) reason: Option<Unplanned>,
    pub(super) commits: Vec<DateTime<Utc>>,
    pub(super) url: Option<String>,
    /// When its last record is of.
    last: DateTime<Utc>,
}

/// Puts the version changes and the told deployments of one service together, in order of time. What was told to have
/// started and neither served nor ended is none yet.
pub(super) fn together(seen: Vec<(DateTime<Utc>, String)>, told: Vec<Told>) -> Vec<Deployment> {
    let mut records: Vec<(DateTime<Utc>, String, Option<Told>)> =
        seen.into_iter().map(|(ts, version)| (ts, version, None)).collect();
    records.extend(told.into_iter().map(|told| (told.ts, told.version.clone(), Some(told))));
    records.sort_by_key(|(ts, ..)| *ts);
    let mut found: Vec<Deployment> = Vec::new();
    for (ts, version, told) in records {
        let same = |last: &&mut Deployment| last.version == version && ts - last.last <= TOGETHER;
        if let Some(last) = found.last_mut().filter(same) {
            last.add(ts, told);
            continue;
        }
        let mut new = Deployment {
            at: ts,
            version,
            seen: false,
            told: None,
            reason: None,
            commits: Vec::new(),
            url: None,
            last: ts,
        };
        new.add(ts, told);
        found.push(new);
    }
    found.retain(|deployment| deployment.seen || deployment.told != Some(Status::Started));
    found
}

impl Deployment {
    fn add(&mut self, ts: DateTime<Utc>, told: Option<Told>) {
        self.last = ts;
        // It begins to serve with the first record that is more than a beginning.
        if !self.seen && matches!(self.told, None | Some(Status::Started)) {
            self.at = ts;
        }
        let Some(Told { status, reason, commits, url, .. }) = told else {
            self.seen = true;
            return;
        };
        if self.told.is_none() || status != Status::Started {
            self.told = Some(status);
        }
        self.reason = self.reason.or(reason);
        self.url = self.url.take().or(url);
        if self.commits.is_empty() {
            self.commits = commits;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000 + minute * 60, 0).unwrap()
    }

    fn told(minute: i64, version: &str, status: Status) -> Told {
        let (service, version) = ("order".to_owned(), version.to_owned());
        Told { ts: at(minute), service, version, status, reason: None, commits: Vec::new(), url: None }
    }

    fn seen(minutes: &[(i64, &str)]) -> Vec<(DateTime<Utc>, String)> {
        minutes.iter().map(|(minute, version)| (at(*minute), (*version).to_owned())).collect()
    }

    fn minutes(found: &[Deployment]) -> Vec<(i64, &str, Option<Status>)> {
        found.iter().map(|d| ((d.at - at(0)).num_minutes(), d.version.as_str(), d.told)).collect()
    }

    #[test]
    fn what_is_seen_and_told_is_one() {
        use Status::{Failed, Finished, RolledBack, Started};
        let found = together(
            seen(&[(10, "2"), (900, "3")]),
            vec![
                told(5, "2", Started),
                told(40, "2", Finished),
                told(41, "2", Finished),
                told(895, "3", Started),
                told(930, "3", Failed),
                told(931, "2", RolledBack),
                told(1_500, "4", Started),
                told(2_000, "5", Finished),
                told(2_361, "5", Finished),
            ],
        );
        let expected = [
            (10, "2", Some(Finished)),
            (900, "3", Some(Failed)),
            (931, "2", Some(RolledBack)),
            (2_000, "5", Some(Finished)),
            (2_361, "5", Some(Finished)),
        ];
        assert_eq!(
            minutes(&found),
            expected,
            "4 began and is not known to serve; 5 came again after six hours"
        );
    }

    #[test]
    fn what_a_job_says_at_the_beginning_holds_for_what_is_seen() {
        let mut started = told(0, "2", Status::Started);
        started.reason = Some(Unplanned::Incident);
        started.commits = vec![at(-100)];
        started.url = Some("https://ci/7".to_owned());
        let found = together(seen(&[(10, "2")]), vec![started]);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].at, found[0].reason, found[0].commits.len()),
            (at(10), Some(Unplanned::Incident), 1)
        );
        assert_eq!(found[0].url.as_deref(), Some("https://ci/7"));
    }

    proptest! {
        /// Telling what was seen anyway changes no count, however often it is told.
        #[test]
        fn telling_what_is_seen_counts_nothing_twice(
            gaps in prop::collection::vec(420_i64..3_000, 1..20), late in 0_i64..300, times in 1_usize..4,
        ) {
            let mut minute = 0;
            let versions: Vec<(i64, String)> = gaps.iter().enumerate().map(|(n, gap)| { minute += gap; (minute, n.to_string()) }).collect();
            let seen: Vec<_> = versions.iter().map(|(minute, version)| (at(*minute), version.clone())).collect();
            let told: Vec<Told> = versions.iter().flat_map(|(minute, version)| {
                (0..times).map(move |n| told(minute + late + n as i64, version, Status::Finished))
            }).collect();
            let both = together(seen.clone(), told.clone());
            prop_assert_eq!(both.len(), seen.len());
            prop_assert_eq!(together(Vec::new(), told).len(), seen.len());
            prop_assert!(both.iter().zip(&seen).all(|(deployment, (ts, _))| deployment.at == *ts && deployment.seen));
        }
    }
}
