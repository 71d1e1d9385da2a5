//! Portfolios at scale: what it costs to keep the moves of many, and how long one, a large one and all of them take.
//!
//! `cargo bench -p headroom-query --bench portfolios_bench [-- ACCOUNTS [TRADES_EACH]]` fills a store with accounts of
//! so many trades each over two years in 200 symbols, a portfolio of 10,000 trades among them, keeps the moves from
//! nothing, and asks. CPU seconds are those of this process and of the engine (or of the server whose process id
//! `HEADROOM_BENCH_PID` tells, with `HEADROOM_TEST_CLICKHOUSE`).
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

#[path = "measure/mod.rs"]
mod measure;

use std::time::Instant;

use chrono::{TimeDelta, Utc};
use headroom_portfolio::performance::Ask;
use headroom_query::portfolio::{self, AssetsAsk, Beside, Look, MovesKeeper};
use headroom_store::Store;
use headroom_store::testing;
use measure::{ask, cpu_seconds};

const TENANT: &str = "acme";
/// Trades of the large portfolio.
const LARGE: u64 = 10_000;
fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let accounts = numbers.first().copied().unwrap_or(20_000);
    let trades = numbers.get(1).copied().unwrap_or(50);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(run(accounts, trades));
}

async fn run(accounts: u64, trades: u64) {
    let store = testing::store().await;
    fill(&store, accounts, trades).await;
    let (begin, cpu) = (Instant::now(), cpu_seconds());
    let mut keeper = MovesKeeper::new((*store).clone(), TENANT);
    let kept = keeper.round(Utc::now()).await.unwrap();
    let (wall, cpu) = (begin.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let booked = accounts * (trades + 1) + LARGE + 1;
    println!("| what | figure |\n|---|---|");
    println!("| accounts, bookings | {}, {booked} |", kept.portfolios);
    println!("| keeping all moves from nothing | {wall:.1} s wall, {cpu:.1} CPU-s |");
    println!("| the same, per million bookings | {:.2} CPU-s |", cpu / booked as f64 * 1e6);
    println!("| memory of this process at most | {} MB |", peak_mb());

    // A trade in each of a thousand accounts, taken in by one round.
    book(&store, 1_000, 1, "now64(9)", "n").await;
    let (begin, cpu) = (Instant::now(), cpu_seconds());
    let kept = keeper.round(Utc::now()).await.unwrap();
    let (wall, cpu) = (begin.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    println!("| a round with a trade in {} of them | {wall:.2} s wall, {cpu:.2} CPU-s |", kept.portfolios);

    println!("\n| question | p50 ms | p95 ms | CPU-ms |\n|---|---|---|---|");
    let now = Utc::now();
    let look = Look::default();
    let store = &*store;
    ask("one portfolio", async || {
        portfolio::value(store, TENANT, "pf-77", now, &look).await.unwrap();
    })
    .await;
    ask("the portfolio of 10,000 trades", async || {
        portfolio::value(store, TENANT, "pf-large", now, &look).await.unwrap();
    })
    .await;
    ask("its performance over two years", async || {
        let ids = ["pf-large".to_owned()];
        portfolio::performance(store, TENANT, &ids, Ask::default(), Beside::default(), now).await.unwrap();
    })
    .await;
    let assets = AssetsAsk {
        from: now.date_naive() - TimeDelta::days(30),
        to: now.date_naive(),
        as_of: None,
        base_currency: "USD".to_owned(),
        cohort: None,
        stale_after: None,
    };
    ask("assets under management, 30 days", async || {
        let told = portfolio::assets(store, TENANT, &assets, now).await.unwrap();
        assert!(told.days.iter().all(|day| day.value.is_some()), "{:?}", told.unavailable);
    })
    .await;
}

/// Accounts with a deposit and trades, prices, and a large portfolio.
async fn fill(store: &Store, accounts: u64, trades: u64) {
    let start = "toDateTime64(toStartOfDay(now('UTC')) - toIntervalDay(730), 9, 'UTC')";
    let quotes = format!(
        "(tenant, kind, symbol, quote, m, ts, price, currency) SELECT '{TENANT}', 'price', concat('S', toString(number % 200)), '', toStartOfDay({start} + toIntervalDay(intDiv(number, 200))), toStartOfDay({start} + toIntervalDay(intDiv(number, 200))) + toIntervalHour(21), toDecimal128(50 + number % 97, 12), 'USD' FROM numbers(200 * 731)"
    );
    store.execute(&format!("INSERT INTO {} {quotes}", store.table("quotes_1d"))).await.unwrap();
    let deposits = format!(
        "INSERT INTO {} (tenant, portfolio_id, ts, event_id, name, customer_id, currency, amount) SELECT '{TENANT}', if(number = {accounts}, 'pf-large', concat('pf-', toString(number))), {start}, concat('d', toString(number)), 'deposit.completed', concat('c-', toString(number)), 'USD', 1000000 FROM numbers({accounts} + 1)",
        store.table("bookings")
    );
    store.execute(&deposits).await.unwrap();
    let at = format!(
        "{start} + toIntervalMinute(10 + (number % {trades}) * intDiv(1050000, {trades}) + cityHash64(number) % 600)"
    );
    book(store, accounts, trades, &at, "t").await;
    let large = format!("{start} + toIntervalMinute(10 + number * intDiv(1050000, {LARGE}))");
    let sql = trades_of(store, "'pf-large'", LARGE, &large, "l");
    store.execute(&sql).await.unwrap();
}

/// Trades in accounts, `each` in a row of numbers; one in four sells what the one before bought.
async fn book(store: &Store, accounts: u64, each: u64, at: &str, mark: &str) {
    let portfolio = format!("concat('pf-', toString(intDiv(number, {each})))");
    store.execute(&trades_of(store, &portfolio, accounts * each, at, mark)).await.unwrap();
}

fn trades_of(store: &Store, portfolio: &str, count: u64, at: &str, mark: &str) -> String {
    let sells = "(number % 4 = 3)";
    format!(
        "INSERT INTO {} (tenant, portfolio_id, ts, event_id, name, customer_id, symbol, side, currency, quantity, price, fee) SELECT '{TENANT}', {portfolio}, {at}, concat('{mark}', toString(number)), 'order.filled', '', concat('S', toString(cityHash64(number - {sells}) % 200)), if({sells} AND '{mark}' != 'n', 'sell', 'buy'), 'USD', 1 + (number - {sells}) % 7, 50 + number % 90, 1 FROM numbers({count}) SETTINGS max_insert_threads = 1",
        store.table("bookings")
    )
}

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}
