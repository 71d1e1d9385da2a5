//! `[[probes]]` of the configuration.

mod assertion;
mod check;
mod length;
mod step;

use std::collections::BTreeMap;
use std::path::PathBuf;

use headroom_outbound::Networks;
use headroom_slo::counting::Exclusion;
use serde::Deserialize;

pub use assertion::{Assertion, Test};
pub use check::{check, check_venues, venue};
pub use length::Length;
pub use step::{Extract, JsonTemplate, Part, Repeat, StepConfig};

/// A probe: steps that are taken in order, again and again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeConfig {
    /// Its name in spans, metrics and answers.
    pub name: String,
    /// Between the beginnings of two runs.
    pub every: Length,
    /// How long a run may take, its clean-up aside.
    #[serde(default = "half_a_minute")]
    pub timeout: Length,
    /// The tenant that its spans belong to; absent: the node's.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The service that its spans are of.
    #[serde(default = "service")]
    pub service: String,
    /// Market identifier code of the venue during whose sessions alone it runs.
    #[serde(default)]
    pub during: Option<String>,
    /// When it does not run.
    #[serde(default)]
    pub maintenance: Vec<Maintenance>,
    /// Where its URLs may be beside the public network.
    #[serde(default)]
    pub allow_networks: Networks,
    /// A file of certificates (PEM) that are trusted beside the public ones.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// Whether its steps share cookies.
    #[serde(default)]
    pub cookies: bool,
    /// Texts that its steps name.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Texts that its steps name and nobody sees.
    #[serde(default)]
    pub secrets: BTreeMap<String, SecretSource>,
    /// What it does.
    pub steps: Vec<StepConfig>,
    /// What it does afterwards, whatever happened.
    #[serde(default)]
    pub cleanup: Vec<StepConfig>,
}

/// Where a secret is. It is read for each run, so that a new one counts from the next.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// A file; a line's end at its end does not count.
    File(PathBuf),
}

/// Time during which a probe does not run, as `2026-01-04T02:00 2h FREQ=WEEKLY;BYDAY=SU Europe/Zurich`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Maintenance(pub Exclusion);

impl TryFrom<String> for Maintenance {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Exclusion::parse(&text).map(Self)
    }
}

fn half_a_minute() -> Length {
    Length::seconds(30)
}

fn service() -> String {
    "headroom-probes".to_owned()
}

impl ProbeConfig {
    /// The name of its root spans.
    pub fn operation(&self) -> String {
        format!("probe {}", self.name)
    }

    /// The tenant of its spans, on a node of the tenant `node`.
    pub fn tenant<'a>(&'a self, node: &'a str) -> &'a str {
        self.tenant.as_deref().unwrap_or(node)
    }

    /// Its files.
    pub fn files(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let secrets = self.secrets.values_mut().filter_map(|source| match source {
            SecretSource::File(path) => Some(path),
            SecretSource::Env(_) => None,
        });
        secrets.chain(&mut self.ca)
    }
}
