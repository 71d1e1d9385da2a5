//! Portfolios that belong together: a client's, or an adviser's book.

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_portfolio::book::{Flag, Totals};
use headroom_store::literal::string;
use headroom_store::{Store, schema};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::read::{MOST_BOOKINGS, about, bookings, instruments, last, symbols_of, with_events};
use super::value::{Look, valued};
use crate::error::{QueryError, Result};

/// Most portfolios that are told together; all of them are told by `/api/v1/assets`.
const MOST: usize = 5_000;

/// Whose portfolios are told together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// `customer.id`
    Client,
    /// `adviser.id`
    Adviser,
}

impl Whose {
    fn column(self) -> &'static str {
        match self {
            Self::Client => "customer_id",
            Self::Adviser => "adviser_id",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Adviser => "adviser",
        }
    }
}

/// Body of `GET /api/v1/clients/{id}/portfolios` and of `GET /api/v1/advisers/{id}/portfolios`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Together {
    /// What is known up to and at this moment counts.
    pub as_of: DateTime<Utc>,
    /// Currency of all figures.
    pub base_currency: String,
    /// Sum over the portfolios; null when one of them is not known.
    pub value: Option<Decimal>,
    /// The same, of all whose value is known.
    pub known_value: Decimal,
    /// The largest first.
    pub portfolios: Vec<Part>,
    /// Why figures are null, by portfolio.
    pub unavailable: Vec<String>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = TogetherPart)]
pub struct Part {
    /// `portfolio.id`
    pub portfolio_id: String,
    /// Whose it is; null when no booking says so.
    pub customer_id: Option<String>,
    /// What it is worth.
    pub totals: Totals,
    /// Events of it that could not be booked as they are.
    pub flags: Vec<Flag>,
}

#[derive(Debug, Row, Deserialize)]
struct IdRow {
    portfolio_id: String,
}

/// The ids of the portfolios of a client or an adviser, as the bookings that are kept say.
///
/// # Errors
/// [`QueryError::NotFound`] when there is none, [`QueryError::Unavailable`] when there are more than are told together.
pub async fn ids(store: &Store, tenant: &str, whose: Whose, id: &str) -> Result<Vec<String>> {
    let sql = format!(
        "SELECT portfolio_id FROM {} WHERE tenant = {} GROUP BY portfolio_id HAVING argMax({}, version) = {} ORDER BY portfolio_id LIMIT {}",
        store.table(schema::PORTFOLIOS),
        string(tenant),
        whose.column(),
        string(id),
        MOST + 1,
    );
    let rows: Vec<IdRow> = store.rows(&sql).await?;
    if rows.is_empty() {
        return Err(QueryError::not_found(
            format!("no portfolio of {} `{id}` is known", whose.word()),
            "bookings name their client in `customer.id` and their adviser in `adviser.id`; new ones are known within seconds",
        ));
    }
    if rows.len() > MOST {
        return Err(QueryError::unavailable(
            format!("{} `{id}` has more than {MOST} portfolios", whose.word()),
            "ask for all portfolios together (/api/v1/assets)",
        ));
    }
    Ok(rows.into_iter().map(|row| row.portfolio_id).collect())
}

/// Portfolios at a moment, each and together, in one currency (that of the first of them unless `look` says
/// another).
///
/// # Errors
/// As [`ids`]; what the store says.
pub async fn together(
    store: &Store,
    tenant: &str,
    (whose, id): (Whose, &str),
    as_of: DateTime<Utc>,
    look: &Look,
) -> Result<Together> {
    let ids = ids(store, tenant, whose, id).await?;
    let all = ids.iter().map(String::as_str);
    let (books, market) = tokio::try_join!(
        bookings(store, tenant, all, Some(MOST_BOOKINGS)),
        instruments(store, tenant, as_of)
    )?;
    let mut symbols = books.values().flat_map(|(_, entries)| symbols_of(entries)).collect();
    about(&market, &mut symbols);
    let quotes = last(store, tenant, &symbols, as_of).await?;
    let mut look = look.clone();
    let mut parts: Vec<Part> = Vec::new();
    let mut reasons = Vec::new();
    for (portfolio, (owner, entries)) in books {
        if entries.iter().all(|entry| entry.ts > as_of) {
            continue;
        }
        let own = with_events(&entries, &market);
        let told = valued(&portfolio, owner, own, &quotes, as_of, &look);
        look.base_currency = look.base_currency.or(told.valuation.base_currency);
        reasons.extend(told.valuation.unavailable.iter().map(|reason| format!("{portfolio}: {reason}")));
        parts.push(Part {
            portfolio_id: told.portfolio_id,
            customer_id: told.customer_id,
            totals: told.valuation.totals,
            flags: told.valuation.flags,
        });
    }
    let Some(base_currency) = look.base_currency else {
        return Err(QueryError::not_found(
            format!(
                "nothing was booked to a portfolio of {} `{id}` up to {}",
                whose.word(),
                as_of.to_rfc3339()
            ),
            "ask for a later moment",
        ));
    };
    parts.sort_by(|a, b| (b.totals.value, &a.portfolio_id).cmp(&(a.totals.value, &b.portfolio_id)));
    let value = parts.iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part.totals.value?));
    let known: Decimal = parts.iter().filter_map(|part| part.totals.value).sum();
    Ok(Together { as_of, base_currency, value, known_value: known, portfolios: parts, unavailable: reasons })
}
