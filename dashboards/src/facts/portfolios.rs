//! What portfolios hold and made, and their flows, as rows.

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use headroom_query::portfolio::{self, BookedFlow, Held, ReturnDay, Wanted};
use headroom_sql::{Asked, Days};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{NodeFacts, Rows, asked_back, filled, places};

/// Told where nothing is said.
const LAST: TimeDelta = TimeDelta::days(30);

impl NodeFacts {
    pub(super) async fn positions(&self, tenant: &str, asked: &Asked) -> Rows {
        let Some(days) = self.days(asked.days, TimeDelta::zero()) else { return Ok(Vec::new()) };
        let held = portfolio::positions(&self.store, tenant, wanted(asked), days, self.clock.now()).await;
        Ok(held.map_err(asked_back)?.into_iter().map(position).collect())
    }

    pub(super) async fn returns(&self, tenant: &str, asked: &Asked) -> Rows {
        let Some(days) = self.days(asked.days, LAST) else { return Ok(Vec::new()) };
        let told = portfolio::returns(&self.store, tenant, wanted(asked), days, self.clock.now()).await;
        Ok(told.map_err(asked_back)?.into_iter().map(return_day).collect())
    }

    pub(super) async fn flows(&self, tenant: &str, asked: &Asked) -> Rows {
        let Some(range) = self.range(asked.days, LAST)? else { return Ok(Vec::new()) };
        let flows = portfolio::flows(&self.store, tenant, wanted(asked), range).await;
        Ok(flows.map_err(asked_back)?.iter().map(flow).collect())
    }

    /// The first and the last day whose beginning is in the time that is asked for; where nothing is said the `last`
    /// before today, and today.
    fn days(&self, days: Days, last: TimeDelta) -> Option<(NaiveDate, NaiveDate)> {
        let today = self.clock.now().date_naive();
        let from = days.from.map_or(today - last, |from| {
            let begun = from.time() > NaiveTime::MIN;
            from.date_naive() + TimeDelta::days(i64::from(begun))
        });
        let to = days.to.map_or(today, |to| (to - TimeDelta::nanoseconds(1)).date_naive().min(today));
        (from <= to).then_some((from, to))
    }
}

fn wanted(asked: &Asked) -> Wanted<'_> {
    Wanted { portfolios: asked.portfolios.as_deref(), most: asked.most }
}

/// Its beginning.
fn day(date: NaiveDate) -> Value {
    json!(date.and_time(NaiveTime::MIN).and_utc())
}

fn money(amount: Option<Decimal>) -> Option<String> {
    amount.map(places)
}

fn position(held: Held) -> Value {
    let of = held.position;
    json!({
        "day": day(held.day), "portfolio_id": held.portfolio_id, "symbol": of.symbol, "quantity": money(of.quantity),
        "average_cost": money(of.average_cost), "cost_basis": money(of.cost_basis), "price": money(of.price),
        "price_at": of.price_at, "value": money(of.market_value), "unrealised": money(of.unrealised),
        "currency": filled(&of.currency), "unavailable": of.unavailable,
    })
}

fn return_day(told: ReturnDay) -> Value {
    let of = told.day;
    json!({
        "day": day(of.date), "portfolio_id": told.portfolio_id, "currency": told.currency, "value": money(of.value),
        "inflow": money(of.inflow), "outflow": money(of.outflow), "return_of_day": of.return_of_day,
        "return_since_start": of.return_since_start, "unavailable": of.unavailable,
    })
}

fn flow(of: &BookedFlow) -> Value {
    json!({
        "ts": of.ts, "portfolio_id": of.portfolio_id, "kind": of.kind, "amount": money(of.amount),
        "fees": places(of.fees), "currency": filled(&of.currency), "symbol": filled(&of.symbol),
        "quantity": money(of.quantity), "price": money(of.price), "event_id": of.event_id,
        "unavailable": of.unavailable,
    })
}
