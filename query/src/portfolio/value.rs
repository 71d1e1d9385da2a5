//! A portfolio at a moment.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_portfolio::book::{self, Entry, Method, Terms, Valuation, View};
use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use super::read::{MOST_BOOKINGS, Owner, Quotes, about, bookings, instruments, last, symbols_of};
use crate::error::{QueryError, Result};

/// How a portfolio is to be looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// Which lots a sale closes.
    pub method: Method,
    /// Currency of the totals; that of the first money that moved if none.
    pub base_currency: Option<String>,
    /// A price older than this is none.
    pub stale_after: Option<TimeDelta>,
}

/// Body of `GET /api/v1/portfolios/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Portfolio {
    /// `portfolio.id`
    pub portfolio_id: String,
    /// Whose it is; null when no booking says so.
    pub customer_id: Option<String>,
    /// Who advises; null when no booking says so.
    pub adviser_id: Option<String>,
    /// What it holds and is worth.
    #[serde(flatten)]
    pub valuation: Valuation,
}

/// A portfolio at a moment: its bookings, then what became of its instruments, then prices and rates.
///
/// # Errors
/// [`QueryError::NotFound`] when nothing was booked to it until then; what the store says.
pub async fn value(
    store: &Store,
    tenant: &str,
    portfolio_id: &str,
    as_of: DateTime<Utc>,
    look: &Look,
) -> Result<Portfolio> {
    let (mut books, market) = tokio::try_join!(
        bookings(store, tenant, [portfolio_id], Some(MOST_BOOKINGS)),
        instruments(store, tenant, as_of)
    )?;
    let known = books.remove(portfolio_id).filter(|(_, entries)| entries.iter().any(|e| e.ts <= as_of));
    let Some((owner, mut entries)) = known else {
        return Err(QueryError::not_found(
            format!("nothing was booked to portfolio `{portfolio_id}` up to {}", as_of.to_rfc3339()),
            "check its number, or ask for a later moment",
        ));
    };
    let mut symbols = symbols_of(&entries);
    entries.extend(about(&market, &mut symbols));
    let quotes = Box::pin(last(store, tenant, &symbols, as_of)).await?;
    Ok(valued(portfolio_id, owner, entries, &quotes, as_of, look))
}

/// The arithmetic of [`value`].
pub(super) fn valued(
    portfolio_id: &str,
    owner: Owner,
    mut entries: Vec<Entry>,
    quotes: &Quotes,
    as_of: DateTime<Utc>,
    look: &Look,
) -> Portfolio {
    entries.extend(quotes.entries.iter().cloned());
    let terms = Terms { method: look.method, ..Terms::default() };
    let view = View {
        base_currency: look.base_currency.clone(),
        stale_after: look.stale_after,
        labels: quotes.labels.clone(),
    };
    let named = |id: String| Some(id).filter(|id| !id.is_empty());
    Portfolio {
        portfolio_id: portfolio_id.to_owned(),
        customer_id: named(owner.customer_id),
        adviser_id: named(owner.adviser_id),
        valuation: book::value(&entries, as_of, terms, &view),
    }
}
