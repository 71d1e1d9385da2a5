//! Slices as rows of `slo_slices`.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use headroom_store::{Store, literal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;
use crate::slo::budget::at;
use crate::slo::series::{Series, Slice};
use crate::slo::slices::Stretch;
use crate::slo::spec::Slo;

/// Slices older than this are added up to hours where only sums are needed.
pub(in crate::slo) const FINE_SECONDS: i64 = 3 * 86_400 + HOUR;
/// So many hours of a window's beginning stay minutes, so that it may move on for a while without being read again.
const COARSE_AFTER: i64 = 3;
const HOUR: i64 = 3_600;

#[derive(clickhouse::Row, Serialize, Deserialize)]
struct SliceRow {
    tenant: String,
    slo: String,
    objective: u8,
    generation: String,
    slice: i64,
    good: u64,
    total: u64,
    coverage: f32,
    measured_at: i64,
}

#[derive(clickhouse::Row, Deserialize)]
struct SumRow {
    s_slo: String,
    s_start: i64,
    s_minutes: u64,
    s_good: u64,
    s_total: u64,
    s_observed: f64,
}

impl SumRow {
    fn slice(&self) -> Slice {
        Slice {
            start: self.s_start,
            seconds: self.s_minutes as i64 * 60,
            good: self.s_good,
            total: self.s_total,
            observed: self.s_observed,
        }
    }
}

pub(super) async fn write(
    store: &Store,
    tenant: &str,
    written: &[(&Slo, &[Slice])],
    now: DateTime<Utc>,
) -> Result<()> {
    let row = |slo: &Slo, slice: &Slice| SliceRow {
        tenant: tenant.to_owned(),
        slo: slo.id.clone(),
        objective: slo.objective_index,
        generation: slo.generation.clone(),
        slice: slice.start,
        good: slice.good,
        total: slice.total,
        coverage: slice.observed as f32,
        measured_at: now.timestamp_millis(),
    };
    let rows: Vec<SliceRow> =
        written.iter().flat_map(|(slo, slices)| slices.iter().map(|slice| row(slo, slice))).collect();
    store.insert_rows("slo_slices", &rows).await?;
    Ok(())
}

/// Minute slices of each objective's stretch, by its id.
pub async fn minutes(
    store: &Store,
    tenant: &str,
    wanted: &[(&Slo, Stretch)],
) -> Result<BTreeMap<String, Vec<Slice>>> {
    let mut found: BTreeMap<String, Vec<Slice>> = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    let rows: Vec<SumRow> = store.rows(&select(&store.table("slo_slices"), tenant, wanted, None)).await?;
    for row in rows {
        let slice = row.slice();
        found.entry(row.s_slo).or_default().push(slice);
    }
    Ok(found)
}

/// A meaning that the slices of an objective had: what it counts changed between two of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Generation {
    /// Names the meaning.
    pub generation: String,
    /// Start of its first slice in the stretch.
    pub from: DateTime<Utc>,
    /// End of its last.
    pub to: DateTime<Utc>,
    /// How many there are.
    pub slices: u64,
    /// When the first of them was measured.
    pub measured_at: DateTime<Utc>,
}

#[derive(clickhouse::Row, Deserialize)]
struct GenerationRow {
    g_generation: String,
    g_from: i64,
    g_to: i64,
    g_slices: u64,
    g_measured_at: i64,
}

/// The generations of an objective's slices in a stretch, in the order in which they were measured.
pub async fn generations(
    store: &Store,
    tenant: &str,
    slo: &str,
    stretch: Stretch,
) -> Result<Vec<Generation>> {
    let sql = format!(
        "SELECT generation AS g_generation, toInt64(toUnixTimestamp(min(slice))) AS g_from, \
         toInt64(toUnixTimestamp(max(slice))) + 60 AS g_to, count() AS g_slices, \
         toUnixTimestamp64Milli(min(measured_at)) AS g_measured_at FROM {table} FINAL \
         WHERE tenant = {tenant} AND slo = {slo} AND slice >= {from} AND slice < {to} \
         GROUP BY generation ORDER BY g_measured_at, g_from",
        table = store.table("slo_slices"),
        tenant = literal::string(tenant),
        slo = literal::string(slo),
        from = literal::ts(at(stretch.from)),
        to = literal::ts(at(stretch.to)),
    );
    let rows: Vec<GenerationRow> = store.rows(&sql).await?;
    let shown = |row: GenerationRow| Generation {
        generation: row.g_generation,
        from: at(row.g_from),
        to: at(row.g_to),
        slices: row.g_slices,
        measured_at: DateTime::from_timestamp_millis(row.g_measured_at).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// The slices that the windows of these objectives need at `now`, by objective id. Where
/// hours suffice, those in the middle of the window come added up to them: its newest three days and the hours in which
/// it may begin are minutes.
pub async fn stored(
    store: &Store,
    tenant: &str,
    slos: &[&Slo],
    now: DateTime<Utc>,
) -> Result<HashMap<String, Series>> {
    let end = super::due_until(now);
    let stretch = |slo: &Slo| Stretch { from: slo.history_from(end), to: i64::MAX };
    let wanted: Vec<(&Slo, Stretch)> =
        slos.iter().filter(|slo| slo.indicator.is_ok()).map(|slo| (*slo, stretch(slo))).collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = select(&store.table("slo_slices"), tenant, &wanted, Some(end - FINE_SECONDS));
    let rows: Vec<SumRow> = store.rows(&sql).await?;
    let mut by_slo: HashMap<String, Vec<Slice>> = HashMap::new();
    for row in rows {
        let slice = row.slice();
        by_slo.entry(row.s_slo).or_default().push(slice);
    }
    Ok(by_slo.into_iter().map(|(id, slices)| (id, Series::new(slices))).collect())
}

/// One row per minute; before `fine_from`, and from the third hour of the stretch, one per hour for objectives that
/// need only sums. Aliases differ from the columns' names, which would otherwise stand for the aliases.
fn select(table: &str, tenant: &str, wanted: &[(&Slo, Stretch)], fine_from: Option<i64>) -> String {
    let of = |(slo, Stretch { from, to }): &(&Slo, Stretch)| {
        let (id, generation) = (literal::string(&slo.id), literal::string(&slo.generation));
        let until =
            if *to == i64::MAX { String::new() } else { format!(" AND slice < {}", literal::ts(at(*to))) };
        format!("(slo = {id} AND generation = {generation} AND slice >= {}{until})", literal::ts(at(*from)))
    };
    let of: Vec<String> = wanted.iter().map(of).collect();
    let second = "toInt64(toUnixTimestamp(slice))";
    let summed = wanted.iter().filter(|(slo, _)| slo.hours_suffice());
    let summed = summed.map(|(slo, stretch)| {
        let whole = (stretch.from.div_euclid(HOUR) + COARSE_AFTER) * HOUR;
        format!("(slo = {} AND slice >= {})", literal::string(&slo.id), literal::ts(at(whole)))
    });
    let summed: Vec<String> = summed.collect();
    let start = match fine_from {
        Some(fine) if !summed.is_empty() => format!(
            "if(slice < {fine} AND ({summed}), intDiv({second}, {HOUR}) * {HOUR}, {second})",
            fine = literal::ts(at(fine.div_euclid(HOUR) * HOUR)),
            summed = summed.join(" OR ")
        ),
        _ => second.to_owned(),
    };
    format!(
        "SELECT slo AS s_slo, min({second}) AS s_start, count() AS s_minutes, sum(good) AS s_good, \
         sum(total) AS s_total, sum(toFloat64(coverage)) AS s_observed FROM {table} FINAL \
         WHERE tenant = {tenant} AND ({of}) GROUP BY slo, {start} ORDER BY s_slo, s_start",
        tenant = literal::string(tenant),
        of = of.join(" OR "),
    )
}
