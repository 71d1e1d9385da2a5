//! Settings of the sources.

use std::collections::BTreeMap;
use std::fmt;

use headroom_ingest::Signal;
use rdkafka::Offset;
use serde::{Deserialize, Serialize};

use crate::error::KafkaError;

/// A table of `kafka`: one consumer group on one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KafkaConfig {
    /// The cluster's name in this node's log: positions are kept under it. Give each cluster
    /// its own, and keep it.
    #[serde(default = "kafka")]
    pub name: String,
    /// `host:port` of some brokers, separated by commas.
    pub brokers: String,
    /// The consumer group.
    #[serde(default = "headroom")]
    pub group: String,
    /// Tenant of the topics that do not say; absent: the node's.
    #[serde(default)]
    pub tenant: Option<String>,
    /// What is read.
    pub topics: Vec<TopicConfig>,
    /// Where messages go that can never be stored; absent: to the folder `dead` of the log.
    #[serde(default)]
    pub dead_letter_topic: Option<String>,
    /// The most bytes of one partition that are taken at once.
    #[serde(default = "batch_bytes")]
    pub max_batch_bytes: usize,
    /// The most messages of one partition that are taken at once.
    #[serde(default = "batch_messages")]
    pub max_batch_messages: usize,
    /// How often offsets are committed to the group, in milliseconds.
    #[serde(default = "commit_interval")]
    pub commit_interval_ms: u64,
    /// Further properties of librdkafka, for example `security.protocol`.
    #[serde(default)]
    pub properties: Properties,
}

/// A topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicConfig {
    /// Its name.
    pub name: String,
    /// What its messages are.
    pub content: Content,
    /// How OTLP is written.
    #[serde(default)]
    pub encoding: Encoding,
    /// Whose it is.
    #[serde(default)]
    pub tenant: Option<String>,
}

/// What a topic's messages are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// `ExportTraceServiceRequest`.
    OtlpTraces,
    /// `ExportLogsServiceRequest`.
    OtlpLogs,
    /// `ExportMetricsServiceRequest`.
    OtlpMetrics,
    /// A business event, or an array of them.
    JsonEvents,
}

impl Content {
    /// What it is stored as.
    pub(crate) const fn signal(self) -> Signal {
        match self {
            Self::OtlpTraces => Signal::Traces,
            Self::OtlpLogs | Self::JsonEvents => Signal::Logs,
            Self::OtlpMetrics => Signal::Metrics,
        }
    }
}

/// How OTLP is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Binary.
    #[default]
    Protobuf,
    /// OTLP/JSON.
    Json,
}

/// Properties of librdkafka. Shown without their values: some are passwords.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Properties(pub BTreeMap<String, String>);

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

fn kafka() -> String {
    "kafka".to_owned()
}

fn headroom() -> String {
    "headroom".to_owned()
}

const fn batch_bytes() -> usize {
    4 << 20
}

const fn batch_messages() -> usize {
    10_000
}

const fn commit_interval() -> u64 {
    200
}

/// Properties that the source sets itself: with others, messages would be lost or stored twice.
const OWN: [&str; 7] = [
    "bootstrap.servers",
    "metadata.broker.list",
    "group.id",
    "enable.auto.commit",
    "auto.commit.enable",
    "enable.auto.offset.store",
    "isolation.level",
];

/// Where a partition begins that nobody has read.
pub(crate) const RESET: &str = "auto.offset.reset";

impl KafkaConfig {
    /// Under which positions are kept.
    pub(crate) fn source(&self) -> String {
        format!("kafka/{}/{}", self.name, self.group)
    }

    /// Where a partition begins that nobody has read; `None` if the setting is none of those.
    pub(crate) fn unread(&self) -> Option<Offset> {
        match self.properties.0.get(RESET).map_or("earliest", String::as_str) {
            "smallest" | "earliest" | "beginning" => Some(Offset::Beginning),
            "largest" | "latest" | "end" => Some(Offset::End),
            _ => None,
        }
    }

    fn fault(&self) -> Option<String> {
        if self.brokers.trim().is_empty() {
            return Some("brokers is empty: name at least one as host:port".to_owned());
        }
        if [&self.name, &self.group].iter().any(|text| text.is_empty() || text.contains('/')) {
            return Some("name and group must not be empty or hold a slash".to_owned());
        }
        if self.topics.is_empty() {
            return Some("topics is empty: name at least one topic".to_owned());
        }
        for (at, topic) in self.topics.iter().enumerate() {
            if topic.name.is_empty() || topic.name.starts_with('^') {
                return Some(format!("topic {:?} is no name: patterns are not supported", topic.name));
            }
            if self.topics[..at].iter().any(|other| other.name == topic.name) {
                return Some(format!("topic {} is there twice", topic.name));
            }
            if topic.content == Content::JsonEvents && topic.encoding == Encoding::Json {
                return Some(format!(
                    "topic {}: encoding is for OTLP, json_events are always JSON",
                    topic.name
                ));
            }
            if self.dead_letter_topic.as_ref() == Some(&topic.name) {
                return Some(format!("topic {} is the dead-letter topic too: it would go round", topic.name));
            }
        }
        if !(1024..=64 << 20).contains(&self.max_batch_bytes) {
            return Some("max_batch_bytes must be between 1 KiB and 64 MiB".to_owned());
        }
        if self.unread().is_none() {
            return Some(format!("properties: {RESET} must be earliest or latest"));
        }
        if self.max_batch_messages == 0 {
            return Some("max_batch_messages must be at least 1".to_owned());
        }
        let own = self.properties.0.keys().find(|key| OWN.contains(&key.as_str()));
        own.map(|key| format!("properties must not hold {key}: the source sets it itself"))
    }
}

/// Whether the sources can be started together.
pub(crate) fn check(configs: &[KafkaConfig]) -> Result<(), KafkaError> {
    for (at, config) in configs.iter().enumerate() {
        let wrong = |what| Err(KafkaError::Setting { of: config.source(), what });
        if let Some(what) = config.fault() {
            return wrong(what);
        }
        if configs[..at].iter().any(|other| other.source() == config.source()) {
            return wrong("another table has the same name and group: give one of them another name".into());
        }
    }
    Ok(())
}

impl KafkaConfig {
    /// Whether `configs` can be started together.
    pub fn check(configs: &[Self]) -> Result<(), KafkaError> {
        check(configs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(change: &str) -> Result<KafkaConfig, serde_json::Error> {
        let mut json = serde_json::json!({
            "brokers": "kafka:9092", "topics": [{"name": "spans", "content": "otlp_traces"}],
            "properties": {"sasl.password": "secret"},
        });
        let change: serde_json::Value = serde_json::from_str(change)?;
        let (json_map, change) = (json.as_object_mut().expect("an object"), change);
        json_map.extend(change.as_object().expect("an object").clone());
        serde_json::from_value(json)
    }

    #[test]
    fn defaults_and_secrets() {
        let config = config("{}").expect("valid");
        assert_eq!(
            (config.source().as_str(), config.topics[0].encoding),
            ("kafka/kafka/headroom", Encoding::Protobuf)
        );
        assert!(!format!("{config:?}").contains("secret"));
        assert!(check(std::slice::from_ref(&config)).is_ok());
    }

    #[test]
    fn faults_name_source_and_key() {
        let event = |name: &str| format!(r#"{{"name":"{name}","content":"json_events"}}"#);
        let faults = [
            r#"{"brokers":" "}"#.to_owned(),
            r#"{"group":"a/b"}"#.to_owned(),
            r#"{"topics":[]}"#.to_owned(),
            format!(r#"{{"topics":[{}]}}"#, event("^all")),
            format!(r#"{{"topics":[{},{}]}}"#, event("a"), event("a")),
            r#"{"topics":[{"name":"a","content":"json_events","encoding":"json"}]}"#.to_owned(),
            r#"{"dead_letter_topic":"spans"}"#.to_owned(),
            r#"{"max_batch_bytes":1}"#.to_owned(),
            r#"{"max_batch_messages":0}"#.to_owned(),
            r#"{"properties":{"enable.auto.commit":"true"}}"#.to_owned(),
            r#"{"properties":{"auto.offset.reset":"error"}}"#.to_owned(),
        ];
        let mut shown: Vec<_> = faults
            .iter()
            .map(|change| check(&[config(change).expect("valid")]).expect_err("a fault").to_string())
            .collect();
        let twice = [config("{}").expect("valid"), config("{}").expect("valid")];
        shown.push(check(&twice).expect_err("a fault").to_string());
        insta::assert_snapshot!(shown.join("\n"), @r#"
        kafka/kafka/headroom: brokers is empty: name at least one as host:port
        kafka/kafka/a/b: name and group must not be empty or hold a slash
        kafka/kafka/headroom: topics is empty: name at least one topic
        kafka/kafka/headroom: topic "^all" is no name: patterns are not supported
        kafka/kafka/headroom: topic a is there twice
        kafka/kafka/headroom: topic a: encoding is for OTLP, json_events are always JSON
        kafka/kafka/headroom: topic spans is the dead-letter topic too: it would go round
        kafka/kafka/headroom: max_batch_bytes must be between 1 KiB and 64 MiB
        kafka/kafka/headroom: max_batch_messages must be at least 1
        kafka/kafka/headroom: properties must not hold enable.auto.commit: the source sets it itself
        kafka/kafka/headroom: properties: auto.offset.reset must be earliest or latest
        kafka/kafka/headroom: another table has the same name and group: give one of them another name
        "#);
        assert!(config(r#"{"offset":"latest"}"#).is_err(), "unknown keys are refused");
    }
}
