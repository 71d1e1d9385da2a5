//! What can be typed on the command line.

mod archive;
mod audit;
mod capacity;
mod conformance;
mod contracts;
mod demand;
mod erase;
mod export;
mod load;
mod plan;
mod portfolio;
mod probe;
mod reconcile;
mod report;
mod slo;

pub(crate) use archive::ArchiveCommand;
pub(crate) use audit::{AuditCommand, VerifyTrailArgs};
pub(crate) use capacity::{
    AssessArgs, CapacityCommand, CostArgs, FitArgs, IncidentArgs, LoadTestArgs, MeasuredArgs, Model,
    WallsArgs,
};
pub(crate) use conformance::ConformanceArgs;
pub(crate) use contracts::{ContractsCheckArgs, ContractsCommand};
pub(crate) use demand::{
    BacktestArgs, CalendarArgs, CalendarCheckArgs, CalendarCommand, CalendarImportArgs, CalendarShowArgs,
    DemandArgs, ForecastArgs, StoredArgs,
};
pub(crate) use erase::EraseArgs;
pub(crate) use export::{ExportArgs, ExportForm};
pub(crate) use load::{Compression, LoadArgs, LoadCommand, StoreArgs, VerifyArgs};
pub(crate) use plan::{Form, PlanArgs, PlanCommand, PlanExportArgs, PolicyName, SimulateArgs};
pub(crate) use portfolio::{PortfolioCommand, PortfolioFile, ReturnsArgs, ValueArgs, XirrArgs};
pub(crate) use probe::{ProbeCommand, ProbeRunArgs};
pub(crate) use reconcile::ReconcileArgs;
pub(crate) use report::ReportArgs;
pub(crate) use slo::{SloBacktestArgs, SloCommand, SloLintArgs, SloShowArgs};

use clap::{Args, Parser, Subcommand, ValueEnum};
use headroom_control::Role;
use headroom_sample_data::Ramp;
use std::path::PathBuf;

/// Observability and capacity planning for investment platforms.
#[derive(Debug, Parser)]
#[command(name = "headroom", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Start here:\n  headroom demo                 everything on this machine, with a sample platform\n  \
    headroom check -c FILE        is this configuration right?\n  headroom serve -c FILE        run it"
)]
pub(crate) struct Cli {
    /// How results are printed.
    #[arg(long, global = true, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Plain words.
    Text,
    /// One JSON document on standard output.
    Json,
    /// Lines, of commands that give rows: forecast, backtest.
    Csv,
    /// The same as Parquet.
    Parquet,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a node: all roles, or those named with --role.
    Serve(ServeArgs),
    /// Run everything on this machine on the embedded store, with a sample platform sending data.
    Demo(DemoArgs),
    /// Serve ClickHouse's HTTP interface over libchdb (started by `serve`; rarely by hand).
    Engine(EngineArgs),
    /// Emit a believable investment platform's telemetry over OTLP.
    Sample(SampleArgs),
    /// Create or complete the schema in the store.
    Migrate(MigrateArgs),
    /// Count a past day's rollups again from its spans, each span once.
    Rebuild(RebuildArgs),
    /// Read back what the store really has: versions, retention, deduplication, parts, free disk.
    Doctor(ConfigArgs),
    /// Check a configuration file and say what it means.
    Check(ConfigArgs),
    /// Days that outlive the retention: archive them now, see how they stand, check their files.
    #[command(subcommand)]
    Archive(ArchiveCommand),
    /// Write the rows of a view, archived ones included, or the answer of a statement to a file.
    Export(Box<ExportArgs>),
    /// Move users, tokens, alerts and the audit chain to PostgreSQL, for several nodes.
    #[command(subcommand)]
    Control(ControlCommand),
    /// Take out of the store what tells who a customer is, with a signed proof.
    Erase(Box<EraseArgs>),
    /// The audit trail: verify it, export it, prove a row.
    #[command(subcommand)]
    Audit(Box<AuditCommand>),
    /// Create, list and revoke access tokens.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Create accounts that can sign in to the pages and to SQL.
    #[command(subcommand)]
    User(UserCommand),
    /// Check any OTLP receiver against every duty of the protocol.
    Conformance(Box<ConformanceArgs>),
    /// Send OTLP at a rate, and check that what was acknowledged is stored exactly once.
    Load(Box<LoadArgs>),
    /// Check contracts of business events, and list the built-in ones.
    #[command(subcommand)]
    Contracts(ContractsCommand),
    /// Compare two streams of business events, stored or in files, event by event.
    Reconcile(Box<ReconcileArgs>),
    /// Objectives: check their files, show their budgets, try their alert rules on history.
    #[command(subcommand)]
    Slo(Box<SloCommand>),
    /// Probes: run them now and see what they find.
    #[command(subcommand)]
    Probe(ProbeCommand),
    /// Which service hits its wall next, when, and what moving it costs.
    #[command(subcommand)]
    Capacity(Box<CapacityCommand>),
    /// What demand to expect, as quantiles, from a file or a stored series.
    Forecast(Box<ForecastArgs>),
    /// How good such forecasts would have been, point by point and by kind of event.
    Backtest(Box<BacktestArgs>),
    /// How many replicas are planned when, and why.
    #[command(subcommand)]
    Plan(Box<PlanCommand>),
    /// What ways to scale would have done on recorded demand.
    Simulate(Box<SimulateArgs>),
    /// Sessions of venues and the events that lift demand.
    #[command(subcommand)]
    Calendar(Box<CalendarCommand>),
    /// What a portfolio holds, what it made and what it is worth, from a file.
    #[command(subcommand)]
    Portfolio(Box<PortfolioCommand>),
    /// Write the scalability assessment: bottlenecks, walls, objectives, delivery, cost, roadmap.
    Assess(Box<AssessArgs>),
    /// Write a report about a month: uptime, error budgets, the audit trail, evidence for auditors.
    Report(Box<ReportArgs>),
}

/// Where the configuration is.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConfigArgs {
    /// Configuration file. Any key can be overridden by the environment: HEADROOM__WEB__LISTEN=0.0.0.0:80.
    #[arg(short, long, env = "HEADROOM_CONFIG", default_value = "headroom.toml", value_name = "FILE")]
    pub(crate) config: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Roles of this node, comma-separated. Several nodes can share one ClickHouse and scale apart.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = NodeRole::ALL)]
    pub(crate) role: Vec<NodeRole>,
}

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NodeRole {
    /// Receive OTLP, keep it durably, write it to the store.
    Ingest,
    /// Answer SQL over the Postgres protocol.
    Query,
    /// Measure objectives, page, deliver webhooks; keep what moved in portfolios.
    Alerts,
    /// Forecast demand and plan replicas.
    Models,
    /// Run the probes.
    Probes,
    /// Serve the pages and the HTTP API.
    Web,
}

impl NodeRole {
    pub(crate) const ALL: [Self; 6] =
        [Self::Ingest, Self::Query, Self::Alerts, Self::Models, Self::Probes, Self::Web];

    /// As it is written on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Folder for everything the demo writes. A second run goes on where the first one ended.
    #[arg(long, default_value = ".headroom/demo", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Shift every port: web N, OTLP gRPC N+1, OTLP HTTP N+2, Postgres N+3, store N+4, scaler N+5, Flight SQL N+6.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1024..65530))]
    pub(crate) ports_from: Option<u16>,
    /// Start empty: no sample platform.
    #[arg(long)]
    pub(crate) no_sample: bool,
    /// History that the sample platform fills in first.
    #[arg(long, default_value = "14d", value_name = "SPAN", value_parser = parse_span)]
    pub(crate) backfill: std::time::Duration,
    #[command(flatten)]
    pub(crate) platform: PlatformArgs,
}

#[derive(Debug, Args)]
pub(crate) struct EngineArgs {
    /// Folder of the tables.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Loopback address to serve on; `inherited` means the parent's socket, handed over as standard output.
    #[arg(long, default_value = "127.0.0.1:8123", value_name = "ADDRESS")]
    pub(crate) listen: String,
    /// The libchdb.so to load (default: HEADROOM_LIBCHDB, then the cache).
    #[arg(long, value_name = "FILE")]
    pub(crate) libchdb: Option<PathBuf>,
    /// Connections into the engine, which is how many queries run at once.
    #[arg(long, default_value_t = 8, value_name = "N")]
    pub(crate) connections: usize,
    /// Remove the folder at the end (tests).
    #[arg(long, hide = true)]
    pub(crate) ephemeral: bool,
}

/// The sample platform.
#[derive(Debug, Clone, Args)]
pub(crate) struct PlatformArgs {
    /// The same seed gives the same customers, prices and incidents.
    #[arg(long, default_value_t = 42)]
    pub(crate) seed: u64,
    /// Traces a second in live mode at an ordinary moment of a trading session; the history's own level
    /// when absent.
    #[arg(long, value_name = "TRACES")]
    pub(crate) rate: Option<f64>,
    /// Traces a minute, on average, in the history that is filled in.
    #[arg(long, default_value_t = 12.0, value_name = "TRACES")]
    pub(crate) backfill_rate: f64,
    /// Connections, locks and cores that requests queue for, as a TOML file; `headroom sample --help`
    /// shows one. Without it nothing saturates.
    #[arg(long, value_name = "FILE")]
    pub(crate) limits: Option<PathBuf>,
    /// Leave out the incidents: the bad release of `order` and the slow bank.
    #[arg(long)]
    pub(crate) no_incidents: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "A file of limits gives the platform a wall; any part may be left out:\n\n  \
    [pool.order]                  # connections to the database of the service `order`\n  \
    size = 6\n  \
    hold_ms = 40                  # mean time of a statement; or factor = 2: its own time, doubled\n  \
    distribution = \"exponential\"  # or \"lognormal\"; the former when absent\n  \
    timeout_ms = 10000            # a longer wait fails with status 503; 10000 when absent\n\n  \
    [lock.risk]                   # one request at a time\n  \
    hold_ms = 5                   # distribution and timeout_ms as above\n\n  \
    [cpu.gateway]\n  \
    replicas = 2                  # instances of the service, over all regions\n  \
    cores = 2                     # of each\n  \
    work_ms = 3                   # mean CPU time of a request; the rest as above\n\n\
    Examples:\n  \
    headroom sample --backfill 14d --live\n  \
    headroom sample --backfill 30m --ramp 5..20 --limits limits.toml --no-incidents\n  \
    headroom sample --live --ramp 20..80/8 --ramp-over 40m --limits limits.toml --no-incidents")]
pub(crate) struct SampleArgs {
    /// OTLP gRPC endpoint to send to.
    #[arg(long, default_value = "http://127.0.0.1:4317", value_name = "URL")]
    pub(crate) endpoint: String,
    /// Ingest token.
    #[arg(long, env = "HEADROOM_INGEST_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// Fill this much history first, for example 14d, 6h.
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    pub(crate) backfill: Option<std::time::Duration>,
    /// Go on in real time until interrupted.
    #[arg(long)]
    pub(crate) live: bool,
    /// Traces a second that take this course instead of the trading sessions', the mix of traces staying
    /// the same: 5..40 rises evenly, 5..40/8 in eight stages. The last level stays.
    #[arg(long, value_name = "FROM..TO")]
    pub(crate) ramp: Option<Ramp>,
    /// How long the ramp takes, from the start of the run; the backfill when absent, or 30m without one.
    #[arg(long, value_name = "SPAN", value_parser = parse_span, requires = "ramp")]
    pub(crate) ramp_over: Option<std::time::Duration>,
    #[command(flatten)]
    pub(crate) platform: PlatformArgs,
}

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Print the statements that would run, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RebuildArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The day, UTC, such as 2026-11-24. It must be over, and no spans of it may arrive meanwhile.
    #[arg(long, value_name = "DAY")]
    pub(crate) day: chrono::NaiveDate,
    /// Only this table: `span_minute`, `latency_buckets_1m`, exemplars or `trace_bounds`.
    #[arg(long, value_name = "TABLE")]
    pub(crate) table: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ControlCommand {
    /// Copy everything in a SQLite file into the empty PostgreSQL database of control.url, and verify the audit chain there.
    Copy {
        #[command(flatten)]
        config: ConfigArgs,
        /// The SQLite file; without it control.db in data_dir. The node that used it must be stopped.
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Create a token; it is printed once and stored only as a hash.
    Create {
        #[command(flatten)]
        config: ConfigArgs,
        /// What the token may do: ingest, agent, sre, analyst, lead or admin.
        #[arg(long)]
        role: Role,
        /// A name to recognise it by.
        #[arg(long, default_value = "cli")]
        name: String,
    },
    /// List the tokens (never the secrets).
    List {
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Revoke a token by its name or id.
    Revoke {
        #[command(flatten)]
        config: ConfigArgs,
        /// Name or id as `token list` prints it.
        token: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Create an account; the password is read from standard input.
    Create {
        #[command(flatten)]
        config: ConfigArgs,
        /// Sign-in name.
        name: String,
        /// What the account may do: agent, sre, analyst, lead or admin.
        #[arg(long)]
        role: Role,
    },
}

/// Reads `90s`, `15m`, `6h`, `14d` or `2w`.
fn parse_span(text: &str) -> Result<std::time::Duration, String> {
    let wrong =
        || format!("'{text}' is not a span of time: write a whole number and s, m, h, d or w, as in 14d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return Err(wrong()),
    };
    let count: u64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    count.checked_mul(seconds).filter(|s| *s > 0).map(std::time::Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn spans_of_time_are_read_and_nonsense_is_refused() {
        assert_eq!(parse_span("14d"), Ok(std::time::Duration::from_hours(14 * 24)));
        for wrong in ["", "14", "d", "-3h", "0d", "1.5h", "99999999999999999999w", "3µ"] {
            assert!(parse_span(wrong).is_err(), "{wrong} should be refused");
        }
    }
}
