//! `headroom report`.

use super::demand::StoredArgs;
use clap::Args;
use headroom_monthly::Kind;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "headroom report uptime --month 2026-10 --out uptime.pdf\n\
    headroom report audit --zone Europe/Zurich --out audit.html\n\
    headroom report slo --output json --server http://127.0.0.1:8080 --token hr_lead_...")]
pub(crate) struct ReportArgs {
    /// uptime, slo, audit or soc2.
    #[arg(value_parser = |text: &str| text.parse::<Kind>())]
    pub(crate) kind: Kind,
    /// The month, as 2026-10. Default: the last one that is over.
    #[arg(long, value_name = "MONTH")]
    pub(crate) month: Option<String>,
    /// Whose wall clock says when the month and its days begin, as Europe/Zurich. Default: UTC.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// File to write: .html or .pdf. Default: HTML, or the body with --output json, on standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) stored: StoredArgs,
}
