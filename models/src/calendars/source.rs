//! One source of the calendar: where it is, what it said last, and what is wrong with it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_calendar::{Defaults, Fault, Format, Reading, Venue};
use headroom_control::{Control, FeedText};
use headroom_outbound::Networks;
use reqwest::Client;
use url::Url;

use super::body::FeedState;
use super::fetch::{Version, fetch};
use super::file::{self, Stamp};
use crate::config::FeedConfig;
use crate::error::{ModelsError, Result};

/// How long a feed may take to answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The first pause after a failure; each further one doubles it, up to the feed's own refresh.
const FIRST_PAUSE: TimeDelta = TimeDelta::minutes(1);
/// Most faults that are told of a source.
const MOST_FAULTS: usize = 20;

/// A file or a feed.
#[derive(Debug)]
pub(super) struct Source {
    name: String,
    place: Place,
    format: Option<Format>,
    defaults: Defaults,
    /// Venues that its entries may name beside the built-in ones.
    venues: Arc<[Venue]>,
    /// What counts.
    reading: Option<Reading>,
    /// When it was last seen that this is what the source says.
    confirmed_at: Option<DateTime<Utc>>,
    /// Faults of the newest version, whether it counts or not.
    faults: Vec<Fault>,
    problem: Option<String>,
}

#[derive(Debug)]
enum Place {
    File { path: PathBuf, seen: Option<Stamp>, taken: bool },
    Url(Box<Remote>),
}

#[derive(Debug)]
struct Remote {
    url: Url,
    client: Client,
    allowed: Networks,
    token_env: Option<String>,
    refresh: TimeDelta,
    known: Version,
    failures: u32,
    next: DateTime<Utc>,
}

/// A version of a source as it came.
struct Came {
    text: String,
    media_type: Option<String>,
    version: Version,
}

impl Source {
    /// A file of the operator's own.
    pub(super) fn file(path: PathBuf, venues: &Arc<[Venue]>) -> Self {
        let name = path.display().to_string();
        Self::new(name, Place::File { path, seen: None, taken: false }, None, Defaults::default(), venues)
    }

    /// A feed. One with a URL begins with what it said last in an earlier run.
    pub(super) fn feed(
        config: &FeedConfig,
        venues: &Arc<[Venue]>,
        control: &Control,
        tenant: &str,
    ) -> Result<Self> {
        let (name, defaults) = (config.name.clone(), config.defaults());
        let place = match (&config.url, &config.path) {
            (Some(url), _) => Place::Url(Box::new(Remote {
                url: url.clone(),
                client: headroom_outbound::client(&config.allow_networks, TIMEOUT)
                    .map_err(|e| ModelsError::Client { feed: name.clone(), reason: e.to_string() })?,
                allowed: config.allow_networks.clone(),
                token_env: config.token_env.clone(),
                refresh: TimeDelta::from_std(config.refresh()).unwrap_or(TimeDelta::MAX),
                known: Version::default(),
                failures: 0,
                next: DateTime::<Utc>::MIN_UTC,
            })),
            (None, Some(path)) => Place::File { path: path.clone(), seen: None, taken: false },
            (None, None) => {
                let (setting, message) = ("feeds.url".to_owned(), "give either url or path".to_owned());
                return Err(ModelsError::Config { setting, message });
            }
        };
        let mut source = Self::new(name, place, config.format, defaults, venues);
        source.recall(control, tenant)?;
        Ok(source)
    }

    fn new(
        name: String,
        place: Place,
        format: Option<Format>,
        defaults: Defaults,
        venues: &Arc<[Venue]>,
    ) -> Self {
        let (reading, confirmed_at, faults, problem) = (None, None, Vec::new(), None);
        let venues = Arc::clone(venues);
        Self { name, place, format, defaults, venues, reading, confirmed_at, faults, problem }
    }

    /// Whether it is a file.
    pub(super) fn is_file(&self) -> bool {
        matches!(self.place, Place::File { .. })
    }

    /// What counts of it.
    pub(super) fn reading(&self) -> Option<&Reading> {
        self.reading.as_ref()
    }

    /// Takes up what a feed said in an earlier run.
    fn recall(&mut self, control: &Control, tenant: &str) -> Result<()> {
        let Place::Url(remote) = &self.place else { return Ok(()) };
        let kept = control.feed(tenant, &self.name)?.filter(|kept| kept.address == remote.url.as_str());
        let Some(kept) = kept else { return Ok(()) };
        let Ok(format) = self.format_of(kept.media_type.as_deref()) else { return Ok(()) };
        let version = Version { etag: kept.etag, last_modified: kept.last_modified };
        let reading = Reading::of(format, &self.name, &kept.text, &self.defaults, &self.venues);
        self.take(reading, kept.confirmed_at);
        // What it was taken for may have changed with the configuration: a version is known only if it could be read.
        if let (Some(_), Place::Url(remote)) = (&self.reading, &mut self.place) {
            remote.known = version;
        }
        Ok(())
    }

    /// Looks whether it says something new; true if what counts has changed.
    pub(super) async fn look(&mut self, control: &Control, tenant: &str, now: DateTime<Utc>) -> bool {
        let came = match &mut self.place {
            Place::File { path, seen, .. } => {
                let (path, stamp) = (path.clone(), *seen);
                let read = tokio::task::spawn_blocking(move || file::read(&path, stamp)).await;
                self.file_came(read.unwrap_or_else(|broken| Err(broken.to_string())), now)
            }
            Place::Url(remote) if remote.next > now => return false,
            Place::Url(remote) => {
                let came = remote.fetch().await;
                self.feed_came(came, control, tenant, now)
            }
        };
        match came {
            Some(came) => self.read(came, control, tenant, now).await,
            None => false,
        }
    }

    fn file_came(
        &mut self,
        read: Result<(Stamp, Option<String>), String>,
        now: DateTime<Utc>,
    ) -> Option<Came> {
        let Place::File { seen, taken, .. } = &mut self.place else { return None };
        match read {
            Ok((stamp, text)) => {
                *seen = Some(stamp);
                if text.is_none() && *taken {
                    self.confirmed_at = Some(now);
                }
                text.map(|text| Came { text, media_type: None, version: Version::default() })
            }
            Err(problem) => {
                // Read it whole when it is back.
                *seen = None;
                self.problem = Some(problem);
                None
            }
        }
    }

    fn feed_came(
        &mut self,
        came: Result<Option<Came>, String>,
        control: &Control,
        tenant: &str,
        now: DateTime<Utc>,
    ) -> Option<Came> {
        let Place::Url(remote) = &mut self.place else { return None };
        match came {
            Ok(came) => {
                (remote.failures, remote.next) = (0, now + remote.refresh);
                if came.is_none() {
                    self.confirmed_at = Some(now);
                    self.faults_of_reading();
                    if let Err(error) = control.confirm_feed(tenant, &self.name, now) {
                        tracing::warn!(feed = self.name, %error, "that it was confirmed could not be noted");
                    }
                }
                came
            }
            Err(problem) => {
                let pause = FIRST_PAUSE * 2_i32.pow(remote.failures.min(12));
                (remote.failures, remote.next) = (remote.failures + 1, now + pause.min(remote.refresh));
                self.problem = Some(problem);
                None
            }
        }
    }

    /// Reads a version that came; true if what counts has changed.
    async fn read(&mut self, came: Came, control: &Control, tenant: &str, now: DateTime<Utc>) -> bool {
        let format = match self.format_of(came.media_type.as_deref()) {
            Ok(format) => format,
            Err(problem) => {
                self.problem = Some(problem);
                return false;
            }
        };
        let (name, defaults, text) = (self.name.clone(), self.defaults.clone(), came.text.clone());
        let venues = Arc::clone(&self.venues);
        let work = tokio::task::spawn_blocking(move || Reading::of(format, &name, &text, &defaults, &venues));
        let work = work.await;
        let Ok(reading) = work else {
            self.problem = Some("reading it broke off; this is a fault of the program".to_owned());
            return false;
        };
        let (taken, changed) = self.take(reading, now);
        match &mut self.place {
            Place::File { taken: known, .. } => *known = taken,
            Place::Url(remote) if taken => {
                remote.known = came.version.clone();
                let kept = FeedText {
                    address: remote.url.to_string(),
                    media_type: came.media_type,
                    etag: came.version.etag,
                    last_modified: came.version.last_modified,
                    text: came.text,
                    confirmed_at: now,
                };
                if let Err(error) = control.keep_feed(tenant, &self.name, &kept) {
                    tracing::warn!(feed = self.name, %error, "what it says could not be kept for a restart");
                }
            }
            Place::Url(_) => {}
        }
        changed
    }

    /// Takes a version unless it is worse than the one that counts: a version with more faults, or one of which
    /// nothing can be read, changes nothing. Whether it was taken, and whether that changed anything.
    fn take(&mut self, reading: Reading, now: DateTime<Utc>) -> (bool, bool) {
        let nothing = reading.events() + reading.overrides() == 0;
        let faults = reading.faults().len();
        let before = self.reading.as_ref().map(|before| before.faults().len());
        if faults > 0 && (nothing || before.is_some_and(|before| faults > before)) {
            let first = &reading.faults()[0];
            let stands = if before.is_some() { "what it said before stands" } else { "nothing of it counts" };
            self.problem = Some(format!("{} cannot be read, so {stands}: {first}", entries(faults)));
            self.faults = reading.faults().iter().take(MOST_FAULTS).cloned().collect();
            return (false, false);
        }
        let changed = self.reading.as_ref().is_none_or(|before| !before.says_the_same(&reading));
        self.reading = Some(reading);
        self.confirmed_at = Some(now);
        self.faults_of_reading();
        (true, changed)
    }

    /// What is wrong with the version that counts.
    fn faults_of_reading(&mut self) {
        let faults = self.reading.as_ref().map(Reading::faults).unwrap_or_default();
        self.problem = faults.first().map(|first| {
            format!(
                "{} cannot be read and {} left out: {first}",
                entries(faults.len()),
                if faults.len() == 1 { "is" } else { "are" }
            )
        });
        self.faults = faults.iter().take(MOST_FAULTS).cloned().collect();
    }

    /// The format that was stated, or that the media type or the extension tells.
    fn format_of(&self, media_type: Option<&str>) -> Result<Format, String> {
        if let Some(format) = self.format {
            return Ok(format);
        }
        match &self.place {
            Place::File { path, .. } => Ok(Format::of_path(path)),
            Place::Url(remote) => media_type
                .and_then(Format::of_media_type)
                .or_else(|| Format::of_extension(remote.url.path().as_ref()))
                .ok_or_else(|| {
                    let told = media_type.unwrap_or("none");
                    format!("neither Content-Type ({told}) nor extension tells how it is written: set format")
                }),
        }
    }

    /// Its state, for people.
    pub(super) fn state(&self) -> FeedState {
        let (from, next_at) = match &self.place {
            Place::File { path, .. } => (path.display().to_string(), None),
            // The rest of an address may hold a secret.
            Place::Url(remote) => {
                let (scheme, host) = (remote.url.scheme(), remote.url.host_str().unwrap_or_default());
                (format!("{scheme}://{host}"), Some(remote.next).filter(|at| *at > DateTime::<Utc>::MIN_UTC))
            }
        };
        FeedState {
            name: self.name.clone(),
            from,
            events: self.reading.as_ref().map_or(0, Reading::events),
            overrides: self.reading.as_ref().map_or(0, Reading::overrides),
            confirmed_at: self.confirmed_at,
            next_at,
            problem: self.problem.clone(),
            faults: self.faults.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Remote {
    async fn fetch(&self) -> Result<Option<Came>, String> {
        let token = match &self.token_env {
            Some(variable) => Some(std::env::var(variable).map_err(|_| {
                format!("the environment variable {variable} is not set: it must hold the feed's token")
            })?),
            None => None,
        };
        let sent = fetch(&self.client, &self.url, &self.allowed, token.as_deref(), &self.known).await?;
        Ok(sent.map(|sent| Came { text: sent.text, media_type: sent.media_type, version: sent.version }))
    }
}

fn entries(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}
