//! `headroom plan` and `headroom simulate`.

use super::demand::{DemandArgs, OriginArgs};
use super::parse_span;
use clap::{Args, Subcommand, ValueEnum};
use headroom_models::ServiceCapacity;
use headroom_models::calendar::EventClass;
use headroom_models::forecast::evaluate::Horizon;
use headroom_models::plan::{Costs, Mode};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Subcommand)]
pub(crate) enum PlanCommand {
    /// The steps of the newest stored plan, or of a plan made here from a file.
    Show(PlanShowArgs),
    /// Why so many replicas are planned at a time.
    Explain(PlanExplainArgs),
    /// The steps as manifests or schedules of an autoscaler.
    Export(PlanExportArgs),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 planned, 1 there is no plan (the reason is told), 2 the file cannot be read.\n\n\
    headroom plan show --server http://127.0.0.1:8080 --token hr_sre_...\n\
    headroom plan show requests.csv --calendar xnys --tz America/New_York --requests-per-minute 600 --replica-start 3m"
)]
pub(crate) struct PlanShowArgs {
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
}

#[derive(Debug, Args)]
#[command(
    after_help = "headroom plan explain --service gateway --at 2026-12-09T18:52:00Z --server http://127.0.0.1:8080 --token hr_sre_..."
)]
pub(crate) struct PlanExplainArgs {
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
    /// The moment, RFC 3339 (default: now, or the end of the file).
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<chrono::DateTime<chrono::Utc>>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "headroom plan export --service order --form keda --workload order --namespace trading --address headroom.observability:4320\n\
    headroom plan export requests.csv --calendar xnys --requests-per-minute 600 --form ical > plan.ics"
)]
pub(crate) struct PlanExportArgs {
    #[command(flatten)]
    pub(crate) plan: PlanArgs,
    /// For whom.
    #[arg(long, value_enum)]
    pub(crate) form: Form,
    /// The workload to scale: a deployment, an Auto Scaling group, `cluster/service` of ECS (default: the service).
    #[arg(long, value_name = "NAME")]
    pub(crate) workload: Option<String>,
    /// Namespace of the workload (keda).
    #[arg(long, default_value = "default", value_name = "NAME")]
    pub(crate) namespace: String,
    /// Where the scaler answers in the cluster (keda).
    #[arg(long, default_value = "headroom.headroom:4320", value_name = "HOST:PORT")]
    pub(crate) address: String,
}

/// A form of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// A KEDA ScaledObject.
    Keda,
    /// Scheduled actions of an EC2 Auto Scaling group.
    AwsGroup,
    /// Scheduled actions of AWS Application Auto Scaling (ECS).
    AwsEcs,
    /// Schedules of a Google Cloud managed instance group.
    Gcp,
    /// Profiles of an Azure autoscale setting.
    Azure,
    /// iCalendar.
    Ical,
    /// Lines.
    Csv,
}

/// Which plan: a stored one, or one made from a file.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// CSV or Parquet with the columns ts and value, to plan from; a value is the number of requests in its step.
    /// Without it stored plans are told.
    #[arg(value_name = "FILE", requires = "requests_per_minute")]
    pub(crate) file: Option<PathBuf>,
    /// The service (default: all that are stored; of a file its name).
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    #[command(flatten)]
    pub(crate) origin: OriginArgs,
    /// How far ahead to plan from a file.
    #[arg(long, default_value = "1d", value_name = "SPAN")]
    pub(crate) horizon: Horizon,
    #[command(flatten)]
    pub(crate) capacity: CapacityArgs,
}

impl PlanArgs {
    /// What to forecast where a file is named.
    pub(crate) fn demand(&self) -> Option<DemandArgs> {
        let file = self.file.clone()?;
        Some(DemandArgs { file: Some(file), series: None, origin: self.origin.clone(), model: None })
    }
}

/// What a replica carries, and how fast it comes.
#[derive(Debug, Args)]
pub(crate) struct CapacityArgs {
    /// Requests a minute that one replica serves at its target utilisation.
    #[arg(long, value_name = "N")]
    pub(crate) requests_per_minute: Option<f64>,
    /// The utilisation that the autoscaler keeps.
    #[arg(long, default_value_t = 0.7, value_name = "SHARE")]
    pub(crate) target_utilisation: f64,
    /// Never fewer replicas.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) min_replicas: u32,
    /// Never more replicas.
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub(crate) max_replicas: u32,
    /// From a replica's placement until it serves, 95th percentile.
    #[arg(long, default_value = "2m", value_name = "SPAN", value_parser = parse_span)]
    pub(crate) replica_start: Duration,
    /// Until a new node is there, 95th percentile (default: nodes are there).
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(crate) node_start: Option<Duration>,
    /// Capacity is to be ready so long before the demand.
    #[arg(long, default_value = "5m", value_name = "SPAN", value_parser = parse_span)]
    pub(crate) margin: Duration,
    /// Cost of a request that is not served, where idle capacity for one costs 1.
    #[arg(long, default_value_t = 19.0, value_name = "COST")]
    pub(crate) cost_under: f64,
    /// The same while an event of the calendar lasts (default: as at any other time).
    #[arg(long, value_name = "COST")]
    pub(crate) event_cost_under: Option<f64>,
}

impl CapacityArgs {
    /// The capacity that this says, acted on.
    pub(crate) fn of(&self, requests_per_minute: f64) -> ServiceCapacity {
        let seconds = |span: Duration| u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
        let costs = self.event_cost_under.map(|cost_under| Costs { cost_under, cost_over: 1.0 });
        ServiceCapacity {
            target_utilisation: self.target_utilisation,
            min_replicas: self.min_replicas,
            max_replicas: self.max_replicas,
            lead_seconds: seconds(self.replica_start),
            node_start_seconds: self.node_start.map_or(0, seconds),
            margin_seconds: seconds(self.margin),
            cost_under: self.cost_under,
            classes: costs.iter().flat_map(|costs| EventClass::ALL.map(|class| (class, *costs))).collect(),
            mode: Mode::Act,
            ..ServiceCapacity::per_replica(requests_per_minute)
        }
    }
}

/// Where replicas come from in a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum PolicyName {
    /// The Kubernetes autoscaler alone.
    Reactive,
    /// The same above planned floors, from the past and the calendar only.
    Predictive,
    /// The replicas of the peak, always.
    Static,
    /// The autoscaler above what a perfect forecast would ask for.
    Oracle,
}

#[derive(Debug, Args)]
#[command(after_help = "What is before --from is history for the forecast; the rest is replayed.\n\n\
    headroom simulate --history requests.csv --calendar xnys --tz America/New_York --requests-per-minute 600 --plot out.svg\n\
    headroom simulate --history order --server http://127.0.0.1:8080 --token hr_sre_... --policy reactive,predictive --output json")]
pub(crate) struct SimulateArgs {
    /// CSV or Parquet with the columns ts and value, or the service whose stored requests are replayed.
    #[arg(long, value_name = "FILE|SERVICE")]
    pub(crate) history: String,
    /// The policies to compare.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [PolicyName::Reactive, PolicyName::Predictive, PolicyName::Static, PolicyName::Oracle])]
    pub(crate) policy: Vec<PolicyName>,
    #[command(flatten)]
    pub(crate) origin: OriginArgs,
    /// Take this model instead of the one that does best in a back-test.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// First moment replayed: 2026-06, 2026-06-15 or RFC 3339 (default: after a third of the series).
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Last one, all of that month or day included (default: the end of the series).
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) capacity: CapacityArgs,
    /// Replicas on one node, with --node-start.
    #[arg(long, default_value_t = 10, value_name = "N", requires = "node_start")]
    pub(crate) replicas_per_node: u32,
    /// Draw demand and capacity into this file (.svg).
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
}

impl SimulateArgs {
    /// The series to replay: a file where there is one of that name or it looks like one.
    pub(crate) fn demand(&self) -> DemandArgs {
        let path = PathBuf::from(&self.history);
        let is_file = self.history == "-" || path.extension().is_some() || path.exists();
        DemandArgs {
            file: is_file.then_some(path),
            series: (!is_file).then(|| self.history.clone()),
            origin: self.origin.clone(),
            model: self.model.clone(),
        }
    }
}
