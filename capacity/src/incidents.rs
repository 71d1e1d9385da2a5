//! What a change costs against the incident that it avoids, from what is forecast, measured and configured.
//!
//! The demand is that of the forecast's highest moment, the capacity that of the service's lowest limit, with and
//! without the change that moves it; [`incident`] weighs them. A change that adds replicas is preferred to one that
//! does not, as the price table says what it costs: they are added at once and kept until the peak is over.

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use headroom_models::ForecastPoint;
use rust_decimal::Decimal;

use crate::money::incident::{DemandQuantile, IncidentComparison, IncidentInput, incident};
use crate::money::{Figure, Money, PriceTable, quantise};
use crate::walls::{IncidentTerms, Laws, Move, Platform, Strength, Wall, Walls, peak as busiest};

/// Services that are weighed: those that fill up first.
const TOLD: usize = 3;

/// A service, and what being short of its capacity costs.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceIncident {
    /// The service.
    pub service: String,
    /// The comparison, or what is missing for it.
    pub weighed: Figure<Weighed>,
}

/// A change against the incident that it avoids.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// What breaks first without the change.
    pub wall: String,
    /// How far that can be trusted.
    pub strength: Strength,
    /// The change, in words.
    pub change: String,
    /// Replicas that it adds; none where it adds none and nothing says what it costs.
    pub extra_replicas: Option<Decimal>,
    /// The forecast's highest moment.
    pub peak_at: DateTime<Utc>,
    /// What was compared: a body of `POST /api/v1/capacity/incident`.
    pub input: IncidentInput,
    /// What came of it.
    pub comparison: IncidentComparison,
}

/// Weighs the services whose walls are nearest: the first of all, and the next that have a forecast.
pub(crate) fn of(
    platform: &Platform,
    laws: &Laws,
    walls: &Walls,
    terms: Option<&IncidentTerms>,
    prices: &Result<Option<PriceTable>, String>,
) -> Figure<Vec<ServiceIncident>> {
    let Some(terms) = terms else {
        return Figure::unavailable(
            "what being short costs is not configured: give [capacity.incident] with currency, per_transaction and worth",
        );
    };
    if walls.walls.is_empty() {
        return Figure::unavailable("no wall can be told from what was measured");
    }
    let known = Known { platform, laws, walls, terms, prices };
    let mut services: Vec<&str> = Vec::new();
    for service in walls.walls.iter().map(|wall| wall.resource.service.as_str()) {
        let wanted = services.is_empty() || known.peak(service).is_some();
        if wanted && services.len() < TOLD && !services.contains(&service) {
            services.push(service);
        }
    }
    let weigh =
        |service: &str| ServiceIncident { service: service.to_owned(), weighed: known.weigh(service).into() };
    Figure::Known(services.into_iter().map(weigh).collect())
}

/// What the comparison is made of.
struct Known<'a> {
    platform: &'a Platform,
    laws: &'a Laws,
    walls: &'a Walls,
    terms: &'a IncidentTerms,
    prices: &'a Result<Option<PriceTable>, String>,
}

impl Known<'_> {
    fn peak(&self, service: &str) -> Option<&ForecastPoint> {
        self.platform.ahead.iter().find(|ahead| ahead.service == service)?.peak.as_ref()
    }

    fn weigh(&self, service: &str) -> Result<Weighed, String> {
        let Some(peak) = self.peak(service) else {
            return Err(format!(
                "no forecast of {service} is stored; with models.enabled a node makes the first one from half a day \
                 of measured requests"
            ));
        };
        let (wall, busiest) = self
            .breaks_first(self.walls, service)
            .zip(self.platform.service(service).and_then(busiest))
            .ok_or_else(|| format!("no limit of {service} can be told"))?;
        let Some((change, added)) = self.change(wall) else {
            return Err(format!("nothing that is known moves {}", wall.id));
        };
        let then = self.laws.nearest(self.platform, &change.what_if, 0);
        let next = self.breaks_first(&then, service).ok_or_else(|| {
            format!("no limit of {service} can be told after the change ({})", change.change)
        })?;
        if next.limit.factor < wall.limit.factor {
            return Err(format!("{} brings {} nearer than {} is today", change.change, next.id, wall.id));
        }
        let (hours, price) = match added {
            Some(replicas) => (self.replica_hours(peak, replicas), self.price(service, change)?),
            None => (Decimal::ZERO, Decimal::ZERO),
        };
        // As they are asked today: a forecast knows nothing of a cache, nor of what else a limit is shared with.
        let per_minute = |wall: &Wall| short(wall.limit.factor * busiest.per_second * 60.0);
        let input = self.input(service, peak, (per_minute(wall), per_minute(next)), (hours, price));
        let comparison = incident(&input).map_err(|error| error.to_string())?;
        Ok(Weighed {
            wall: wall.id.clone(),
            strength: wall.strength,
            change: change.change.clone(),
            extra_replicas: added,
            peak_at: peak.ts,
            input,
            comparison,
        })
    }

    /// The wall with the lowest limit, of those that a service meets alone or shares with others.
    fn breaks_first<'w>(&self, walls: &'w Walls, service: &str) -> Option<&'w Wall> {
        let fitted = |wall: &Wall| self.laws.fitted.iter().find(|fitted| fitted.resource == wall.resource);
        let uses = |wall: &Wall| {
            fitted(wall).is_some_and(|of| of.shares.iter().any(|share| share.service == service))
        };
        let of = walls.walls.iter().filter(|wall| uses(wall));
        of.min_by(|a, b| a.limit.factor.total_cmp(&b.limit.factor))
    }

    /// The change that moves a wall farthest, of those that add replicas if there are any; and how many they add.
    fn change<'w>(&self, wall: &'w Wall) -> Option<(&'w Move, Option<Decimal>)> {
        let priced = wall.moves.iter().find_map(|m| Some((m, Some(self.added(wall, m)?))));
        priced.or_else(|| wall.moves.first().map(|m| (m, None)))
    }

    /// Replicas that a change adds to the wall's service. Instances of twice the size count as twice as many.
    fn added(&self, wall: &Wall, change: &Move) -> Option<Decimal> {
        let service = &wall.resource.service;
        let now = self.laws.fitted.iter().find(|fitted| fitted.resource == wall.resource)?.replicas?;
        let replicas = change.what_if.replicas.get(service).map(|then| then - now);
        let size = || change.what_if.instance_size.get(service).map(|size| (size - 1.0) * now);
        quantise(replicas.or_else(size)?.ceil())
    }

    /// From now until the peak is over.
    fn replica_hours(&self, peak: &ForecastPoint, replicas: Decimal) -> Decimal {
        let until = (peak.ts - self.platform.made_at).num_minutes().max(0);
        let minutes = Decimal::from(until) + self.terms.duration_minutes;
        (replicas * minutes / Decimal::from(60)).round_dp(2).normalize()
    }

    /// What a replica of a service costs an hour.
    fn price(&self, service: &str, change: &Move) -> Result<Decimal, String> {
        let Some(table) = self.prices.as_ref().map_err(Clone::clone)? else {
            return Err(format!(
                "nothing says what a replica costs ({}): set capacity.prices to a price table with \
                 [services.{service}]",
                change.change
            ));
        };
        let priced = table.services.get(service).and_then(|priced| table.per_hour(&priced.class));
        let price = priced.ok_or_else(|| {
            format!("the price table has no [services.{service}]: name the class of its replicas there")
        })?;
        if price.currency == self.terms.currency {
            return Ok(price.amount);
        }
        Err(format!(
            "capacity.incident is in {} and the price table in {}: give both in one currency",
            self.terms.currency, price.currency
        ))
    }

    fn input(
        &self,
        service: &str,
        peak: &ForecastPoint,
        (capacity_without, capacity_with): (f64, f64),
        (extra_replica_hours, price): (Decimal, Decimal),
    ) -> IncidentInput {
        let money = |amount: Decimal| Money::new(amount, &self.terms.currency);
        let ForecastPoint { q50, q80, q90, q95, q99, q999, .. } = *peak;
        let demand = [(0.5, q50), (0.8, q80), (0.9, q90), (0.95, q95), (0.99, q99), (0.999, q999)];
        let demand =
            demand.map(|(probability, demand)| DemandQuantile { probability, demand: short(demand) });
        IncidentInput {
            extra_replica_hours,
            per_replica_hour: money(price),
            capacity_without,
            capacity_with,
            demand: demand.to_vec(),
            duration_minutes: self.terms.duration_minutes,
            per_transaction: money(self.terms.per_transaction(service)),
            worth: self.terms.worth,
            sla_credits: money(self.terms.sla_credits),
            staff_per_hour: money(self.terms.staff_per_hour),
        }
    }
}

/// To three decimals, so that what the report prints is what was computed with.
fn short(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}
