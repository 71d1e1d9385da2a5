//! Slices as rows of `slo_slices`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use headroom_store::{Store, literal};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::slo::budget::at;
use crate::slo::series::{Series, Slice};
use crate::slo::spec::Slo;

/// Slices older than this are added up to hours where only sums are needed.
const FINE_SECONDS: i64 = 3 * 86_400 + 3_600;

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
    slo: &Slo,
    slices: &[Slice],
    now: DateTime<Utc>,
) -> Result<()> {
    let rows: Vec<SliceRow> = slices
        .iter()
        .map(|slice| SliceRow {
            tenant: tenant.to_owned(),
            slo: slo.id.clone(),
            objective: slo.objective_index,
            generation: slo.generation.clone(),
            slice: slice.start,
            good: slice.good,
            total: slice.total,
            coverage: slice.observed as f32,
            measured_at: now.timestamp_millis(),
        })
        .collect();
    store.insert_rows("slo_slices", &rows).await?;
    Ok(())
}

/// Minute slices of `from <= minute < to`.
pub async fn stored_minutes(
    store: &Store,
    tenant: &str,
    slo: &Slo,
    from: i64,
    to: i64,
) -> Result<Vec<Slice>> {
    let sql = select(&store.table("slo_slices"), tenant, &[(slo, from)], Some(to), from);
    let rows: Vec<SumRow> = store.rows(&sql).await?;
    Ok(rows.iter().map(SumRow::slice).collect())
}

/// The slices that the windows of these objectives need at `now`, by objective id. Where
/// hours suffice, those older than three days come added up to them.
pub async fn stored(
    store: &Store,
    tenant: &str,
    slos: &[&Slo],
    now: DateTime<Utc>,
) -> Result<HashMap<String, Series>> {
    let end = super::due_until(now);
    let wanted: Vec<(&Slo, i64)> =
        slos.iter().filter(|slo| slo.indicator.is_ok()).map(|slo| (*slo, slo.history_from(end))).collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = select(&store.table("slo_slices"), tenant, &wanted, None, end - FINE_SECONDS);
    let rows: Vec<SumRow> = store.rows(&sql).await?;
    let mut by_slo: HashMap<String, Vec<Slice>> = HashMap::new();
    for row in rows {
        let slice = row.slice();
        by_slo.entry(row.s_slo).or_default().push(slice);
    }
    Ok(by_slo.into_iter().map(|(id, slices)| (id, Series::new(slices))).collect())
}

/// One row per minute; before `fine_from` one per hour for objectives that need only sums.
/// Aliases differ from the columns' names, which would otherwise stand for the aliases.
fn select(table: &str, tenant: &str, wanted: &[(&Slo, i64)], to: Option<i64>, fine_from: i64) -> String {
    let of: Vec<String> = wanted
        .iter()
        .map(|(slo, from)| {
            let (id, generation) = (literal::string(&slo.id), literal::string(&slo.generation));
            format!("(slo = {id} AND generation = {generation} AND slice >= {})", literal::ts(at(*from)))
        })
        .collect();
    let summed =
        wanted.iter().filter(|(slo, _)| slo.hours_suffice()).map(|(slo, _)| literal::string(&slo.id));
    let until = to.map_or_else(String::new, |to| format!(" AND slice < {}", literal::ts(at(to))));
    format!(
        "SELECT slo AS s_slo, toInt64(toUnixTimestamp(min(slice))) AS s_start, count() AS s_minutes, sum(good) AS s_good, \
         sum(total) AS s_total, sum(toFloat64(coverage)) AS s_observed FROM {table} FINAL \
         WHERE tenant = {tenant} AND ({of}){until} \
         GROUP BY slo, if(slice < {fine} AND slo IN {summed}, intDiv(toInt64(toUnixTimestamp(slice)), 3600) * 3600, toInt64(toUnixTimestamp(slice))) \
         ORDER BY s_slo, s_start",
        tenant = literal::string(tenant),
        of = of.join(" OR "),
        fine = literal::ts(at(fine_from)),
        summed = literal::tuple(summed),
    )
}
