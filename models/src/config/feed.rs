//! `[[models.feeds]]`: calendars that others keep, read again and again.

use std::path::PathBuf;
use std::time::Duration;

use headroom_calendar::{Defaults, EventClass, Format};
use headroom_outbound::Networks;
use serde::Deserialize;
use url::Url;

/// A calendar that is kept up to date from a URL or a file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// Its name in logs, metrics and answers: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// Where it is fetched from, http or https.
    #[serde(default)]
    pub url: Option<Url>,
    /// Or the file it is in.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// How it is written; absent: as its `Content-Type` or its extension tells.
    #[serde(default)]
    pub format: Option<Format>,
    /// Minutes between two looks at the URL. Files are looked at all the time.
    #[serde(default = "hour")]
    pub refresh_minutes: u32,
    /// The class of entries that do not tell theirs.
    #[serde(default)]
    pub class: Option<EventClass>,
    /// Market identifier code of the venue of entries that do not tell theirs.
    #[serde(default)]
    pub venue: Option<String>,
    /// The multiplier expected of entries that do not tell theirs.
    #[serde(default)]
    pub multiplier: Option<f64>,
    /// The services that entries concern that do not tell theirs; empty: all.
    #[serde(default)]
    pub services: Vec<String>,
    /// Where entries are from that do not tell; absent: the feed's name.
    #[serde(default)]
    pub source: Option<String>,
    /// The environment variable that holds the bearer token of the URL.
    #[serde(default)]
    pub token_env: Option<String>,
    /// Where the URL may be beside the public network.
    #[serde(default)]
    pub allow_networks: Networks,
}

/// What is wrong with a name that [is none](is_name).
pub(super) const NAME: &str = "must have 1 to 63 letters, digits, '-', '_' and '.'";

/// Whether a text may stand as a name in logs, metrics and addresses.
pub(super) fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=63).contains(&text.len()) && text.chars().all(plain)
}

fn hour() -> u32 {
    60
}

impl FeedConfig {
    /// What its entries are taken for where they do not say.
    pub fn defaults(&self) -> Defaults {
        Defaults {
            class: self.class,
            venue: self.venue.clone(),
            multiplier: self.multiplier,
            services: self.services.clone(),
            source: self.source.clone().unwrap_or_else(|| self.name.clone()),
        }
    }

    /// Time between two looks at the URL.
    pub fn refresh(&self) -> Duration {
        Duration::from_mins(u64::from(self.refresh_minutes))
    }

    /// What is wrong with these settings: which one, and what to do.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        if !is_name(&self.name) {
            return Err(("name", NAME.into()));
        }
        match (&self.url, &self.path) {
            (Some(_), Some(_)) | (None, None) => return Err(("url", "give either url or path".into())),
            (Some(url), None) if !matches!(url.scheme(), "http" | "https") || url.host().is_none() => {
                return Err(("url", "must begin with http:// or https:// and name a host".into()));
            }
            (Some(url), None)
                if self.token_env.is_some() && url.scheme() == "http" && self.allow_networks.is_empty() =>
            {
                return Err(("token_env", "would be sent in clear: use an https:// url".into()));
            }
            (None, Some(_)) if self.token_env.is_some() => {
                return Err(("token_env", "belongs to a url, and this feed has a path".into()));
            }
            _ => {}
        }
        if self.refresh_minutes == 0 {
            return Err(("refresh_minutes", "must be at least 1".into()));
        }
        if self.multiplier.is_some_and(|multiplier| !(0.01..=100.0).contains(&multiplier)) {
            return Err(("multiplier", "must lie between 0.01 and 100".into()));
        }
        Ok(())
    }
}
