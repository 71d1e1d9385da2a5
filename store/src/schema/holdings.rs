//! Tables of portfolios: what was booked, what things cost, and what moved by the day.

use super::raw::{LC, MAP, MONEY, TEXT, TS};
use super::table::{Engine, Keep, Table};

/// When the store took a row in: what is new is found by it, however late it was sent.
const STORED: &str = "DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta(8), ZSTD(1))";
const SECONDS: &str = "DateTime64(0, 'UTC') CODEC(Delta(8), ZSTD(1))";
const DAY: &str = "Date CODEC(ZSTD(1))";
const SUM: &str = "Decimal(38, 12) CODEC(ZSTD(1))";
const COUNT: &str = "UInt32 CODEC(ZSTD(1))";
const VERSION: &str = "UInt64 CODEC(ZSTD(1))";

/// Sums of what moved on a day, each a decimal.
const MOVED: [&str; 10] =
    ["quantity", "cash", "inflow", "outflow", "income", "fees", "taxes", "bought", "sold", "realised"];

/// Events that are booked to a portfolio, in the order in which one portfolio is read.
pub(crate) fn bookings() -> Table {
    Table {
        name: super::BOOKINGS,
        columns: vec![
            ("tenant", LC),
            ("portfolio_id", TEXT),
            ("ts", TS),
            ("event_id", TEXT),
            ("name", LC),
            ("customer_id", TEXT),
            ("symbol", LC),
            ("side", LC),
            ("currency", LC),
            ("quantity", MONEY),
            ("price", MONEY),
            ("amount", MONEY),
            ("fee", MONEY),
            ("attributes", MAP),
            ("stored_at", STORED),
        ],
        engine: Engine::Merge,
        partition: "toYear(ts)",
        order: "(tenant, portfolio_id, ts)",
        shard: "cityHash64(tenant, portfolio_id)",
        keep: Some(("ts", Keep::Event)),
        indexes: vec!["INDEX stored stored_at TYPE minmax GRANULARITY 1"],
        words: None,
        granularity: 512,
    }
}

/// Last prices and exchange rates of a span of time: of equal keys the one of the latest `ts`.
fn quotes(name: &'static str, keep: Keep, partition: &'static str) -> Table {
    Table {
        name,
        columns: vec![
            ("tenant", LC),
            ("kind", LC),
            ("symbol", LC),
            ("quote", LC),
            ("m", SECONDS),
            ("ts", TS),
            ("price", SUM),
            ("currency", LC),
            ("venue", LC),
            ("asset_class", LC),
            ("sector", LC),
        ],
        engine: Engine::Replacing("ts"),
        partition,
        order: "(tenant, kind, symbol, quote, m)",
        shard: "cityHash64(tenant, kind, symbol)",
        keep: Some(("m", keep)),
        indexes: Vec::new(),
        words: None,
        granularity: 1024,
    }
}

pub(crate) fn quotes_1m() -> Table {
    quotes(super::QUOTES_1M, Keep::Hour, "toYYYYMM(m)")
}

pub(crate) fn quotes_1d() -> Table {
    quotes(super::QUOTES_1D, Keep::Event, "toYear(m)")
}

fn moves(
    name: &'static str,
    keys: Vec<(&'static str, &'static str)>,
    counts: &[&'static str],
    order: &'static str,
) -> Table {
    let mut columns = keys;
    columns.extend(MOVED.map(|sum| (sum, SUM)));
    columns.extend(counts.iter().map(|count| (*count, COUNT)));
    columns.push(("version", VERSION));
    Table {
        name,
        columns,
        engine: Engine::Replacing("version"),
        partition: "toYYYYMM(day)",
        order,
        shard: "cityHash64(tenant, day)",
        keep: Some(("day", Keep::Event)),
        indexes: Vec::new(),
        words: None,
        granularity: 1024,
    }
}

/// What moved in a portfolio on a day, by symbol ('' is money for none) and currency. A row is made anew whenever the
/// day is, and the latest counts; one of which nothing is left has zeros. Days come first: they are summed one by one.
pub(crate) fn portfolio_moves() -> Table {
    let keys = vec![
        ("tenant", LC),
        ("day", DAY),
        ("portfolio_id", TEXT),
        ("symbol", LC),
        ("currency", LC),
        ("cohort", DAY),
    ];
    let order = "(tenant, day, portfolio_id, symbol, currency)";
    moves(super::PORTFOLIO_MOVES, keys, &["trades", "unknown"], order)
}

/// The same, summed over the portfolios of a cohort (the month of their first booking).
pub(crate) fn cohort_moves() -> Table {
    let keys = vec![("tenant", LC), ("day", DAY), ("cohort", DAY), ("symbol", LC), ("currency", LC)];
    moves(super::COHORT_MOVES, keys, &["trades", "unknown"], "(tenant, day, cohort, symbol, currency)")
}

/// Portfolios, and whose they are, as their bookings say.
pub(crate) fn portfolios() -> Table {
    Table {
        name: super::PORTFOLIOS,
        columns: vec![
            ("tenant", LC),
            ("portfolio_id", TEXT),
            ("customer_id", TEXT),
            ("adviser_id", LC),
            ("opened", DAY),
            ("trades", COUNT),
            ("flags", COUNT),
            ("version", VERSION),
        ],
        engine: Engine::Replacing("version"),
        partition: "tuple()",
        order: "(tenant, portfolio_id)",
        shard: "cityHash64(tenant, portfolio_id)",
        keep: None,
        indexes: Vec::new(),
        words: None,
        granularity: 1024,
    }
}

/// Up to which moment (by `stored_at`) bookings are in the moves.
pub(crate) fn moves_progress() -> Table {
    Table {
        name: super::MOVES_PROGRESS,
        columns: vec![
            ("tenant", LC),
            ("stored_until", "DateTime64(3, 'UTC')"),
            ("made_at", "DateTime64(3, 'UTC')"),
        ],
        engine: Engine::Replacing("stored_until"),
        partition: "tuple()",
        order: "(tenant)",
        shard: "cityHash64(tenant)",
        keep: None,
        indexes: Vec::new(),
        words: None,
        granularity: 1024,
    }
}
