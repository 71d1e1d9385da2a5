//! The questions that pages and programs ask, with what was read kept for a minute: a what-if is asked again and
//! again over the same measurements.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_query::capacity::{Scope, resources, traffic, usage};
use headroom_query::kept::Kept;
use headroom_query::latency::{self, LatencyQuery};
use headroom_query::services::{Changes, Delivery};
use headroom_query::slo::{self, SloDetail, SloRow, SloSet};
use headroom_query::{QueryError, TimeRange, services};
use headroom_store::{Clock, Store};
use serde::Serialize;
use utoipa::ToSchema;

use crate::assess::{Assessment, HISTORIES};
use crate::changes;
use crate::costs::{self, CostFiles, Costs};
use crate::error::{CapacityError, Result};
use crate::incidents;
use crate::read;
use crate::saturation::{self, Saturation};
use crate::service_curve::{Parts, ServiceCurve};
use crate::walls::{CapacityConfig, Laws, Platform, Roadmap, STAGES, Walls, WhatIf};

/// How long what was read is good for.
const FRESH: TimeDelta = TimeDelta::seconds(60);
/// Ranges are widened to whole steps of this many seconds, so that `now-7d` is the same question for a while.
const GRID_SECONDS: i64 = 300;

/// What was measured, and the laws in it.
#[derive(Debug)]
pub struct Measured {
    /// What was measured.
    pub platform: Platform,
    /// The laws fitted to it.
    pub laws: Laws,
}

/// The body of `/api/v1/delivery`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DeliveryBody {
    /// What it is measured over.
    pub range: TimeRange,
    /// By name.
    pub services: Vec<Delivery>,
    /// What is wrong with the file of changes, if anything.
    pub changes_unreadable: Option<String>,
}

/// Whose, and of when.
type Key = (String, TimeRange);

/// Answers about capacity. Cheap to clone.
#[derive(Clone)]
pub struct Answers {
    store: Store,
    tenant: String,
    config: Arc<CapacityConfig>,
    clock: Arc<dyn Clock>,
    measured: Kept<Key, Measured>,
    saturated: Kept<Key, Saturation>,
}

impl std::fmt::Debug for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answers").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Answers {
    /// Answers from a store. The configuration speaks of `tenant` alone: sizes, limits, bills and prices are
    /// nobody else's.
    pub fn new(store: Store, tenant: &str, config: Arc<CapacityConfig>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            tenant: tenant.to_owned(),
            config,
            clock,
            measured: Kept::new(FRESH),
            saturated: Kept::new(FRESH),
        }
    }

    /// What the configuration says of a tenant.
    fn config_of(&self, tenant: &str) -> Arc<CapacityConfig> {
        if tenant == self.tenant {
            Arc::clone(&self.config)
        } else {
            Arc::new(self.config.without_particulars())
        }
    }

    /// The settings behind the answers.
    pub fn config(&self) -> &CapacityConfig {
        &self.config
    }

    /// The time that is looked at when nobody says another: as many days before `end` as the settings say.
    ///
    /// # Errors
    ///
    /// Those of [`TimeRange::last`]: none, but for moments at the edge of time.
    pub fn history(&self, end: DateTime<Utc>) -> Result<TimeRange> {
        Ok(TimeRange::last(TimeDelta::days(i64::from(self.config.history_days)), end)?)
    }

    /// What was measured in a range; read at most once a minute.
    ///
    /// # Errors
    ///
    /// Those of [`read::platform`].
    pub async fn measured(&self, tenant: &str, range: TimeRange) -> Result<Arc<Measured>> {
        let (now, range) = (self.clock.now(), range.aligned(GRID_SECONDS));
        // Five questions at once make a large future; who waits for it should not be as large.
        let ask = Box::pin(async move {
            let platform = read::platform(&self.store, tenant, range, now).await?;
            let config = self.config_of(tenant);
            let fit = move || {
                let laws = Laws::fit(&platform, &config);
                Measured { platform, laws }
            };
            blocking(fit).await
        });
        self.measured.get((tenant.to_owned(), range), now, ask).await
    }

    /// How full the fullest resources were in a range; read at most once a minute.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn saturation(&self, tenant: &str, range: TimeRange) -> Result<Arc<Saturation>> {
        let (now, range) = (self.clock.now(), range.aligned(GRID_SECONDS));
        let ask = Box::pin(async move {
            let step = saturation::step_seconds(&range);
            let series = resources::read(&self.store, tenant, None, range, step).await?;
            Ok(saturation::of(series, range, step))
        });
        self.saturated.get((tenant.to_owned(), range), now, ask).await
    }

    /// The walls in a range, under a change.
    ///
    /// # Errors
    ///
    /// Those of [`read::platform`].
    pub async fn walls(&self, tenant: &str, range: TimeRange, change: &WhatIf) -> Result<Walls> {
        let (measured, change) = (self.measured(tenant, range).await?, change.clone());
        blocking(move || measured.laws.walls(&measured.platform, &change)).await
    }

    /// What was used in a range costs, and what could be saved. The files of the configuration, unless others are
    /// given.
    ///
    /// # Errors
    ///
    /// Those of the store, and of a bill or price table that cannot be read.
    pub async fn costs(&self, tenant: &str, range: TimeRange, files: Option<&CostFiles>) -> Result<Costs> {
        let config = self.config_of(tenant);
        let files = files.cloned().unwrap_or_else(|| CostFiles::of(&config));
        let step = traffic::step_seconds(&range);
        let (days, customers, resources) = tokio::try_join!(
            usage::read(&self.store, tenant, range),
            usage::customers(&self.store, tenant, range),
            resources::read(&self.store, tenant, None, range, step)
        )?;
        let counted = costs::Counted { range, days, customers, resources, step_seconds: step };
        blocking(move || costs::of(&config, &files, &counted)).await?
    }

    /// The way to stand a growth factor.
    ///
    /// # Errors
    ///
    /// Those of [`read::platform`].
    pub async fn roadmap(&self, tenant: &str, range: TimeRange, factor: f64) -> Result<Roadmap> {
        let measured = self.measured(tenant, range).await?;
        blocking(move || measured.laws.roadmap(&measured.platform, factor)).await
    }

    /// Everything that the assessment speaks of.
    ///
    /// # Errors
    ///
    /// Those of the store. Costs that cannot be read are told in the assessment.
    pub async fn assessment(&self, tenant: &str, range: TimeRange, slos: &SloSet) -> Result<Assessment> {
        let measured = self.measured(tenant, range).await?;
        let range = measured.platform.range;
        let (services, objectives, delivery, costs) = tokio::join!(
            Box::pin(services::list(&self.store, tenant, range)),
            Box::pin(self.objectives(tenant, range, slos)),
            Box::pin(self.delivery(tenant, range)),
            Box::pin(self.costs(tenant, range, None)),
        );
        let (slos, slo_history) = objectives?;
        let DeliveryBody { services: delivery, changes_unreadable, .. } = delivery?;
        let costs = match costs {
            Ok(costs) => Ok(costs),
            Err(error @ CapacityError::Money(_)) => Err(error.to_string()),
            Err(error) => return Err(error),
        };
        let (told, config) = (Arc::clone(&measured), self.config_of(tenant));
        let told = blocking(move || {
            let Measured { platform, laws } = &*told;
            let roadmaps: Vec<Roadmap> =
                STAGES.iter().map(|factor| laws.roadmap(platform, *factor)).collect();
            let walls = laws.walls(platform, &WhatIf::default());
            let prices = CostFiles::of(&config).prices().map_err(|error| error.to_string());
            let incidents = incidents::of(platform, laws, &walls, config.incident.as_ref(), &prices);
            (walls, roadmaps, incidents)
        });
        let (walls, roadmaps, incidents) = told.await?;
        Ok(Assessment {
            tenant: tenant.to_owned(),
            walls,
            roadmaps,
            traffic: measured.platform.services.clone(),
            resources: measured.platform.resources.clone(),
            services: services?.services,
            slos,
            slo_history,
            delivery,
            changes_unreadable,
            costs,
            incidents,
        })
    }

    /// Objectives as they stand at the end of a range, and how the worst of them went over it.
    async fn objectives(
        &self,
        tenant: &str,
        range: TimeRange,
        set: &SloSet,
    ) -> Result<(Vec<SloRow>, Vec<SloDetail>)> {
        let now = range.to.min(self.clock.now());
        let rows = slo::rows(&self.store, tenant, set, now).await?;
        let mut worst: Vec<(f64, &str)> =
            rows.iter().filter_map(|row| Some((row.budget_remaining?, row.name.as_str()))).collect();
        worst.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let mut history = Vec::new();
        for promise in worst.iter().take(HISTORIES).filter_map(|(_, name)| set.promise(name)) {
            history.push(slo::detail(&self.store, tenant, set, promise, &range, now).await?);
        }
        Ok((rows, history))
    }

    /// How services were delivered in a range.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub async fn delivery(&self, tenant: &str, range: TimeRange) -> Result<DeliveryBody> {
        let (made, changes_unreadable) = match self.changes(tenant).await? {
            Ok(made) => (made, None),
            Err(problem) => (Changes::default(), Some(problem)),
        };
        let services = services::delivery(&self.store, tenant, range, &made).await?;
        Ok(DeliveryBody { range, services, changes_unreadable })
    }

    /// When changes were made, or what is wrong with the file that says so.
    async fn changes(&self, tenant: &str) -> Result<std::result::Result<Changes, String>> {
        let Some(path) = self.config_of(tenant).changes.clone() else { return Ok(Ok(Changes::default())) };
        blocking(move || {
            let name = path.display().to_string();
            let file =
                std::fs::File::open(&path).map_err(|error| format!("{name} cannot be read: {error}"))?;
            changes::read(file, &name)
        })
        .await
    }

    /// The capacity curve of a service.
    ///
    /// # Errors
    ///
    /// Those of the store; a service without requests.
    pub async fn curve(
        &self,
        tenant: &str,
        range: TimeRange,
        scope: &Scope,
        slos: &SloSet,
    ) -> Result<ServiceCurve> {
        let step = traffic::step_seconds(&range);
        let range = range.aligned(step);
        let service = scope.service.clone().unwrap_or_default();
        let query = LatencyQuery { operation: scope.operation.clone(), ..LatencyQuery::new(&service, range) };
        let (traffic, mut latency, mut resources) = tokio::try_join!(
            traffic::read(&self.store, tenant, scope, range, step),
            latency::per_step(&self.store, tenant, &query, step),
            resources::read(&self.store, tenant, Some(&service), range, step),
        )?;
        // Buckets know no version, and resources are those of the whole service.
        if scope.version.is_some() {
            latency.clear();
        }
        if scope.version.is_some() || scope.operation.is_some() {
            resources.clear();
        }
        let Some(traffic) = traffic.into_iter().next() else {
            let (from, to) = (range.from.to_rfc3339(), range.to.to_rfc3339());
            let message = format!("no such requests to {service} from {from} to {to}");
            return Err(
                QueryError::not_found(message, "/api/v1/services lists the services of a range").into()
            );
        };
        let parts = Parts { scope: scope.clone(), range, traffic, latency, resources };
        let (config, slos) = (self.config_of(tenant), slos.clone());
        blocking(move || parts.curve(&config, &slos)).await
    }
}

/// Work for a processor, off the threads that wait for others.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(CapacityError::Broken)
}
