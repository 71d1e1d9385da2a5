//! Records summed up by service and minute, as a store would do it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use opentelemetry::trace::{SpanKind, Status};

use crate::clock::floor_minute;
use crate::record::Batch;
use crate::topology::{Service, Topology};

/// What a service did in a minute: the requests and messages that came in then.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Minute {
    /// Server and consumer spans that started in the minute.
    pub calls: u64,
    /// Those with an error status.
    pub errors: u64,
    /// Their durations together, in seconds.
    pub seconds: f64,
}

impl Minute {
    /// Mean duration in seconds; `None` where nothing came in.
    pub fn mean(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.seconds / self.calls as f64)
    }
}

/// Sums of batches by service and minute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Minutes {
    sums: BTreeMap<(Service, DateTime<Utc>), Minute>,
}

impl Minutes {
    /// Adds a batch, or a part of one.
    pub fn add(&mut self, batch: &Batch, topology: &Topology) {
        for span in &batch.spans {
            let data = &span.data;
            if !matches!(data.span_kind, SpanKind::Server | SpanKind::Consumer) {
                continue;
            }
            let service = topology.instances()[usize::from(span.resource)].service;
            let minute = self.sums.entry((service, minute(data.start_time))).or_default();
            minute.calls += 1;
            minute.errors += u64::from(matches!(data.status, Status::Error { .. }));
            minute.seconds += data.end_time.duration_since(data.start_time).unwrap_or_default().as_secs_f64();
        }
    }

    /// All sums, by service and then by time.
    pub fn iter(&self) -> impl Iterator<Item = (Service, DateTime<Utc>, Minute)> {
        self.sums.iter().map(|((service, minute), sums)| (*service, *minute, *sums))
    }

    /// The minutes of one service, in order.
    pub fn of(&self, service: Service) -> impl Iterator<Item = (DateTime<Utc>, Minute)> {
        self.iter().filter(move |(s, ..)| *s == service).map(|(_, minute, sums)| (minute, sums))
    }
}

fn minute(t: SystemTime) -> DateTime<Utc> {
    floor_minute(t.into())
}
