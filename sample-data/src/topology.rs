//! The twelve services, where they run and what they are called.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use opentelemetry::KeyValue;

use crate::calendar::Venue;
use crate::limits::Limits;
use crate::schedule::{Release, Schedule};

/// A service of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Service {
    /// The public door.
    Gateway,
    /// Sessions and permissions.
    Auth,
    /// Order intake.
    Order,
    /// Pre-trade limits.
    Risk,
    /// Routes orders to the venue.
    Execution,
    /// Cash balances and reservations.
    Wallet,
    /// Deposits and withdrawals.
    Payments,
    /// Double-entry books.
    Ledger,
    /// Positions.
    Portfolio,
    /// Quotes.
    MarketData,
    /// Identity checks.
    Kyc,
    /// Push and e-mail.
    Notification,
}

/// What is fixed about a service.
pub(crate) struct Profile {
    /// `service.name`.
    pub(crate) name: &'static str,
    /// The version running before any release of the schedule.
    pub(crate) version: &'static str,
    /// Database the service keeps, if any.
    pub(crate) database: Option<&'static str>,
    /// Instances per region.
    pub(crate) instances: u8,
    /// Queue the service works off, if any.
    pub(crate) queue: Option<&'static str>,
}

const PROFILES: [Profile; 12] = [
    profile("gateway", "5.12.0", None, 2, None),
    profile("auth", "4.2.7", Some("auth"), 1, None),
    profile("order", "2.30.4", Some("orders"), 2, None),
    profile("risk", "1.17.2", Some("limits"), 1, None),
    profile("execution", "3.8.0", Some("executions"), 1, Some("orders.accepted")),
    profile("wallet", "2.9.3", Some("wallets"), 1, None),
    profile("payments", "3.4.1", Some("payments"), 1, None),
    profile("ledger", "1.22.0", Some("ledger"), 1, Some("executions.filled")),
    profile("portfolio", "1.8.4", Some("positions"), 1, None),
    profile("market-data", "6.1.5", None, 1, None),
    profile("kyc", "1.4.9", Some("identities"), 1, None),
    profile("notification", "2.0.11", Some("preferences"), 1, Some("notifications")),
];

const fn profile(
    name: &'static str,
    version: &'static str,
    database: Option<&'static str>,
    instances: u8,
    queue: Option<&'static str>,
) -> Profile {
    Profile { name, version, database, instances, queue }
}

impl Service {
    /// All twelve.
    pub const ALL: [Self; 12] = [
        Self::Gateway,
        Self::Auth,
        Self::Order,
        Self::Risk,
        Self::Execution,
        Self::Wallet,
        Self::Payments,
        Self::Ledger,
        Self::Portfolio,
        Self::MarketData,
        Self::Kyc,
        Self::Notification,
    ];

    /// `service.name`.
    pub fn name(self) -> &'static str {
        self.profile().name
    }

    pub(crate) fn profile(self) -> &'static Profile {
        &PROFILES[self as usize]
    }
}

/// One running instance of one version of a service: an OpenTelemetry resource.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Which service.
    pub service: Service,
    /// `service.version`.
    pub version: &'static str,
    /// The market it serves, hence its region.
    pub venue: Venue,
    /// Which of the region's instances, from 0.
    pub ordinal: u8,
}

impl Instance {
    /// Resource attributes by the semantic conventions.
    pub fn attributes(&self) -> Vec<KeyValue> {
        let (name, zone) = (self.service.name(), region(self.venue));
        let pod = format!("{name}-{}-{}", self.version.replace('.', ""), self.ordinal);
        vec![
            KeyValue::new("service.name", name),
            KeyValue::new("service.namespace", "platform"),
            KeyValue::new("service.version", self.version),
            KeyValue::new("service.instance.id", format!("{pod}.{zone}")),
            KeyValue::new("deployment.environment.name", "production"),
            KeyValue::new("cloud.provider", "aws"),
            KeyValue::new("cloud.region", zone),
            KeyValue::new(
                "host.name",
                format!("ip-10-{}-{}-{}", zone.len(), self.service as u8, self.ordinal + 10),
            ),
            KeyValue::new("k8s.pod.name", pod),
            KeyValue::new("telemetry.sdk.language", "rust"),
        ]
    }
}

/// The region that serves a market.
pub fn region(venue: Venue) -> &'static str {
    match venue {
        Venue::Xnys => "us-east-1",
        Venue::Xnse => "ap-south-1",
    }
}

/// Every instance that runs at some time of the run; records name one by index.
#[derive(Clone, Debug)]
pub struct Topology {
    instances: Vec<Instance>,
    releases: Vec<Release>,
    /// Services whose instances serve all regions, with how many there are.
    replicas: BTreeMap<Service, u8>,
}

impl Topology {
    /// The instances of a schedule's versions. A service with limited cores has
    /// as many as the limit says, in both regions by turns.
    pub fn new(schedule: &Schedule, limits: &Limits) -> Self {
        let replicas: BTreeMap<_, _> = limits
            .cpus
            .iter()
            .map(|(service, cpu)| (*service, u8::try_from(cpu.replicas.get()).unwrap_or(u8::MAX)))
            .collect();
        let mut instances = Vec::new();
        for service in Service::ALL {
            let mut versions = vec![service.profile().version];
            for release in schedule.releases.iter().filter(|r| r.service == service) {
                if !versions.contains(&release.version) {
                    versions.push(release.version);
                }
            }
            for version in versions {
                if let Some(count) = replicas.get(&service) {
                    instances.extend(
                        (0..*count).zip(Venue::ALL.into_iter().cycle()).map(|(ordinal, venue)| Instance {
                            service,
                            version,
                            venue,
                            ordinal,
                        }),
                    );
                    continue;
                }
                for venue in Venue::ALL {
                    for ordinal in 0..service.profile().instances {
                        instances.push(Instance { service, version, venue, ordinal });
                    }
                }
            }
        }
        Self { instances, releases: schedule.releases.clone(), replicas }
    }

    /// All instances; a record's `resource` is an index into them.
    pub fn instances(&self) -> &[Instance] {
        &self.instances
    }

    /// The version of `service` that serves at `t`.
    pub fn version(&self, service: Service, t: DateTime<Utc>) -> &'static str {
        let live = self.releases.iter().rfind(|r| r.service == service && r.at <= t);
        live.map_or(service.profile().version, |r| r.version)
    }

    /// Index of the instance that takes a request at `t`; `pick` chooses among equals.
    pub fn instance(&self, service: Service, venue: Venue, t: DateTime<Utc>, pick: u8) -> u16 {
        let shared = self.replicas.get(&service).copied();
        let ordinal = pick % shared.unwrap_or(service.profile().instances).max(1);
        let version = self.version(service, t);
        self.instances
            .iter()
            .position(|i| {
                i.service == service
                    && (shared.is_some() || i.venue == venue)
                    && i.ordinal == ordinal
                    && i.version == version
            })
            .expect("invariant: every version of the schedule has its instances") as u16
    }
}
