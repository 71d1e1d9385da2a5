//! Leaving a group, in bounded time.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, ConsumerContext};

/// How long leaving may take. A node has to end well before it is killed, and a group notices a member that is
/// gone by its session's end anyway.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Drops a consumer, which leaves its group; whether that was done in time.
///
/// librdkafka waits for the group's coordinator and for answers that are under way, and has no limit for that. So it
/// waits in a thread of its own, which is left behind when the time is up: by then everything that was taken is in
/// the log, whatever becomes of the group.
pub(super) fn leave<C: ConsumerContext + 'static>(
    consumer: BaseConsumer<C>,
    source: &str,
    patience: Duration,
) -> bool {
    let (left, has_left) = channel::<()>();
    let leaving = std::thread::Builder::new().name("kafka-leave".to_owned()).spawn(move || {
        drop(consumer);
        drop(left);
    });
    if let Err(error) = leaving {
        tracing::warn!(source, %error, "kafka: the group was left without a thread");
    }
    let in_time = has_left.recv_timeout(patience) != Err(RecvTimeoutError::Timeout);
    if !in_time {
        tracing::warn!(source, ?patience, "kafka: the group does not let this member go: it is left behind");
    }
    in_time
}

#[cfg(test)]
mod tests {
    use super::*;
    use rdkafka::client::ClientContext;
    use rdkafka::config::ClientConfig;
    use rdkafka::consumer::Consumer as _;
    use rdkafka::mocking::MockCluster;
    use rdkafka::topic_partition_list::TopicPartitionList;
    use rdkafka::types::RDKafkaRespErr;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Instant;

    /// Takes partitions and gives none back, so that a close has no end.
    struct Keeps {
        gives_back: bool,
        has_some: AtomicBool,
    }

    impl ClientContext for Keeps {}

    impl ConsumerContext for Keeps {
        fn rebalance(
            &self,
            consumer: &BaseConsumer<Self>,
            why: RDKafkaRespErr,
            list: &mut TopicPartitionList,
        ) {
            if why == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
                consumer.assign(list).unwrap();
                self.has_some.store(true, Ordering::Release);
            } else if self.gives_back {
                consumer.unassign().unwrap();
            }
        }
    }

    fn member(brokers: &str, gives_back: bool) -> BaseConsumer<Keeps> {
        let consumer: BaseConsumer<Keeps> = ClientConfig::new()
            .set("bootstrap.servers", brokers)
            .set("group.id", format!("leaving-{gives_back}"))
            .create_with_context(Keeps { gives_back, has_some: AtomicBool::new(false) })
            .unwrap();
        consumer.subscribe(&["spans"]).unwrap();
        let begin = Instant::now();
        while !consumer.context().has_some.load(Ordering::Acquire) {
            assert!(begin.elapsed() < Duration::from_mins(2), "nothing was assigned");
            drop(consumer.poll(Duration::from_millis(100)));
        }
        consumer
    }

    #[test]
    fn a_group_that_does_not_let_go_is_left_behind() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("spans", 1, 1).unwrap();
        let brokers = cluster.bootstrap_servers();
        assert!(leave(member(&brokers, true), "test", Duration::from_mins(2)));
        assert!(!leave(member(&brokers, false), "test", Duration::from_secs(1)));
        // The thread that was left behind still speaks to it.
        std::mem::forget(cluster);
    }
}
