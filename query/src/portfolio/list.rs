//! Which portfolios there are.

use clickhouse::Row;
use headroom_store::{Store, schema};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;
use crate::scan::{Aggregate, Expr, Function, Key, ScanQuery};

/// Most portfolios in one answer.
const MOST: u64 = 1_000;

/// Body of `GET /api/v1/portfolios`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Portfolios {
    /// Most trades first, at most a thousand.
    pub portfolios: Vec<PortfolioRow>,
    /// Whether there are more than these.
    pub truncated: bool,
}

/// A portfolio in one line.
#[derive(Debug, Clone, PartialEq, Eq, Row, Serialize, Deserialize, ToSchema)]
pub struct PortfolioRow {
    /// `portfolio.id`
    pub id: String,
    /// Whose it is; '' when no booking says so.
    pub customer_id: String,
    /// Who advises; '' when no booking says so.
    pub adviser_id: String,
    /// Trades booked, each event once.
    pub trades: u32,
    /// Events of it that could not be booked as they are.
    pub flags: u32,
}

/// The portfolios to which something was booked, as of the last round of the
/// [`MovesKeeper`](super::MovesKeeper). One query over a row for each.
pub async fn list(store: &Store, tenant: &str) -> Result<Portfolios> {
    let column = |name: &str| Expr::Column(name.to_owned());
    let newest = |name: &str| Aggregate::new(Function::ArgMax(column(name), column("version")), name);
    let scan = ScanQuery::aggregate(tenant, schema::PORTFOLIOS)
        .key(Key::new(column("portfolio_id"), "id"))
        .aggregates(["customer_id", "adviser_id", "trades", "flags"].map(newest))
        .descending("trades")
        .ascending("id")
        .limit(MOST + 1);
    let mut portfolios: Vec<PortfolioRow> = scan.fetch(store).await?;
    let truncated = portfolios.len() as u64 > MOST;
    portfolios.truncate(MOST as usize);
    Ok(Portfolios { portfolios, truncated })
}
