//! A running node: its parts, started in order and drained in reverse.

pub(crate) mod archive;
mod audit;
mod control;
mod leader;
mod moves;
mod probes;
mod scaler;
mod store;
mod web;

pub(crate) use audit::Signer;
pub(crate) use store::StoreHandle;

use crate::cli::NodeRole;
use crate::config::Config;
use crate::doors::Doors;
use crate::lock::DataLock;
use crate::telemetry::Telemetry;
use anyhow::{Result, ensure};
use headroom_alerts::{Alerts, MarketEvents};
use headroom_capacity::Answers;
use headroom_control::{Control, Leadership};
use headroom_dashboards::NodeFacts;
use headroom_ingest::Ingest;
use headroom_kafka::KafkaSources;
use headroom_models::{CalendarBoard, CalendarKeeper, ForecastLoop};
use headroom_query::slo::SloSet;
use headroom_sql::SqlConfig;
use headroom_store::{Clock, SystemClock};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What runs in this process.
pub(crate) struct Node {
    config: Config,
    pub(crate) control: Control,
    store: StoreHandle,
    /// Stopped before `ingest`, which they feed.
    kafka: Option<KafkaSources>,
    /// Running probes, and what ends them.
    prober: Mutex<Option<(CancellationToken, JoinHandle<()>)>>,
    ingest: Option<Ingest>,
    calendar: Arc<CalendarBoard>,
    slos: Arc<SloSet>,
    clock: Arc<dyn Clock>,
    addresses: Vec<(&'static str, SocketAddr)>,
    /// What it does by now.
    running: Arc<Mutex<Vec<NodeRole>>>,
    /// Cancelled first: no new work from outside.
    doors_closed: CancellationToken,
    /// Cancelled after the doors: background loops.
    stop: CancellationToken,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    _lock: DataLock,
}

impl Node {
    /// Starts the parts of `roles`, in the order in which they need each other.
    ///
    /// # Errors
    /// The first part that cannot start, in one sentence that says what to do.
    pub(crate) async fn start(config: &Config, roles: &[NodeRole], telemetry: &Telemetry) -> Result<Self> {
        let lock = DataLock::take(&config.data_dir)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = StoreHandle::open(config).await?;
        store.migrate(config).await?;
        let control = control::open(config).await?;
        let doors = Doors::new(config, control.clone());
        let (doors_closed, stop) = (CancellationToken::new(), CancellationToken::new());
        let running = Arc::new(Mutex::new(roles.to_vec()));
        let mut addresses = Vec::new();
        let tasks = Mutex::new(Vec::new());

        let ingest = if roles.contains(&NodeRole::Ingest) {
            let part = Ingest::start(
                config.ingest.clone(),
                store.store().clone(),
                Arc::new(doors.clone()),
                Arc::clone(&clock),
            )
            .await?;
            addresses.push(("otlp grpc", part.grpc_addr()));
            addresses.push(("otlp http", part.http_addr()));
            Some(part)
        } else {
            None
        };

        let limits = SqlConfig {
            deadline_s: config.sql.statement_timeout_seconds,
            unread_timeout_s: config.sql.unread_timeout_seconds,
            login_timeout_s: config.sql.login_timeout_seconds,
            connections: config.sql.connections,
            connections_per_tenant: config.sql.connections_per_tenant,
            connections_per_user: config.sql.connections_per_user,
            concurrent: config.sql.concurrent,
            concurrent_per_user: config.sql.concurrent_per_user,
            read_rows: config.sql.read_rows,
            cache_bytes: config.sql.cache_bytes,
            roles: config.sql.roles.clone(),
            tls: config.sql.tls.clone(),
            ..SqlConfig::default()
        };
        let slos = Arc::new(config.objectives()?);
        let capacity = Answers::new(
            store.store().clone(),
            &config.tenant,
            Arc::new(config.capacity.clone()),
            Arc::clone(&clock),
        );
        let facts = NodeFacts {
            control: control.clone(),
            store: store.store().clone(),
            slos: Arc::clone(&slos),
            capacity: capacity.clone(),
            clock: Arc::clone(&clock),
            tenant: config.tenant.clone(),
        };
        let sql = archive::door(config, store.store(), limits, &clock)?
            .recording(Arc::new(doors.clone()))
            .telling(Arc::new(facts));
        if roles.contains(&NodeRole::Query) {
            let server =
                sql.serve_postgres(config.sql.listen, Arc::new(doors.clone()), doors_closed.clone()).await?;
            addresses.push(("postgres", server.addr()));
            if let Some(listen) = config.sql.flight_listen {
                let server = sql.serve_flight(listen, Arc::new(doors.clone()), doors_closed.clone()).await?;
                addresses.push(("flight sql", server.addr()));
            }
        }

        let follows = [NodeRole::Models, NodeRole::Probes, NodeRole::Web];
        let calendar = if follows.iter().any(|role| roles.contains(role)) {
            let (models, tenant) = (&config.models, config.tenant.as_str());
            let keeper = CalendarKeeper::open(models, control.clone(), tenant, Arc::clone(&clock)).await?;
            let board = keeper.board();
            tasks.lock().expect("no holder panics").push(tokio::spawn(keeper.run(stop.clone())));
            board
        } else {
            Arc::new(CalendarBoard::new(Arc::default()))
        };

        let state = web::state(
            config,
            &store,
            &control,
            &doors,
            sql,
            capacity,
            telemetry,
            ingest.as_ref(),
            &calendar,
            &slos,
            &clock,
            roles,
            &running,
            &doors_closed,
        )?;
        let (address, task) =
            web::serve(config.web.listen, state, roles.contains(&NodeRole::Web), doors_closed.clone())
                .await?;
        addresses.push(("web", address));
        tasks.lock().expect("no holder panics").push(task);

        // A control state of its own has a trail of its own.
        if !control.is_shared() {
            let signing = Signer::open(config, control.clone())?.keep(Arc::clone(&clock), stop.clone());
            tasks.lock().expect("no holder panics").push(signing);
        }

        // Last: a node that cannot start takes no part in a consumer group.
        let kafka = match &ingest {
            Some(ingest) => Some(KafkaSources::start(&config.kafka, &ingest.intake(), &config.tenant)?),
            None => None,
        };

        let node = Self {
            config: config.clone(),
            control,
            store,
            kafka,
            prober: Mutex::new(None),
            ingest,
            calendar,
            slos,
            clock,
            addresses,
            running,
            doors_closed,
            stop,
            tasks,
            _lock: lock,
        };
        node.start_loops(roles)?;
        Ok(node)
    }

    /// Waits until everything accepted so far is in the store, or `patience` is over.
    pub(crate) async fn settled(&self, patience: Duration) -> bool {
        let Some(ingest) = &self.ingest else { return true };
        let started = tokio::time::Instant::now();
        while ingest.status().backlog_slices > 0 || ingest.status().backlog_bytes > 0 {
            if started.elapsed() > patience {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        true
    }

    /// Starts the background loops among `roles`: those that read what others have stored, and probes.
    pub(crate) fn start_loops(&self, roles: &[NodeRole]) -> Result<()> {
        let mut running = self.running.lock().expect("no holder panics");
        let more: Vec<_> = roles.iter().copied().filter(|role| !running.contains(role)).collect();
        running.extend(more);
        drop(running);
        let mut tasks = self.tasks.lock().expect("no holder panics");
        if roles.contains(&NodeRole::Alerts) {
            tasks.push(tokio::spawn(store::watch_drift(
                self.store.examined(),
                self.config.retention,
                self.stop.clone(),
            )));
            let lead = self.stand("alerts")?;
            let (store, control) = (self.store.store().clone(), self.led(lead.as_ref()));
            let (config, clock) = (self.config.alerts.clone(), Arc::clone(&self.clock));
            let (set, tenant) = (Arc::clone(&self.slos), &self.config.tenant);
            let alerts =
                Alerts::start(config, set, store, control, clock, tenant, self.market(), &self.stop)?;
            if self.control.is_shared() {
                let signer = Signer::open(&self.config, self.led(lead.as_ref()))?;
                tasks.push(signer.keep(Arc::clone(&self.clock), self.stop.clone()));
            }
            let (store, clock) = (self.store.store().clone(), Arc::clone(&self.clock));
            if let Some(keeper) = archive::keeper(&self.config, self.store.store())? {
                let (lead, clock) = (self.led(lead.as_ref()), Arc::clone(&self.clock));
                tasks.push(tokio::spawn(archive::keep(keeper, lead, clock, self.stop.clone())));
            }
            tasks.push(tokio::spawn(moves::keep(store, self.led(lead.as_ref()), clock, self.stop.clone())));
            tasks.push(self.start_led(lead, "alerts", alerts.join()));
        }
        if roles.contains(&NodeRole::Models) {
            ensure!(
                self.config.models.notices.channels.is_empty() || roles.contains(&NodeRole::Alerts),
                "models.notices are sent by the role alerts, which this node does not have: add it, or remove the channels"
            );
            let lead = self.stand("models")?;
            let calendar = self.calendar.calendar();
            let (config, clock) = (Arc::new(self.config.models.clone()), Arc::clone(&self.clock));
            let forecasts =
                ForecastLoop::new(self.store.store().clone(), &self.config.tenant, config, calendar, clock)?
                    .following(Arc::clone(&self.calendar))
                    .telling(self.led(lead.as_ref()));
            if let Some(scaler) = self.config.scaler.as_ref().filter(|scaler| scaler.enabled) {
                let policy = scaler.policy(self.config.models.bounds()).map_err(anyhow::Error::msg)?;
                let closed = self.doors_closed.clone();
                tasks.push(scaler::start(scaler, forecasts.board(), policy, closed)?);
            }
            tasks.push(self.start_led(lead, "models", forecasts.run(self.stop.clone())));
        }
        if roles.contains(&NodeRole::Probes) && !self.config.probes.is_empty() {
            let lead = self.stand("probes")?;
            let (intake, leading) = (self.ingest.as_ref().map(Ingest::intake), self.led(lead.as_ref()));
            let prober = probes::start(&self.config, intake, &self.calendar, leading, &self.clock)?;
            let over = CancellationToken::new();
            let running = over.clone();
            let task = self.start_led(lead, "probes", async move {
                running.cancelled().await;
                prober.drain().await;
            });
            *self.prober.lock().expect("no holder panics") = Some((over, task));
        }
        Ok(())
    }

    /// Stands for the lead of `role` among the nodes that share the control state. One that has it for itself leads.
    fn stand(&self, role: &'static str) -> Result<Option<Leadership>> {
        if !self.control.is_shared() {
            return Ok(None);
        }
        let lead = self.control.leadership(role, &leader::holder(&self.config.data_dir)?);
        leader::campaign(&lead, role, self.clock.now());
        Ok(Some(lead))
    }

    /// The control state for what only a leader does.
    fn led(&self, lead: Option<&Leadership>) -> Control {
        lead.map_or_else(|| self.control.clone(), Leadership::control)
    }

    /// Starts what `lead` is for.
    fn start_led(
        &self,
        lead: Option<Leadership>,
        role: &'static str,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        match lead {
            Some(lead) => tokio::spawn(leader::during(lead, role, Arc::clone(&self.clock), work)),
            None => tokio::spawn(work),
        }
    }

    /// What the calendar says, for alerts. It is the models' calendar: a node without that role tells of none.
    fn market(&self) -> MarketEvents {
        let board = Arc::clone(&self.calendar);
        MarketEvents::new(move |from, to| {
            let events = board.calendar().events(from, to, to);
            let begun = events.into_iter().filter(|event| from <= event.start && event.start <= to);
            begun.map(|event| (event.start, event.name)).collect()
        })
    }

    /// What listens where.
    pub(crate) fn addresses(&self) -> &[(&'static str, SocketAddr)] {
        &self.addresses
    }

    /// The address of the part called `what`.
    pub(crate) fn address(&self, what: &str) -> Option<SocketAddr> {
        self.addresses.iter().find_map(|(name, address)| (*name == what).then_some(*address))
    }

    /// Where autoscalers ask.
    pub(crate) fn scaler(&self) -> Option<SocketAddr> {
        self.config.scaler.as_ref().filter(|scaler| scaler.enabled).map(|scaler| scaler.listen)
    }

    /// The store's HTTP address with its credentials.
    pub(crate) fn store_url(&self) -> String {
        self.store.url_with_credentials()
    }

    /// Stops taking work, finishes what was taken, and leaves clean data behind.
    pub(crate) async fn drain(self) {
        let prober = self.prober.lock().expect("no holder panics").take();
        // Probes first: one of this node's own doors would find it closed.
        let probes_over = async {
            if let Some((over, task)) = prober {
                over.cancel();
                if let Err(error) = task.await {
                    tracing::error!(%error, "probes ended badly");
                }
            }
        };
        tokio::join!(biased; probes_over, async { self.doors_closed.cancel() });
        if let Some(kafka) = self.kafka {
            kafka.drain().await;
        }
        if let Some(ingest) = self.ingest {
            ingest.drain().await;
        }
        self.stop.cancel();
        let tasks = std::mem::take(&mut *self.tasks.lock().expect("no holder panics"));
        for task in tasks {
            if tokio::time::timeout(Duration::from_secs(10), task).await.is_err() {
                tracing::warn!("a part did not stop within 10 seconds and was left behind");
            }
        }
        self.store.close().await;
    }
}
