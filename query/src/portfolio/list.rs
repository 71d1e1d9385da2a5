//! Which portfolios there are.

use clickhouse::Row;
use headroom_store::{Store, schema};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;
use crate::scan::{Aggregate, Expr, Filter, Function, Key, ScanQuery};

/// Most portfolios in one answer.
const MOST: u64 = 1_000;
/// The events that are trades.
const TRADES: [&str; 2] = ["order.filled", "order.partially_filled"];

/// Body of `GET /api/v1/portfolios`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Portfolios {
    /// Most trades first, at most a thousand.
    pub portfolios: Vec<PortfolioRow>,
    /// Whether there are more than these.
    pub truncated: bool,
}

/// A portfolio in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PortfolioRow {
    /// `portfolio.id`
    pub id: String,
    /// Whose it is.
    pub customer_id: String,
    /// Trades booked, each event once.
    pub trades: u64,
}

#[derive(Debug, Row, Deserialize)]
struct ListRow {
    portfolio_id: String,
    customer_id: String,
    trades: u64,
}

/// The portfolios to which something was booked. One query over the bookings.
pub async fn list(store: &Store, tenant: &str) -> Result<Portfolios> {
    let column = |name: &str| Expr::Column(name.to_owned());
    let scan = ScanQuery::aggregate(tenant, schema::BOOKINGS)
        .key(Key::column("portfolio_id"))
        .aggregates([
            Aggregate::new(Function::Max(column("customer_id")), "customer_id"),
            Aggregate::new(Function::CountDistinct(column("event_id")), "trades")
                .only(Filter::one_of("name", TRADES)),
        ])
        .descending("trades")
        .ascending("portfolio_id")
        .limit(MOST + 1);
    let mut rows: Vec<ListRow> = scan.fetch(store).await?;
    let truncated = rows.len() as u64 > MOST;
    rows.truncate(MOST as usize);
    let portfolios = rows.into_iter().map(|row| PortfolioRow {
        id: row.portfolio_id,
        customer_id: row.customer_id,
        trades: row.trades,
    });
    Ok(Portfolios { portfolios: portfolios.collect(), truncated })
}
