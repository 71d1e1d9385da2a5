//! The platform's state and its one step: a simulated minute.
//!
//! A minute first does what is due by the calendar (releases, prices, dividends),
//! then lets customers arrive, then works off what earlier orders left to do.
//! It is pure: state and time in, records out. Nothing here knows who sends them.
//!
//! Where something is limited all of that happens in the order of time, turn by
//! turn: who asks for a connection first gets it first. Otherwise each trace is
//! told in one go.

mod turns;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Datelike, Duration, Utc};
use opentelemetry::InstrumentationScope;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson, StandardNormal};

use crate::calendar::Venue;
use crate::clock::{floor_minute, nanos};
use crate::customers::Customers;
use crate::journeys::Task;
use crate::limits::Resources;
use crate::market::Market;
use crate::metrics::{Limited, Stats};
use crate::ramp::{self, Ramp};
use crate::record::Batch;
use crate::schedule::{Conditions, Schedule};
use crate::shape::{in_session, level};
use crate::topology::Topology;
use crate::trace::{Desk, Scene};
use crate::{Phase, SampleConfig};

/// Traces that one arriving customer sets off in the mean: an order brings its
/// execution, settlement and notification. Measured over a fortnight.
pub(crate) const TRACES_PER_JOURNEY: f64 = 1.55;

/// Share of the demand that each market brings.
const SHARE: [f64; 2] = [0.7, 0.3];

const MINUTE_NS: i64 = 60_000_000_000;

/// The platform at one simulated instant.
pub struct Platform {
    pub(crate) scene: Scene,
    pub(crate) schedule: Schedule,
    pub(crate) market: Market,
    pub(crate) customers: Customers,
    pub(crate) tasks: BTreeMap<(i64, u64), Task>,
    pub(crate) phase: Phase,
    pub(crate) start: DateTime<Utc>,
    pub(crate) continues: bool,
    pub(crate) ramp: Option<Ramp>,
    resources: Resources,
    /// The instant that is being worked off, ns.
    clock: i64,
    next_task: u64,
    seed: u64,
    /// Journeys a minute at demand 1.
    backfill_scale: f64,
    live_scale: f64,
    next: DateTime<Utc>,
}

impl Platform {
    /// The platform at the start of the configured history.
    pub fn new(cfg: &SampleConfig) -> Self {
        Self::starting_at(cfg, cfg.start())
    }

    /// The platform of the same configuration, begun at `start` instead.
    pub fn starting_at(cfg: &SampleConfig, start: DateTime<Utc>) -> Self {
        let start = floor_minute(start);
        let schedule = Schedule::new(cfg);
        let topology = Topology::new(&schedule, &cfg.limits);
        // The same seed knows the same customers; what they do, and every id,
        // depends on the start as well, so that a second run repeats no order.
        let customers = Customers::new(&mut ChaCha8Rng::seed_from_u64(cfg.seed));
        let rng = ChaCha8Rng::seed_from_u64(cfg.seed.rotate_left(32) ^ start.timestamp() as u64);
        let stats = Stats::new(topology.instances().len(), nanos(start));
        let scope = InstrumentationScope::builder("platform.telemetry").with_version("1.6.0").build();
        Self {
            scene: Scene {
                rng,
                topology: Arc::new(topology),
                batch: Batch::default(),
                stats,
                conditions: Conditions::default(),
                load: 1.0,
                scope,
                limits: Arc::new(cfg.limits.clone()),
                desk: Desk::default(),
            },
            market: Market::new(start > schedule.split_at),
            customers,
            tasks: BTreeMap::new(),
            phase: Phase::Backfill,
            start,
            continues: cfg.continues,
            ramp: cfg.ramp,
            resources: Resources::new(&cfg.limits),
            clock: nanos(start),
            next_task: 0,
            seed: cfg.seed,
            backfill_scale: backfill_scale(cfg, &schedule),
            live_scale: cfg.rate * 60.0 / TRACES_PER_JOURNEY,
            schedule,
            next: start,
        }
    }

    /// The instances whose indices the records carry.
    pub fn topology(&self) -> &Topology {
        &self.scene.topology
    }

    /// What is planned for the run.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The minute that comes next.
    pub fn time(&self) -> DateTime<Utc> {
        self.next
    }

    /// From now on generates at the live rate, with metrics every minute.
    pub fn go_live(&mut self) {
        self.phase = Phase::Live;
    }

    /// Generates the next minute. Records of long journeys may end a little
    /// after it; a trace that waits for something comes with the minute in
    /// which its last wait begins.
    pub fn minute(&mut self) -> Batch {
        let t = self.next;
        self.next = t + Duration::minutes(1);
        self.scene.conditions = self.schedule.conditions(t);
        self.clock = nanos(t);
        let demand = self.demand(t);
        let total: f64 = demand.iter().zip(SHARE).map(|(d, s)| d * s).sum();
        self.scene.load = if self.ramp.is_some() { 1.0 } else { 1.0 + 0.12 * total };
        self.back_office(t);
        let arrivals = self.arrivals(t, demand);
        if self.scene.limits.is_empty() {
            for (venue, ts) in arrivals {
                self.journey(venue, ts);
            }
        } else {
            for (venue, ts) in arrivals {
                self.later(ts, Task::Arrive(venue));
            }
        }
        self.work_off(nanos(self.next));
        self.metrics(t, total);
        std::mem::take(&mut self.scene.batch)
    }

    /// Demand of each market in units of an ordinary session; of a ramp in units
    /// of its peak.
    fn demand(&self, t: DateTime<Utc>) -> [f64; 2] {
        if let Some(ramp) = self.ramp {
            return [self.ramp_rate(ramp, t) / ramp.peak().max(f64::MIN_POSITIVE); 2];
        }
        Venue::ALL.map(|v| level(v, t) * self.schedule.demand(v, t) * self.weather(v, t))
    }

    /// Traces a second of a ramp in the minute of `t`.
    fn ramp_rate(&self, ramp: Ramp, t: DateTime<Utc>) -> f64 {
        let middle = t - self.start + Duration::seconds(30);
        ramp.rate(middle.to_std().unwrap_or_default())
    }

    /// Whether orders are taken at `t`: in the session, and all the time of a ramp.
    pub(crate) fn is_open(&self, venue: Venue, t: DateTime<Utc>) -> bool {
        self.ramp.is_some() || in_session(venue, t)
    }

    /// When an order placed at `ts` ends at the latest (ns): at the close of the
    /// day, if it has a session; a minute later in a ramp.
    pub(crate) fn close(&self, venue: Venue, ts: i64) -> Option<i64> {
        if self.ramp.is_some() {
            return Some(ts + MINUTE_NS);
        }
        let date = venue.date_at(DateTime::from_timestamp_nanos(ts));
        venue.session(date).map(|session| nanos(session.close))
    }

    /// Puts off a piece of work until `ts` (ns).
    pub(crate) fn later(&mut self, ts: i64, task: Task) {
        self.next_task += 1;
        self.tasks.insert((ts, self.next_task), task);
    }

    fn work_off(&mut self, until: i64) {
        while let Some(entry) = self.tasks.first_entry() {
            if entry.key().0 >= until {
                break;
            }
            let ((ts, _), task) = entry.remove_entry();
            self.clock = ts;
            self.carry_out(ts, task);
        }
    }

    fn arrivals(&mut self, t: DateTime<Utc>, demand: [f64; 2]) -> Vec<(Venue, i64)> {
        let mut arrivals = Vec::new();
        for (venue, share) in Venue::ALL.into_iter().zip(SHARE) {
            let mean = match (self.ramp, self.phase) {
                (Some(ramp), _) => 60.0 * share * self.ramp_rate(ramp, t) / ramp::TRACES_PER_JOURNEY,
                (None, Phase::Backfill) => self.backfill_scale * share * demand[venue as usize],
                // At least a tenth of the ordinary level, so that a weekend shows life.
                (None, Phase::Live) => self.live_scale * share * demand[venue as usize].max(0.1),
            };
            let Ok(poisson) = Poisson::new(mean) else { continue };
            let count: f64 = poisson.sample(&mut self.scene.rng);
            let start = nanos(t);
            arrivals.extend(
                (0..count as u64).map(|_| (venue, start + self.scene.rng.random_range(0..MINUTE_NS))),
            );
        }
        arrivals.sort_by_key(|(_, ts)| *ts);
        arrivals
    }

    /// The day's own mood: lognormal, the same for a whole local day.
    fn weather(&self, venue: Venue, t: DateTime<Utc>) -> f64 {
        let day = venue.date_at(t).num_days_from_ce() as u64;
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ (day << 8) ^ venue as u64);
        let z: f64 = StandardNormal.sample(&mut rng);
        (0.1 * z).exp()
    }

    fn metrics(&mut self, t: DateTime<Utc>, load: f64) {
        let often = self.phase == Phase::Live || !self.scene.limits.is_empty();
        let every = if often { 1 } else { 5 };
        if (t.timestamp() / 60 + 1) % every != 0 {
            return;
        }
        let Scene { rng, topology, stats, batch, limits, .. } = &mut self.scene;
        let serving: Vec<_> = topology
            .instances()
            .iter()
            .enumerate()
            .filter(|(_, i)| topology.version(i.service, t) == i.version)
            .map(|(index, instance)| (index as u16, instance))
            .collect();
        let ts = nanos(self.next);
        let limited = Limited { limits, readings: self.resources.read(ts) };
        batch.points = stats.tick(ts, &serving, load, &limited, rng);
    }
}

/// Journeys a minute at demand 1 that give the wished mean over the backfill.
fn backfill_scale(cfg: &SampleConfig, schedule: &Schedule) -> f64 {
    let wished = cfg.backfill_traces_per_minute / TRACES_PER_JOURNEY;
    wished / mean_demand(cfg, schedule)
}

fn mean_demand(cfg: &SampleConfig, schedule: &Schedule) -> f64 {
    let (mut t, mut sum, mut samples) = (cfg.start(), 0.0, 0.0);
    while t < cfg.now || samples == 0.0 {
        for (venue, share) in Venue::ALL.into_iter().zip(SHARE) {
            sum += share * level(venue, t) * schedule.demand(venue, t);
        }
        samples += 1.0;
        t += Duration::minutes(5);
    }
    sum / samples
}

impl SampleConfig {
    /// The live `rate` that carries on at the history's own level, so that a
    /// forecast learned from the history holds: traces per second at a
    /// session's ordinary level.
    pub fn matching_rate(&self) -> f64 {
        let schedule = Schedule::new(self);
        backfill_scale(self, &schedule) * TRACES_PER_JOURNEY / 60.0
    }
}
