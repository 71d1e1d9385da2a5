//! What the performance of portfolios costs.
//!
//! ```sh
//! cargo bench -p headroom-portfolio --bench performance_bench
//! ```
//!
//! Two years of daily prices of 50 symbols in two currencies, and trades spread over them; all figures, with a benchmark
//! and labels. CPU seconds of the process, from `/proc/self/stat`, over ten runs.
#![allow(clippy::unwrap_used, missing_docs)]

use chrono::{DateTime, Days, TimeDelta, Utc};
use headroom_portfolio::book::{Entry, Money, Movement, Purpose, Side, Terms, Trade, View};
use headroom_portfolio::performance::{Ask, Benchmark, Portfolio, performance};
use rust_decimal::Decimal;

const DAYS: u64 = 730;
const SYMBOLS: u64 = 50;
const RUNS: u32 = 10;

fn main() {
    println!("{:>10} {:>10} {:>10}", "portfolios", "trades", "CPU-ms");
    for (portfolios, trades) in [(1, 0), (1, 1_000), (1, 10_000), (1, 100_000), (20, 500)] {
        let entries: Vec<Vec<Entry>> = (0..portfolios).map(|own| entries(own, trades)).collect();
        let portfolios: Vec<Portfolio<'_>> =
            entries.iter().map(|entries| Portfolio { name: "one", entries }).collect();
        let ask = ask();
        let before = cpu_seconds();
        for _ in 0..RUNS {
            let told = performance(&portfolios, &ask);
            assert!(told.is_whole() && told.index.len() > 500, "{told}");
        }
        let each = (cpu_seconds() - before) * 1e3 / f64::from(RUNS);
        let all = trades * portfolios.len() as u64;
        println!("{:>10} {all:>10} {each:>10.0}", portfolios.len());
    }
}

fn ask() -> Ask {
    let label = |symbol: u64| (name(symbol), [("sector".to_owned(), format!("{}", symbol % 7))].into());
    Ask {
        terms: Terms { may_go_short: true, ..Terms::default() },
        view: View { labels: (0..SYMBOLS).map(label).collect(), ..View::default() },
        large_flow: Some(0.1),
        benchmark: Some(Benchmark::Symbol(name(0))),
        ..Ask::default()
    }
}

fn name(symbol: u64) -> String {
    format!("SYMBOL-{symbol}")
}

fn currency(symbol: u64) -> String {
    if symbol.is_multiple_of(5) { "EUR" } else { "USD" }.to_owned()
}

/// A price that goes its way, in cents.
fn price(symbol: u64, day: u64) -> Decimal {
    let chance = (symbol * 7_919 + day * 104_729) % 1_009;
    Decimal::new((5_000 + symbol * 100 + day * (symbol % 9) + chance) as i64, 2)
}

fn entries(own: u64, trades: u64) -> Vec<Entry> {
    let start: DateTime<Utc> = "2024-01-01T00:00:00Z".parse().unwrap();
    let mut entries = Vec::new();
    let mut add = |at: DateTime<Utc>, movement| {
        entries.push(Entry { event_id: format!("{own} {}", entries.len()), ts: at, movement });
    };
    for (currency, amount) in [("USD", 1_000_000_000), ("EUR", 100_000_000)] {
        let amount = Decimal::from(amount);
        let money =
            Money { purpose: Purpose::Deposit, symbol: String::new(), amount, currency: currency.to_owned() };
        add(start, Movement::Money(money));
    }
    for day in (0..DAYS).filter(|day| day % 7 < 5) {
        let close = start + Days::new(day) + TimeDelta::hours(17);
        let rate = Decimal::new((10_500 + day % 700) as i64, 4);
        add(close, Movement::Rate { base: "EUR".to_owned(), quote: "USD".to_owned(), rate });
        for symbol in 0..SYMBOLS {
            let price = price(symbol, day);
            add(close, Movement::Price { symbol: name(symbol), price, currency: currency(symbol) });
        }
    }
    for trade in 0..trades {
        let (symbol, day) = (trade * 31 % SYMBOLS, trade * DAYS / trades / 7 * 7 + trade % 5);
        add(
            start + Days::new(day) + TimeDelta::seconds(36_000 + (trade % 20_000) as i64),
            Movement::Trade(Trade {
                symbol: name(symbol),
                side: if trade % 3 == 2 { Side::Sell } else { Side::Buy },
                quantity: Decimal::from(1 + trade % 40),
                price: price(symbol, day),
                currency: currency(symbol),
                fee: Decimal::new(150, 2),
                lots: Vec::new(),
            }),
        );
    }
    entries
}

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = [fields[11], fields[12]].into_iter().map(|n| n.parse::<u64>().unwrap()).sum();
    ticks as f64 / 100.0
}
