//! A cluster, a node that reads from it, and what it stores.

pub(crate) mod broker;
pub(crate) mod metrics;

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use headroom_ingest::{AuthRefusal, Authenticator, Ingest, IngestConfig};
use headroom_kafka::{KafkaConfig, KafkaSources};
use headroom_store::{ManualClock, Store};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{DefaultProducerContext, FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, TopicPartitionList};

pub(crate) type Cluster = MockCluster<'static, DefaultProducerContext>;

pub(crate) fn cluster(topics: &[(&str, i32)]) -> Cluster {
    cluster_of(1, topics)
}

pub(crate) fn cluster_of(brokers: i32, topics: &[(&str, i32)]) -> Cluster {
    let cluster = MockCluster::new(brokers).unwrap();
    for (name, partitions) in topics {
        cluster.create_topic(name, *partitions, brokers).unwrap();
    }
    cluster
}

/// The time of all tests: near the real one, for the store's TTL goes by that.
pub(crate) fn now() -> DateTime<Utc> {
    static NOW: LazyLock<DateTime<Utc>> =
        LazyLock::new(|| DateTime::from_timestamp(Utc::now().timestamp(), 0).unwrap());
    *NOW
}

/// A source of one topic of spans.
pub(crate) fn source(brokers: &str, change: &serde_json::Value) -> KafkaConfig {
    let mut config = serde_json::json!({
        "brokers": brokers, "group": "readers",
        "topics": [{"name": "spans", "content": "otlp_traces"}],
        "commit_interval_ms": 3_600_000,
        // A group waits nearly as long for its members to come again.
        "properties": {"session.timeout.ms": "6000", "heartbeat.interval.ms": "500"},
    });
    config.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    serde_json::from_value(config).unwrap()
}

struct Nobody;

impl Authenticator for Nobody {
    fn tenant(&self, _: Option<&str>) -> Result<String, AuthRefusal> {
        Err(AuthRefusal::Unknown)
    }
}

pub(crate) struct Node {
    // Dropped in this order, as in a crash: the source first.
    pub(crate) sources: KafkaSources,
    pub(crate) ingest: Ingest,
    pub(crate) clock: Arc<ManualClock>,
}

pub(crate) fn ingest_config(dir: &Path) -> IngestConfig {
    IngestConfig {
        grpc_listen: "127.0.0.1:0".parse().unwrap(),
        http_listen: "127.0.0.1:0".parse().unwrap(),
        data_dir: dir.to_owned(),
        slice_max_age: Duration::from_millis(50),
        ..IngestConfig::default()
    }
}

pub(crate) async fn ingest(config: IngestConfig, store: &Store) -> (Ingest, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(now()));
    (Ingest::start(config, store.clone(), Arc::new(Nobody), clock.clone()).await.unwrap(), clock)
}

pub(crate) async fn node(dir: &Path, store: &Store, source: &KafkaConfig) -> Node {
    let (ingest, clock) = ingest(ingest_config(dir), store).await;
    let sources = KafkaSources::start(std::slice::from_ref(source), &ingest.intake(), "acme").unwrap();
    Node { sources, ingest, clock }
}

/// The longest that anything may take.
pub(crate) const LONGEST: Duration = Duration::from_mins(2);

/// Waits until `done`; `what` is to be.
pub(crate) async fn until(what: &str, mut done: impl FnMut() -> bool) {
    let begin = std::time::Instant::now();
    while !done() {
        assert!(begin.elapsed() < LONGEST, "not within {LONGEST:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Node {
    /// Spans that were accepted since the start.
    pub(crate) fn spans(&self) -> u64 {
        self.ingest.status().accepted.traces
    }

    /// Waits until `done` of what was accepted since the start: spans, log records.
    pub(crate) async fn until(&self, what: &str, done: impl Fn(u64, u64) -> bool) {
        let begin = std::time::Instant::now();
        loop {
            let accepted = self.ingest.status().accepted;
            if done(accepted.traces, accepted.logs) {
                return;
            }
            assert!(
                begin.elapsed() < LONGEST,
                "not within {LONGEST:?}: {what}; {:?}, {}",
                accepted,
                self.ingest.status().summary()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until nothing is left for the store.
    pub(crate) async fn settled(&self) {
        until("the store catches up", || self.ingest.status().backlog_bytes == 0).await;
    }

    /// The next offset of a partition that the log of a node in `group` wants.
    pub(crate) fn next(&self, group: &str, topic: &str, partition: i32) -> u64 {
        let source = format!("kafka/kafka/{group}");
        self.ingest.intake().position(&source, topic, partition).unwrap().unwrap_or(0)
    }

    /// Messages of a topic, read by a group of its name, that the log has ever taken from
    /// partitions that begin at 0.
    pub(crate) fn taken(&self, topic: &str, partitions: i32) -> u64 {
        (0..partitions).map(|partition| self.next(topic, topic, partition)).sum()
    }

    /// Ends as in a crash: nothing is committed, and nothing finished.
    pub(crate) async fn kill(self) {
        let killed = tokio::task::spawn_blocking(move || drop(self));
        tokio::time::timeout(LONGEST, killed).await.expect("it does not even die").unwrap();
    }

    pub(crate) async fn drain(self) {
        let drained = async move {
            self.sources.drain().await;
            self.ingest.drain().await;
        };
        tokio::time::timeout(LONGEST, drained).await.expect("it does not end in good order");
    }
}

/// A request of one span, with the id `n`.
pub(crate) fn span(n: u64) -> Vec<u8> {
    let end = now().timestamp_nanos_opt().unwrap() as u64 - 1_000_000_000;
    let span = Span {
        trace_id: u128::from(n + 1).to_be_bytes().to_vec(),
        span_id: (n + 1).to_be_bytes().to_vec(),
        name: "consume".into(),
        kind: 5,
        start_time_unix_nano: end - 1_000_000,
        end_time_unix_nano: end,
        ..Span::default()
    };
    let scope_spans = vec![ScopeSpans { spans: vec![span], ..ScopeSpans::default() }];
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }],
    }
    .encode_to_vec()
}

pub(crate) fn producer(brokers: &str) -> FutureProducer {
    ClientConfig::new()
        .set("bootstrap.servers", brokers)
        // Not every broker can be read from the middle of a batch: that is no subject here.
        .set("batch.num.messages", "1")
        .set("message.timeout.ms", "60000")
        .create()
        .unwrap()
}

/// Sends messages, spread over the topic's partitions.
pub(crate) async fn produce(brokers: &str, topic: &str, partitions: i32, messages: Vec<Vec<u8>>) {
    let producer = producer(brokers);
    let sends = messages.iter().zip((0..partitions).cycle()).map(|(message, partition)| {
        let record: FutureRecord<'_, [u8], [u8]> =
            FutureRecord::to(topic).payload(message.as_slice()).key(b"key".as_slice()).partition(partition);
        producer.send(record, Duration::from_secs(30))
    });
    let sent = tokio::time::timeout(LONGEST, futures::future::join_all(sends)).await;
    for sent in sent.expect("messages are sent") {
        sent.unwrap();
    }
}

/// What a group has committed of all partitions of a topic together.
pub(crate) fn committed(brokers: &str, group: &str, topic: &str, partitions: i32) -> u64 {
    let asking: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", brokers).set("group.id", group).create().unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_range(topic, 0, partitions - 1);
    let Ok(list) = asking.committed_offsets(list, Duration::from_secs(10)) else { return 0 };
    list.elements().iter().map(|e| e.offset().to_raw().map_or(0, |offset| offset.max(0) as u64)).sum()
}

/// Spans that are stored, and their distinct ids.
pub(crate) async fn stored(store: &Store) -> (u64, u64) {
    let sql = format!("SELECT count(), uniqExact(span_id) FROM {}", store.table("spans"));
    store.rows::<(u64, u64)>(&sql).await.unwrap()[0]
}
