//! `headroom load`.

use super::parse_span;
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use headroom_load::{Mix, RunId, Target};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:
  headroom load --target http://127.0.0.1:4318 --token hr_ingest_... --rate 50000 --duration 60s
      how does it take 50,000 spans a second?
  headroom load --target grpc://127.0.0.1:4317 --total 10000000 --pid 4711 --children
      as fast as it goes; what does it cost process 4711 and its children?
  headroom load --target http://127.0.0.1:4318 --duration 60s --ledger run.jsonl \\
      --verify --sql http://127.0.0.1:8080 --sql-token hr_analyst_...
      and is what was acknowledged stored exactly once?
  headroom load verify --ledger run.jsonl --clickhouse http://user:password@clickhouse:8123
      the same question later, after a crash for example

Exit code: 0 when everything was acknowledged (and is stored exactly once), 1 when something was
refused, is missing or is stored twice, 2 when it could not be run."
)]
pub(crate) struct LoadArgs {
    #[command(subcommand)]
    pub(crate) command: Option<LoadCommand>,
    /// Where to send: http://HOST:4318, http://HOST:4318/PREFIX or grpc://HOST:4317.
    #[arg(long, required = true, value_name = "URL")]
    pub(crate) target: Option<Target>,
    /// Ingest token.
    #[arg(long, env = "HEADROOM_INGEST_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// Records a second, by a schedule that a slow receiver does not slow down (default: as fast as it goes).
    #[arg(long, value_name = "RECORDS", help_heading = "How much")]
    pub(crate) rate: Option<f64>,
    /// How long to send.
    #[arg(long, value_name = "SPAN", value_parser = parse_span, required_unless_present = "total", help_heading = "How much")]
    pub(crate) duration: Option<Duration>,
    /// Records to send, rounded up to whole bodies; with --duration, whatever comes first.
    #[arg(long, value_name = "RECORDS", help_heading = "How much")]
    pub(crate) total: Option<u64>,
    /// Bodies of each kind in a round: for example traces=8,logs=2,events=1,metrics=1.
    #[arg(long, value_name = "MIX", default_value = "traces=1", value_parser = parse_mix, help_heading = "What")]
    pub(crate) mix: Mix,
    /// Records in a body.
    #[arg(long, value_name = "N", default_value_t = 1_000, help_heading = "What")]
    pub(crate) records_per_body: usize,
    /// How bodies are compressed.
    #[arg(long, value_enum, default_value_t = Compression::None, help_heading = "What")]
    pub(crate) compression: Compression,
    /// The same seed gives the same records, but for ids and times.
    #[arg(long, default_value_t = 1, help_heading = "What")]
    pub(crate) seed: u64,
    /// The name of the run, 16 hexadecimal digits: every trace id begins with it (default: a new one).
    #[arg(long, value_name = "ID", help_heading = "What")]
    pub(crate) run: Option<RunId>,
    /// Connections.
    #[arg(long, value_name = "N", default_value_t = 4, help_heading = "How")]
    pub(crate) connections: usize,
    /// Requests in flight on each connection (over HTTP/1.1 each has a socket of its own).
    #[arg(long, value_name = "N", default_value_t = 4, help_heading = "How")]
    pub(crate) in_flight: usize,
    /// How long to wait for an answer.
    #[arg(long, default_value = "30s", value_name = "SPAN", value_parser = parse_span, help_heading = "How")]
    pub(crate) timeout: Duration,
    /// How long to send a body again that is refused for now or not answered.
    #[arg(long, default_value = "2m", value_name = "SPAN", value_parser = parse_span, help_heading = "How")]
    pub(crate) give_up_after: Duration,
    /// Report CPU time and memory of this process; may be repeated.
    #[arg(long, value_name = "PID", help_heading = "What it costs")]
    pub(crate) pid: Vec<u32>,
    /// Count the children of these processes with them.
    #[arg(long, requires = "pid", help_heading = "What it costs")]
    pub(crate) children: bool,
    /// Go on watching after the last answer until the processes rest, so long at most.
    #[arg(long, default_value = "30s", value_name = "SPAN", value_parser = parse_span, help_heading = "What it costs")]
    pub(crate) rest: Duration,
    /// Write down what became of each body; the file must not exist.
    #[arg(long, value_name = "FILE", help_heading = "Is it stored?")]
    pub(crate) ledger: Option<PathBuf>,
    /// Check afterwards that what was acknowledged is stored exactly once.
    #[arg(long, requires_all = ["ledger", "source"], help_heading = "Is it stored?")]
    pub(crate) verify: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LoadCommand {
    /// Check that what an earlier load was told is kept is stored exactly once.
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("source").required(true)))]
pub(crate) struct VerifyArgs {
    /// The ledger of the load.
    #[arg(long, value_name = "FILE", help_heading = "Is it stored?")]
    pub(crate) ledger: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Where to count what is stored.
#[derive(Debug, Args)]
#[command(next_help_heading = "Is it stored?")]
pub(crate) struct StoreArgs {
    /// Count in ClickHouse itself, where every row is seen: http://USER:PASSWORD@HOST:8123.
    #[arg(long, value_name = "URL", group = "source")]
    pub(crate) clickhouse: Option<String>,
    /// Headroom's database in it.
    #[arg(long, value_name = "NAME", default_value = "headroom")]
    pub(crate) database: String,
    /// Count through Headroom's SQL over HTTP: http://HOST:8080.
    #[arg(long, value_name = "URL", group = "source", requires = "sql_token")]
    pub(crate) sql: Option<String>,
    /// Token of a role that may ask in SQL.
    #[arg(long, env = "HEADROOM_SQL_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) sql_token: Option<String>,
    /// How long to wait until everything is stored.
    #[arg(long, default_value = "1m", value_name = "SPAN", value_parser = parse_span)]
    pub(crate) patience: Duration,
    /// How long to wait then before all is counted once more: duplicates may come late.
    #[arg(long, default_value = "3s", value_name = "SPAN", value_parser = parse_span)]
    pub(crate) settle: Duration,
}

/// How bodies are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compression {
    /// As they are.
    None,
    /// gzip, as exporters do.
    Gzip,
    /// zstd.
    Zstd,
}

/// Reads `traces=8,logs=2`.
fn parse_mix(text: &str) -> Result<Mix, String> {
    let mut mix = Mix { traces: 0, logs: 0, events: 0, metrics: 0 };
    for part in text.split(',') {
        let wrong = || {
            format!(
                "'{part}' is no part of a mix: write traces, logs, events or metrics, = and a number of bodies"
            )
        };
        let (name, bodies) = part.split_once('=').ok_or_else(wrong)?;
        let share = match name.trim() {
            "traces" => &mut mix.traces,
            "logs" => &mut mix.logs,
            "events" => &mut mix.events,
            "metrics" => &mut mix.metrics,
            _ => return Err(wrong()),
        };
        *share = bodies.trim().parse().map_err(|_| wrong())?;
    }
    Ok(mix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_is_read_and_nonsense_is_refused() {
        assert_eq!(parse_mix("traces=8, metrics=1"), Ok(Mix { traces: 8, logs: 0, events: 0, metrics: 1 }));
        for wrong in ["", "traces", "spans=1", "logs=-1", "logs=1,"] {
            assert!(parse_mix(wrong).is_err(), "{wrong} should be refused");
        }
    }
}
