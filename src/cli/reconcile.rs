//! `headroom reconcile`.

use super::ConfigArgs;
use chrono::TimeDelta;
use clap::Args;
use headroom_reconcile::{Allow, Source, TextRule, Tolerance, parse_length};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0 passed, 1 did not pass, 2 could not be compared.\n\n\
    headroom reconcile --left legacy.csv --right new.jsonl --key transaction_id,currency\n\
    headroom reconcile --left system=legacy --right system=new --key payment_id --from now-1d")]
pub(crate) struct ReconcileArgs {
    /// The old system: a file (.jsonl, .ndjson, .csv, .tsv), or NAME=VALUE,... of stored events.
    #[arg(long, value_name = "SOURCE", value_parser = Source::parse)]
    pub(crate) left: Source,
    /// The new system, likewise.
    #[arg(long, value_name = "SOURCE", value_parser = Source::parse)]
    pub(crate) right: Source,
    /// Fields that tell which events belong together.
    #[arg(long, value_name = "FIELD", value_delimiter = ',', required = true)]
    pub(crate) key: Vec<String>,
    /// Stored events of this name only; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub(crate) event: Vec<String>,
    /// First moment compared: now-1d, 2026-11-20T09:30:00Z. With stored events an hour before the end.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// First moment no longer compared. With stored events now.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// Field that holds the time in files (default: time, timestamp or ts).
    #[arg(long, value_name = "FIELD")]
    pub(crate) time: Option<String>,

    /// Fields compared (default: all that both sides have, but the key, the event's id and time, and what
    /// selects the sides).
    #[arg(long, value_name = "FIELD", value_delimiter = ',', help_heading = "Comparing")]
    pub(crate) compare: Vec<String>,
    /// Fields not compared.
    #[arg(
        long,
        value_name = "FIELD",
        value_delimiter = ',',
        conflicts_with = "compare",
        help_heading = "Comparing"
    )]
    pub(crate) ignore: Vec<String>,
    /// Difference that does not count: amount=0.01, time=5s; may be given several times.
    #[arg(long, value_name = "FIELD=LIMIT", value_parser = Tolerance::parse, help_heading = "Comparing")]
    pub(crate) tolerance: Vec<(String, Tolerance)>,
    /// Fields that are decimals, beside JSON numbers and amount, quantity, price and fee (net_amount, ...).
    #[arg(long, value_name = "FIELD", value_delimiter = ',', help_heading = "Comparing")]
    pub(crate) decimal: Vec<String>,
    /// What does not matter in texts: trim, case, unicode.
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Comparing")]
    pub(crate) text: Vec<TextRule>,
    /// What does not matter in the key: trim, case, unicode.
    #[arg(long, value_name = "RULE", value_delimiter = ',', help_heading = "Comparing")]
    pub(crate) key_text: Vec<TextRule>,
    /// How much later the right side may have an event.
    #[arg(long, value_name = "SPAN", default_value = "30s", value_parser = length, help_heading = "Comparing")]
    pub(crate) late_after: TimeDelta,
    /// An event this close to an end of the range is pending and not missing (default: 60s where the range
    /// has ends).
    #[arg(long, value_name = "SPAN", value_parser = length, help_heading = "Comparing")]
    pub(crate) grace: Option<TimeDelta>,
    /// Within which time two payments that look alike are suspect; 0s: never.
    #[arg(long, value_name = "SPAN", default_value = "60s", value_parser = length, help_heading = "Comparing")]
    pub(crate) suspect_window: TimeDelta,
    /// What makes payments look alike; a|b is the first that is there. Events without one of the first two
    /// are not looked at.
    #[arg(
        long,
        value_name = "FIELD",
        value_delimiter = ',',
        default_value = "customer_id|account_id,amount,currency,side|direction,event_name",
        help_heading = "Comparing"
    )]
    pub(crate) suspect_by: Vec<String>,

    /// Least match rate that passes, 0 to 1.
    #[arg(long, value_name = "RATE", default_value_t = 1.0, help_heading = "Reporting")]
    pub(crate) min_match: f64,
    /// What does not fail: duplicates, suspects, unkeyed.
    #[arg(long, value_name = "KIND", value_delimiter = ',', help_heading = "Reporting")]
    pub(crate) allow: Vec<Allow>,
    /// Examples of each kind in the report.
    #[arg(long, value_name = "N", default_value_t = 10, help_heading = "Reporting")]
    pub(crate) examples: usize,
    /// Fields masked in the report, beside those that always are.
    #[arg(long, value_name = "FIELD", value_delimiter = ',', help_heading = "Reporting")]
    pub(crate) personal: Vec<String>,
    /// Write metrics for Prometheus (node_exporter's textfile collector reads names that end in .prom).
    #[arg(long, value_name = "FILE", help_heading = "Reporting")]
    pub(crate) metrics_file: Option<PathBuf>,

    /// Memory for events, in MiB; what is more goes to temporary files.
    #[arg(
        long,
        value_name = "MIB",
        default_value_t = 256,
        value_parser = clap::value_parser!(u32).range(1..),
        help_heading = "Running"
    )]
    pub(crate) memory: u32,
    /// Folder of the temporary files (default: the system's).
    #[arg(long, value_name = "DIR", help_heading = "Running")]
    pub(crate) spill_dir: Option<PathBuf>,
    /// Whose stored events (default: the tenant of the configuration).
    #[arg(long, value_name = "TENANT", help_heading = "Running")]
    pub(crate) tenant: Option<String>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

fn length(text: &str) -> Result<TimeDelta, String> {
    parse_length(text).ok_or_else(|| {
        format!("'{text}' is not a span of time: write a whole number and ms, s, m, h, d or w, as in 30s")
    })
}
