//! A real broker, if this machine has one.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;

use super::LONGEST;

/// Starts and stops a broker on this machine, where there is such a tool.
const TOOL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/bin/real-kafka");

/// A broker that tests share while one of them needs it.
pub(crate) struct Broker {
    pub(crate) address: String,
    /// Where its data is, if it was started here.
    data: Option<PathBuf>,
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(data) = &self.data {
            let stopped = Command::new(TOOL).arg("stop").arg(data).status();
            if !stopped.is_ok_and(|status| status.success()) {
                eprintln!("the broker in {} was not stopped", data.display());
            }
            drop(std::fs::remove_dir_all(data));
        }
    }
}

/// The broker that `HEADROOM_TEST_KAFKA` names, or one that is started here.
pub(crate) fn broker() -> Option<Arc<Broker>> {
    static SHARED: Mutex<Weak<Broker>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(broker) = shared.upgrade() {
        return Some(broker);
    }
    let broker = Arc::new(match std::env::var("HEADROOM_TEST_KAFKA") {
        Ok(address) => Broker { address, data: None },
        Err(_) => start()?,
    });
    *shared = Arc::downgrade(&broker);
    Some(broker)
}

fn start() -> Option<Broker> {
    if !Path::new(TOOL).exists() {
        eprintln!("SKIPPED: no real broker: HEADROOM_TEST_KAFKA names none, and there is no {TOOL}");
        return None;
    }
    let data = std::env::temp_dir().join(format!("headroom-test-kafka-{}", std::process::id()));
    let started = Command::new(TOOL).arg("start").arg(&data).output().unwrap();
    let said = String::from_utf8_lossy(&started.stderr);
    assert!(started.status.success(), "{TOOL} start: {said}");
    let address = String::from_utf8(started.stdout).unwrap().trim().to_owned();
    Some(Broker { address, data: Some(data) })
}

impl Broker {
    fn admin(&self) -> AdminClient<DefaultClientContext> {
        ClientConfig::new().set("bootstrap.servers", &self.address).create().unwrap()
    }

    /// Makes a topic with a name of its own.
    pub(crate) async fn topic(&self, name: &str, partitions: i32) -> String {
        let topic = format!("{name}-{}", std::process::id());
        self.make(&topic, partitions).await;
        topic
    }

    /// Makes a topic.
    pub(crate) async fn make(&self, topic: &str, partitions: i32) {
        let new = [NewTopic::new(topic, partitions, TopicReplication::Fixed(1))];
        let (admin, options) = (self.admin(), AdminOptions::new());
        let made = tokio::time::timeout(LONGEST, admin.create_topics(&new, &options)).await;
        made.expect("the broker answers").unwrap().remove(0).unwrap();
    }

    /// Deletes a topic.
    pub(crate) async fn delete(&self, topic: &str) {
        let (admin, options) = (self.admin(), AdminOptions::new());
        let deleted = tokio::time::timeout(LONGEST, admin.delete_topics(&[topic], &options)).await;
        deleted.expect("the broker answers").unwrap().remove(0).unwrap();
    }
}
