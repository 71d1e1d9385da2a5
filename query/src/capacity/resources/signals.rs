//! Which metric tells what of which resource.

use super::ResourceKind::{self, Connections, Cpu, EventLoop, Memory, Queue};

/// What a metric tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// How much is in use.
    Used,
    /// How much is in use, of values in the state `used` alone.
    UsedState,
    /// How much there is.
    Most,
    /// Which share of what the instance has is in use, 0 to 1.
    Share,
    /// How many wait.
    Waiting,
    /// A counter whose growth per second is what is in use.
    Counter,
}

/// A metric by its name.
pub(super) struct Signal {
    pub(super) name: &'static str,
    pub(super) kind: ResourceKind,
    pub(super) part: Part,
}

const fn signal(name: &'static str, kind: ResourceKind, part: Part) -> Signal {
    Signal { name, kind, part }
}

/// The first that a service reports counts: shares of the limit before shares of the host, today's names before
/// yesterday's.
pub(super) const SIGNALS: &[Signal] = &[
    signal("k8s.container.cpu_limit_utilization", Cpu, Part::Share),
    signal("k8s.pod.cpu_limit_utilization", Cpu, Part::Share),
    signal("process.cpu.utilization", Cpu, Part::Share),
    signal("jvm.cpu.recent_utilization", Cpu, Part::Share),
    signal("process.cpu.usage", Cpu, Part::Share),
    signal("k8s.pod.cpu.usage", Cpu, Part::Used),
    signal("container.cpu.usage", Cpu, Part::Used),
    signal("k8s.pod.cpu.time", Cpu, Part::Counter),
    signal("container.cpu.time", Cpu, Part::Counter),
    signal("process.cpu.time", Cpu, Part::Counter),
    signal("k8s.container.cpu_limit", Cpu, Part::Most),
    signal("k8s.container.cpu.limit", Cpu, Part::Most),
    signal("jvm.cpu.count", Cpu, Part::Most),
    signal("k8s.pod.memory_limit_utilization", Memory, Part::Share),
    signal("k8s.pod.memory.working_set", Memory, Part::Used),
    signal("container.memory.working_set", Memory, Part::Used),
    signal("container.memory.usage", Memory, Part::Used),
    signal("process.memory.usage", Memory, Part::Used),
    signal("k8s.container.memory_limit", Memory, Part::Most),
    signal("k8s.container.memory.limit", Memory, Part::Most),
    signal("container.memory.limit", Memory, Part::Most),
    signal("db.client.connection.count", Connections, Part::UsedState),
    signal("db.client.connections.usage", Connections, Part::UsedState),
    signal("hikaricp.connections.active", Connections, Part::Used),
    signal("db.client.connection.max", Connections, Part::Most),
    signal("db.client.connections.max", Connections, Part::Most),
    signal("hikaricp.connections.max", Connections, Part::Most),
    signal("db.client.connection.pending_requests", Connections, Part::Waiting),
    signal("db.client.connections.pending_requests", Connections, Part::Waiting),
    signal("hikaricp.connections.pending", Connections, Part::Waiting),
    signal("nodejs.eventloop.utilization", EventLoop, Part::Share),
    signal("messaging.queue.depth", Queue, Part::Used),
    signal("kafka.consumer_group.lag_sum", Queue, Part::Used),
];

/// Histograms of how long a connection was held, and how many of their unit make a second.
pub(super) const USE_TIME: [(&str, f64); 2] =
    [("db.client.connection.use_time", 1.0), ("db.client.connections.use_time", 1e3)];

pub(super) fn numbers() -> Vec<&'static str> {
    SIGNALS.iter().filter(|signal| signal.part != Part::Counter).map(|signal| signal.name).collect()
}

pub(super) fn counters() -> Vec<&'static str> {
    SIGNALS.iter().filter(|signal| signal.part == Part::Counter).map(|signal| signal.name).collect()
}
