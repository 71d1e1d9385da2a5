//! Which of several nodes does what only one may do.

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use headroom_control::{Leadership, random_text};
use headroom_store::Clock;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How often a leader says that it leads, and another asks whether it may: four times in a term's length.
const EVERY: Duration = Duration::from_secs(2);

/// The name of the node that has this data folder: this machine's, and one that the folder keeps. One process has a
/// data folder at a time, so a node that is started again may go on where its former self led.
pub(super) fn holder(folder: &Path) -> Result<String> {
    let path = folder.join("node");
    if !path.exists() {
        std::fs::write(&path, random_text()).with_context(|| {
            format!("cannot write {}: set data_dir to a folder that can be written", path.display())
        })?;
    }
    let own = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    Ok(format!("{}/{}", machine.trim(), own.trim().chars().take(12).collect::<String>()))
}

/// Takes or keeps the lead, or leaves it to who has it.
pub(super) fn campaign(lead: &Leadership, role: &'static str, now: DateTime<Utc>) {
    let before = lead.control().leads(now);
    match lead.campaign(now) {
        Ok(leads) if leads != before => {
            tracing::info!(role, "{}", if leads { "this node leads" } else { "another node leads" });
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(role, %error, "who leads cannot be told"),
    }
    metrics::gauge!("headroom_leader", "role" => role).set(f64::from(u8::from(lead.control().leads(now))));
}

/// Does `work` and takes part in who leads meanwhile; then leaves the lead to another node.
pub(super) async fn during(
    lead: Leadership,
    role: &'static str,
    clock: Arc<dyn Clock>,
    work: impl Future<Output = ()> + Send + 'static,
) {
    // A task of its own: what it computes must not keep this one from saying that it leads.
    let mut work = tokio::spawn(work);
    loop {
        tokio::select! {
            done = &mut work => {
                if let Err(error) = done {
                    tracing::error!(role, %error, "it ended badly");
                }
                break;
            }
            () = tokio::time::sleep(EVERY) => campaign(&lead, role, clock.now()),
        }
    }
    if let Err(error) = lead.resign(clock.now()) {
        tracing::warn!(role, %error, "the lead runs out by itself");
    }
}
