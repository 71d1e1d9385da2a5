//! Tables of what Headroom works out: slices, forecasts and how good they are, anomalies, plans; of load
//! tests, which it is told; and of the statements that analysts asked.

use super::raw::{LC, MS, TEXT};
use super::table::{Engine, Keep, Table};

const TIME: &str = "DateTime64(0, 'UTC') CODEC(Delta(8), ZSTD(1))";
const QUANTILE: &str = "Float64 CODEC(ZSTD(1))";
const FIGURE: &str = QUANTILE;
const MAYBE: &str = "Nullable(Float64) CODEC(ZSTD(1))";

fn result(
    name: &'static str,
    columns: Vec<(&'static str, &'static str)>,
    order: &'static str,
    shard: &'static str,
    time: &'static str,
    version: &'static str,
    partition: &'static str,
) -> Table {
    Table {
        name,
        columns,
        engine: Engine::Replacing(version),
        partition,
        order,
        shard,
        keep: Some((time, Keep::Result)),
        indexes: Vec::new(),
        words: None,
        granularity: 1024,
    }
}

pub(crate) fn slo_slices() -> Table {
    let columns = vec![
        ("tenant", LC),
        ("slo", LC),
        ("objective", "UInt8"),
        ("generation", TEXT),
        ("slice", TIME),
        ("good", "UInt64 CODEC(ZSTD(1))"),
        ("total", "UInt64 CODEC(ZSTD(1))"),
        ("coverage", "Float32"),
        ("measured_at", MS),
    ];
    result(
        super::SLO_SLICES,
        columns,
        "(tenant, slo, generation, slice, objective)",
        "cityHash64(tenant, slo)",
        "slice",
        "measured_at",
        "toYYYYMM(slice)",
    )
}

pub(crate) fn forecasts() -> Table {
    let columns = vec![
        ("tenant", LC),
        ("metric", LC),
        ("service", LC),
        ("made_at", MS),
        ("ts", TIME),
        ("q50", QUANTILE),
        ("q80", QUANTILE),
        ("q90", QUANTILE),
        ("q95", QUANTILE),
        ("q99", QUANTILE),
        ("q999", QUANTILE),
        ("events", "Array(String) CODEC(ZSTD(1))"),
        ("model", LC),
    ];
    result(
        super::FORECASTS,
        columns,
        "(tenant, metric, service, ts)",
        "cityHash64(tenant, metric, service)",
        "ts",
        "made_at",
        "toYYYYMM(ts)",
    )
}

pub(crate) fn anomalies() -> Table {
    let columns = vec![
        ("tenant", LC),
        ("metric", LC),
        ("service", LC),
        ("ts", TIME),
        ("kind", LC),
        ("side", LC),
        ("since", TIME),
        ("value", FIGURE),
        ("expected", FIGURE),
        ("score", FIGURE),
        ("tail", FIGURE),
        ("event", TEXT),
        ("reason", TEXT),
        ("detected_at", MS),
    ];
    result(
        super::ANOMALIES,
        columns,
        "(tenant, metric, service, ts)",
        "cityHash64(tenant, metric, service)",
        "ts",
        "detected_at",
        "toYYYYMM(ts)",
    )
}

pub(crate) fn forecast_skill() -> Table {
    let columns = vec![
        ("tenant", LC),
        ("metric", LC),
        ("service", LC),
        ("made_at", MS),
        ("model", LC),
        ("chosen", "Bool"),
        ("kind", LC),
        ("part", LC),
        ("points", "UInt32"),
        ("pinball90", FIGURE),
        ("coverage90", FIGURE),
        ("relative_mae", MAYBE),
        ("relative_wql", MAYBE),
    ];
    result(
        super::FORECAST_SKILL,
        columns,
        "(tenant, metric, service, made_at, model, kind, part)",
        "cityHash64(tenant, metric, service)",
        "made_at",
        "made_at",
        "toYYYYMM(made_at)",
    )
}

pub(crate) fn plans() -> Table {
    let columns = vec![
        ("tenant", LC),
        ("service", LC),
        ("made_at", MS),
        ("ts", TIME),
        ("replicas", "UInt32"),
        ("reactive", "UInt32"),
        ("reason", TEXT),
        ("mode", LC),
    ];
    result(
        super::PLANS,
        columns,
        "(tenant, service, ts)",
        "cityHash64(tenant, service)",
        "ts",
        "made_at",
        "toYYYYMM(ts)",
    )
}

pub(crate) fn load_tests() -> Table {
    let columns = vec![
        ("tenant", LC),
        ("id", TEXT),
        ("name", TEXT),
        ("service", LC),
        ("tool", LC),
        ("started", MS),
        ("ended", MS),
        ("body", TEXT),
        ("made_at", MS),
    ];
    result(
        super::LOAD_TESTS,
        columns,
        "(tenant, id)",
        "cityHash64(tenant, id)",
        "started",
        "made_at",
        "toYYYYMM(started)",
    )
}

pub(crate) fn queries() -> Table {
    let columns = vec![
        ("tenant", LC),
        ("id", TEXT),
        ("ts", MS),
        ("actor", LC),
        ("door", LC),
        ("statement", TEXT),
        ("sqlstate", LC),
        ("error", TEXT),
        ("rows", "UInt64 CODEC(ZSTD(1))"),
        ("bytes", "UInt64 CODEC(ZSTD(1))"),
        ("elapsed_ms", "UInt64 CODEC(ZSTD(1))"),
    ];
    result(super::QUERIES, columns, "(tenant, ts, id)", "cityHash64(tenant, id)", "ts", "ts", "toYYYYMM(ts)")
}
