//! The web part of a node: what its handlers can reach, and the server.

use super::{StoreHandle, leader};
use crate::cli::NodeRole;
use crate::config::Config;
use crate::doors::Doors;
use crate::telemetry::Telemetry;
use anyhow::{Context as _, Result};
use headroom_alerts::{Actions, Routing};
use headroom_capacity::Answers;
use headroom_control::Control;
use headroom_dashboards::{
    AppState, Board, Live, LookupSettings, NodeSettings, NodeStatus, NotTaken, OverviewKept, Pace, Part,
    Probes, ReplayQuarantine, ReplayRequest, TakeLogs,
};
use headroom_ingest::{Ingest, Intake, IntakeError, Replay, ReplayOrder, Signal, json};
use headroom_models::CalendarBoard;
use headroom_query::slo::SloSet;
use headroom_sql::SqlDoor;
use headroom_store::Clock;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

#[expect(clippy::too_many_arguments, reason = "this is the one place where all parts meet")]
pub(super) fn state(
    config: &Config,
    store: &StoreHandle,
    control: &Control,
    doors: &Doors,
    sql: SqlDoor,
    capacity: Answers,
    telemetry: &Telemetry,
    ingest: Option<&Ingest>,
    calendar: &Arc<CalendarBoard>,
    slos: &Arc<SloSet>,
    clock: &Arc<dyn Clock>,
    roles: &[NodeRole],
    running: &Arc<Mutex<Vec<NodeRole>>>,
    closed: &CancellationToken,
) -> Result<AppState> {
    let prometheus = telemetry.prometheus.clone();
    let node = NodeSettings {
        name: leader::holder(&config.data_dir)?,
        roles: Arc::new({
            let running = Arc::clone(running);
            move || running.lock().expect("no holder panics").iter().map(|role| role.name()).collect()
        }),
        started_at: clock.now(),
        form: store.form(),
        retention: config.retention,
        requests_per_second: config.web.requests_per_second,
        configuration: config.shown(),
        tokens: doors.listed().collect(),
    };
    let doors = doors.clone();
    let replay = ingest.map(|ingest| replay(ingest.replay(), Arc::clone(clock)));
    let take_logs = ingest.map(|ingest| take_logs(ingest.intake()));
    let ingest = ingest.map(Ingest::watch);
    Ok(AppState {
        store: store.store().clone(),
        control: control.clone(),
        static_token: Arc::new(move |token| doors.static_token(token)),
        models: Arc::new(config.models.clone()),
        calendar: Arc::clone(calendar),
        capacity,
        slos: Arc::clone(slos),
        reports: crate::monthly::reports(config, store.store(), control, slos),
        significance: config.alerts.significance,
        alerts: Routing::new(&config.alerts, control.clone(), &config.tenant),
        synthetic: config.probes.clone().into(),
        lookup: LookupSettings {
            catalog: Arc::new(config.lookup.catalog()?),
            escalate_url: config.lookup.escalate_url.clone(),
        },
        actions: Actions::new(&config.alerts, control.clone(), &config.tenant),
        sql,
        pace: Pace::new(config.web.requests_per_second),
        overview: OverviewKept::default(),
        live: Live::new(closed.clone()),
        board: Board::new(control.clone(), store.store().clone(), Arc::clone(clock), closed.clone()),
        clock: Arc::clone(clock),
        probes: Probes {
            metrics: Arc::new(move || {
                prometheus.run_upkeep();
                prometheus.render()
            }),
            replay,
            take_logs,
            tenant: config.tenant.clone(),
            needs_store: roles.iter().any(|role| *role != NodeRole::Ingest),
            status: Arc::new(move || {
                let ingest = ingest.as_ref().map(|watch| watch());
                let parts = ingest
                    .iter()
                    .map(|status| Part {
                        name: "ingest".to_owned(),
                        ready: status.accepting,
                        detail: status.summary(),
                    })
                    .collect();
                NodeStatus {
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    parts,
                    ingest: ingest.and_then(|status| serde_json::to_value(status).ok()),
                }
            }),
        },
        node: Arc::new(node),
        oidc: config.oidc()?,
        secure_cookies: config.web.secure_cookies,
        proxies: config.web.proxies.clone().into(),
    })
}

/// What the pages ask for when quarantined records are to be sent again.
fn replay(replay: Replay, clock: Arc<dyn Clock>) -> ReplayQuarantine {
    Arc::new(move |tenant, request: ReplayRequest| {
        let (replay, to) = (replay.clone(), request.to.unwrap_or_else(|| clock.now()));
        Box::pin(async move {
            let ReplayRequest { reason, from, limit, dry_run, .. } = request;
            let order = ReplayOrder { tenant, reason, from, to, limit, dry_run };
            let report = replay.run(&order).await.map_err(|error| error.to_string())?;
            serde_json::to_value(report).map_err(|error| error.to_string())
        })
    })
}

/// What comes by the API goes the way of everything that is received.
fn take_logs(intake: Intake) -> TakeLogs {
    Arc::new(move |tenant, logs| {
        let intake = intake.clone();
        Box::pin(async move {
            let logs = json::to_protobuf(Signal::Logs, logs.to_string().as_bytes())
                .map_err(|error| NotTaken::Refused(error.to_string()))?;
            match intake.take(&tenant, Signal::Logs, logs.bytes, None).await {
                Ok(taken) if taken.rejected > 0 => Err(NotTaken::Refused(taken.message)),
                Ok(_) => Ok(()),
                Err(IntakeError::Never(why)) => Err(NotTaken::Refused(why)),
                Err(error) => Err(NotTaken::Later(error.to_string())),
            }
        })
    })
}

/// Serves until `closed`; answers under way are finished.
pub(super) async fn serve(
    listen: SocketAddr,
    state: AppState,
    with_pages: bool,
    closed: CancellationToken,
) -> Result<(SocketAddr, JoinHandle<()>)> {
    let listener = TcpListener::bind(listen).await.with_context(|| match listen.port() {
        0 => format!("cannot listen on {listen}: set web.listen to an address of this machine"),
        port => format!("port {port} is not free (web): stop the other program or set web.listen"),
    })?;
    let address = listener.local_addr().context("cannot tell the web address")?;
    let router =
        if with_pages { headroom_dashboards::router(state) } else { headroom_dashboards::operations(state) };
    let task = tokio::spawn(async move {
        let served = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(async move { closed.cancelled().await });
        if let Err(error) = served.await {
            tracing::error!(%error, "the web server ended");
        }
    });
    Ok((address, task))
}
