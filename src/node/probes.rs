//! Probes: where their spans go.

use crate::config::Config;
use anyhow::{Result, bail};
use futures::future::BoxFuture;
use headroom_control::Control;
use headroom_ingest::{Intake, IntakeError, Signal};
use headroom_models::CalendarBoard;
use headroom_probes::{Otlp, Prober, Request, Sink, Unsent};
use headroom_store::Clock;
use prost::Message as _;
use std::sync::Arc;

/// Starts the probes of a node, which run while it leads. Their spans go into its own log, or, where it has none, where its other spans go.
pub(super) fn start(
    config: &Config,
    intake: Option<Intake>,
    calendar: &Arc<CalendarBoard>,
    leading: Control,
    clock: &Arc<dyn Clock>,
) -> Result<Prober> {
    headroom_probes::check_venues(&config.probes, &calendar.calendar())?;
    let telemetry = &config.telemetry;
    let sink: Arc<dyn Sink> = match (intake, &telemetry.otlp_endpoint) {
        (Some(intake), _) => Arc::new(OwnLog(intake)),
        (None, Some(endpoint)) => Arc::new(Otlp::new(endpoint, telemetry.otlp_token.as_deref())?),
        (None, None) => bail!(
            "the spans of probes have nowhere to go: give this node the role ingest, or set telemetry.otlp_endpoint"
        ),
    };
    let calendar = Arc::clone(calendar);
    let venues = Arc::new(move |mic: &str| headroom_probes::venue(&calendar.calendar(), mic));
    let leads = Arc::new(move |now| leading.leads(now));
    Ok(Prober::start(&config.probes, &config.tenant, sink, venues, leads, Arc::clone(clock))?)
}

/// The ingester of this node.
struct OwnLog(Intake);

impl Sink for OwnLog {
    fn send<'a>(&'a self, tenant: &'a str, spans: &'a Request) -> BoxFuture<'a, Result<(), Unsent>> {
        Box::pin(async move {
            match self.0.take(tenant, Signal::Traces, spans.encode_to_vec(), None).await {
                Ok(taken) if taken.rejected == 0 => Ok(()),
                Ok(taken) => Err(Unsent::Never(taken.message)),
                Err(IntakeError::Later { message, wait }) => Err(Unsent::Later { why: message, wait }),
                Err(error) => Err(Unsent::Never(error.to_string())),
            }
        })
    }
}
