//! `ExportMetricsServiceRequest`: points of gauges. A point has no ids, so its integer value holds
//! the body's number and its own, and its resource the run.

use rand::Rng;

use super::platform::{SERVICES, by_service};
use super::wire::Message;
use crate::run_id::RunId;

/// The resource attribute that holds the run.
pub(crate) const RUN_KEY: &str = "headroom.load.run";

/// Name and unit.
const GAUGES: [(&str, &str); 5] = [
    ("queue.depth", "{message}"),
    ("db.client.connection.count", "{connection}"),
    ("http.server.active_requests", "{request}"),
    ("cache.entries", "{entry}"),
    ("jvm.thread.count", "{thread}"),
];

/// A request with `records` points of `run`.
pub(super) fn request(records: usize, run: RunId, rng: &mut impl Rng) -> Message {
    let mut points = [const { [const { Vec::new() }; GAUGES.len()] }; SERVICES.len()];
    for record in 0..records {
        let mut point = Message::default();
        point.time(3, 0);
        point.body_times_2_32(6, record as u32);
        point.text_attribute(7, "host.name", &format!("node-{:02}", rng.random_range(0..40)));
        point.text_attribute(7, "pool.name", &format!("pool-{}", rng.random_range(0..4)));
        points[record % SERVICES.len()][record / SERVICES.len() % GAUGES.len()].push(point);
    }
    let by = points.map(|of_service| {
        let gauges = of_service.iter().zip(GAUGES).filter(|(points, _)| !points.is_empty());
        gauges.map(|(points, gauge)| metric(points, gauge)).collect()
    });
    by_service(&by, |resource| resource.text_attribute(1, RUN_KEY, &run.to_string()))
}

fn metric(points: &[Message], (name, unit): (&str, &str)) -> Message {
    let mut gauge = Message::default();
    for point in points {
        gauge.message(1, point);
    }
    let mut metric = Message::default();
    metric.text(1, name);
    metric.text(3, unit);
    metric.message(5, &gauge);
    metric
}
