//! One tenant at the door: its buckets, its names, its counts.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::bucket::Bucket;
use super::config::Limits;
use super::contracts::Contracts;
use super::counts::Counts;
use super::rewrite::{Rules, rewrite};
use super::seen::{Hashes, Seen};
use super::tally::Tally;
use super::watch::{Names, Watch};
use crate::decode::{Reason, Window, walk};
use crate::refusal::{Refusal, Why};
use crate::signal::Signal;
use crate::status::{Accepted, LimitUse, PerSecond, TenantStatus};
use crate::wire::WireError;

const HOUR_NS: i64 = 3_600_000_000_000;

/// A tenant that has sent something since the start.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) name: String,
    /// Its label in metrics.
    pub(crate) label: Arc<str>,
    limits: Limits,
    bytes: Option<Bucket>,
    records: Option<Bucket>,
    names: Names,
    keys: Seen,
    series: Seen,
    contracts: Contracts,
    pub(crate) counts: Counts,
}

/// A request that was counted, as it is to be logged.
#[derive(Debug)]
pub(crate) struct Examined {
    pub(crate) payload: Vec<u8>,
    pub(crate) tally: Tally,
}

impl Tenant {
    pub(super) fn new(
        name: String,
        label: Arc<str>,
        limits: Limits,
        names: Names,
        contracts: Contracts,
        now_ns: i64,
    ) -> Self {
        let bucket = |rate| (rate > 0).then(|| Bucket::new(rate, limits.burst_s, now_ns));
        Self {
            name,
            label,
            limits,
            bytes: bucket(limits.bytes_per_second),
            records: bucket(limits.records_per_second),
            names,
            keys: Seen::new(limits.attribute_keys, 24 * HOUR_NS),
            series: Seen::new(limits.metric_series, HOUR_NS),
            contracts,
            counts: Counts::default(),
        }
    }

    /// Lets a request in of which `length` bytes are known, unless a rate is used up.
    pub(crate) fn admit(self: &Arc<Self>, now_ns: i64, length: u64) -> Result<Admitted, Refusal> {
        let over = |why, rate: u64, what: &str, wait| {
            let message = format!("tenant {} may send {rate} {what} a second: send again later", self.name);
            Err(Refusal::after(why, message, wait).of(self))
        };
        if let Some(bucket) = &self.records
            && let Err(wait) = bucket.reserve(now_ns, 0)
        {
            return over(Why::RecordsRate, self.limits.records_per_second, "records", wait);
        }
        if let Some(bucket) = &self.bytes
            && let Err(wait) = bucket.reserve(now_ns, length)
        {
            return over(Why::BytesRate, self.limits.bytes_per_second, "bytes", wait);
        }
        Ok(Admitted { tenant: self.clone(), reserved: length })
    }

    /// Counts a request's records and takes out what is over the tenant's limits: attributes
    /// with keys beyond the last place, points of series beyond it, the ends of long values, and
    /// events that break their contract.
    pub(crate) fn examine(
        &self,
        signal: Signal,
        payload: Vec<u8>,
        window: Window,
        received_ns: i64,
    ) -> Result<Examined, WireError> {
        let max_value = self.limits.max_value_bytes;
        let mut watch = Watch::new(
            &self.names,
            max_value,
            (signal != Signal::Metrics).then(|| self.keys.look(received_ns)).flatten(),
            (signal == Signal::Metrics).then(|| self.series.look(received_ns)).flatten(),
            &self.contracts,
        );
        walk(signal, &payload, window, received_ns, &mut watch)?;
        let mut found = watch.found();
        let keys = self.admit_names(&self.keys, "attribute_keys", std::mem::take(&mut found.keys));
        let series = self.admit_names(&self.series, "metric_series", std::mem::take(&mut found.series));
        if keys.is_empty() && series.is_empty() && !found.long && found.rulings.is_empty() {
            return Ok(Examined { payload, tally: found.tally });
        }
        let rules = Rules {
            names: &self.names,
            keys: &keys,
            key_limit: self.limits.attribute_keys,
            refuses: &found.refused_points(&series),
            series_limit: self.limits.metric_series,
            max_value,
            rulings: &found.rulings,
        };
        let rewritten = rewrite(signal, &payload, &rules)?;
        let mut tally = Tally::default();
        walk(signal, &rewritten.payload, window, received_ns, &mut tally)?;
        // The request carries one line for all of them; they are counted one by one.
        tally.warned.set(Reason::AttributeKeys, rewritten.dropped);
        tally.warned.set(Reason::ValueCut, rewritten.cut);
        Ok(Examined { payload: rewritten.payload, tally })
    }

    /// Finds places for new names; those without one.
    fn admit_names(&self, seen: &Seen, limit: &'static str, fresh: super::watch::Fresh) -> Hashes {
        if fresh.is_empty() {
            return Hashes::default();
        }
        let (refused, used) = seen.admit(fresh);
        metrics::gauge!(
            "headroom_ingest_names_used", "tenant" => self.label.clone(), "limit" => limit
        )
        .set(used as f64);
        refused
    }

    /// Counts an acknowledged request.
    pub(crate) fn accept(&self, now_ns: i64, signal: Signal, bytes: usize, tally: &Tally) {
        self.counts.accept(now_ns, signal, tally.census.accepted, bytes as u64);
        let label = || self.label.clone();
        metrics::counter!("headroom_ingest_accepted_total", "signal" => signal.name(), "tenant" => label())
            .increment(tally.census.accepted);
        for (reason, n) in tally.rejected.iter() {
            self.counts.rejected.add(reason.name(), n);
            metrics::counter!(
                "headroom_ingest_rejected_total",
                "signal" => signal.name(), "reason" => reason.name(), "tenant" => label()
            )
            .increment(n);
        }
        for (reason, n) in tally.warned.iter() {
            self.warn(signal, reason.name(), n);
        }
    }

    /// Counts what was left out of records that are stored.
    pub(crate) fn warn(&self, signal: Signal, reason: &'static str, n: u64) {
        self.counts.warned.add(reason, n);
        metrics::counter!(
            "headroom_ingest_warned_total",
            "signal" => signal.name(), "reason" => reason, "tenant" => self.label.clone()
        )
        .increment(n);
    }

    /// Where the tenant stands.
    pub(super) fn status(&self, now_ns: i64) -> TenantStatus {
        let [traces, logs, metrics, bytes] = self.counts.per_second(now_ns);
        let accepted = |at: usize| self.counts.accepted[at].load(Ordering::Relaxed);
        let of = |limit, most: u64, used| LimitUse { limit, most: (most > 0).then_some(most), used };
        let Limits { bytes_per_second, records_per_second, attribute_keys, metric_series, .. } = self.limits;
        TenantStatus {
            tenant: self.name.clone(),
            accepted: Accepted { traces: accepted(0), logs: accepted(1), metrics: accepted(2) },
            per_second: PerSecond { traces, logs, metrics, bytes },
            refused: self.counts.refused.list(),
            rejected: self.counts.rejected.list(),
            warned: self.counts.warned.list(),
            limits: vec![
                of("bytes_per_second", bytes_per_second, Some(bytes)),
                of("records_per_second", records_per_second, Some(traces + logs + metrics)),
                of("attribute_keys", attribute_keys as u64, self.keys.used(now_ns).map(|n| n as f64)),
                of("metric_series", metric_series as u64, self.series.used(now_ns).map(|n| n as f64)),
                of("max_value_bytes", self.limits.max_value_bytes as u64, None),
            ],
        }
    }
}

/// A request that was let in. What it reserved is given back when it is not taken.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(crate) tenant: Arc<Tenant>,
    reserved: u64,
}

impl Admitted {
    /// Takes from the buckets what the request cost beyond what it reserved: `bytes` as sent or
    /// unpacked, whichever is more.
    pub(crate) fn settle(mut self, bytes: usize, records: u64) {
        let reserved = std::mem::take(&mut self.reserved);
        if let Some(bucket) = &self.tenant.bytes {
            bucket.charge((bytes as u64).saturating_sub(reserved));
        }
        if let Some(bucket) = &self.tenant.records {
            bucket.charge(records);
        }
    }

    /// Keeps what was reserved when the request is refused for what is in it: it was work.
    pub(crate) fn blame(&mut self, refusal: &Refusal) {
        if matches!(refusal.why, Why::Malformed | Why::TooLarge) {
            self.reserved = 0;
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        if self.reserved > 0
            && let Some(bucket) = &self.tenant.bytes
        {
            bucket.refund(self.reserved);
        }
    }
}
