use chrono::{DateTime, TimeDelta, Utc};
use headroom_portfolio::book::Valuation;
use headroom_query::portfolio::{self, Look, MovesKeeper};
use headroom_store::Store;
use rust_decimal::Decimal;

use crate::fixture::{TENANT, base, event, insert_events, store};

fn dec(text: &str) -> Option<Decimal> {
    Some(text.parse().unwrap())
}

async fn value_at(store: &Store, at: DateTime<Utc>) -> headroom_query::Result<Valuation> {
    let portfolio = portfolio::value(store, TENANT, "pf-1", at, &Look::default()).await?;
    Ok(portfolio.valuation)
}

async fn life(store: &Store) {
    let at = |minute| base() + TimeDelta::minutes(minute);
    let own = [("customer.id", "c-1"), ("portfolio.id", "pf-1"), ("currency", "USD")];
    let with = |more: &[(&'static str, &'static str)]| [own.as_slice(), more].concat();
    let acme = ("symbol", "ACME");
    insert_events(
        store,
        &[
            event("deposit.completed", at(0), &with(&[("amount", "1000.10")])),
            event(
                "order.filled",
                at(1),
                &with(&[
                    acme,
                    ("side", "buy"),
                    ("quantity", "10"),
                    ("price", "10.123456789012"),
                    ("fee", "1.25"),
                ]),
            ),
            event(
                "order.partially_filled",
                at(2),
                &with(&[acme, ("side", "sell"), ("quantity", "4"), ("price", "20"), ("fee", "0.75")]),
            ),
            event("split.applied", at(10), &[acme, ("ratio", "2:1")]),
            event("dividend.paid", at(11), &with(&[acme, ("amount", "3.3")])),
            event("fee.charged", at(12), &with(&[("amount", "2")])),
            event("withdrawal.completed", at(13), &with(&[("amount", "100.10")])),
            event("price.updated", at(3), &[acme, ("price", "24"), ("currency", "USD")]),
            event("price.updated", at(20), &[acme, ("price", "13"), ("currency", "USD")]),
            event("price.updated", at(20), &[("symbol", "OTHER"), ("price", "99"), ("currency", "USD")]),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_portfolio_is_valued_to_the_last_digit() {
    let store = store().await;
    life(&store).await;
    // Events that are sent again are booked once.
    life(&store).await;
    let value = value_at(&store, base() + TimeDelta::minutes(30)).await.unwrap();
    assert_eq!(value.base_currency.as_deref(), Some("USD"));
    assert_eq!(value.positions.len(), 1);
    let acme = &value.positions[0];
    assert_eq!((acme.quantity, acme.price, acme.market_value), (dec("12"), dec("13"), dec("156")));
    assert_eq!(acme.cost_basis, dec("60.740740734072"));
    assert_eq!(acme.realised, dec("39.506172843952"));
    assert_eq!(acme.unrealised, dec("95.259259265928"));
    assert_eq!(value.accounts[0].cash, dec("878.06543210988"));
    assert_eq!((value.totals.fees, value.totals.dividends), (dec("4"), dec("3.3")));
    assert!(value.unavailable.is_empty() && value.flags.is_empty(), "{value:?}");
    let json = serde_json::to_value(&value).unwrap();
    assert_eq!(json["positions"][0]["market_value"], "156");
    assert_eq!(json["totals"]["dividends"], "3.3");
}

#[tokio::test]
async fn the_past_is_valued_at_the_prices_of_the_past() {
    let store = store().await;
    life(&store).await;
    let value = |minute| value_at(&store, base() + TimeDelta::minutes(minute));
    let early = value(5).await.unwrap();
    assert_eq!((early.positions[0].quantity, early.positions[0].market_value), (dec("6"), dec("144")));
    let split = value(15).await.unwrap();
    assert_eq!((split.positions[0].price, split.positions[0].market_value), (dec("12"), dec("144")));
    let unpriced = value(2).await.unwrap();
    assert_eq!((unpriced.positions[0].quantity, unpriced.positions[0].market_value), (dec("6"), None));
    assert_eq!(unpriced.unavailable, ["ACME: no price of ACME is known at that time"]);
    assert_eq!(value(-1).await.unwrap_err().code(), "not_found");
}

/// The last price before a moment counts, be it of its minute, its day or of days before, and none of after it.
#[tokio::test]
async fn a_price_of_later_never_hides_one_of_before() {
    let store = store().await;
    let at = |minutes: i64| base() + TimeDelta::minutes(minutes);
    let own = [("portfolio.id", "pf-1"), ("currency", "USD"), ("symbol", "ACME")];
    let bought = [own.as_slice(), &[("side", "buy"), ("quantity", "1"), ("price", "9")]].concat();
    let price = |minutes, price| {
        event("price.updated", at(minutes), &[("symbol", "ACME"), ("currency", "USD"), ("price", price)])
    };
    // Three days before, and in the day of the base: earlier, and twice in one minute.
    let second = TimeDelta::seconds(30);
    let mut late = price(61, "14");
    late.ts += second;
    late.id = "late".to_owned();
    let events = [
        event("order.filled", at(-5000), &bought),
        price(-4320, "10"),
        price(60, "12"),
        price(61, "13"),
        late,
    ];
    insert_events(&store, &events).await;
    let told = async |moment| value_at(&store, moment).await.unwrap().positions[0].price;
    assert_eq!(told(at(-4321)).await, None);
    assert_eq!(told(at(-4320)).await, dec("10"));
    assert_eq!(told(at(59)).await, dec("10"), "the day's price is of later");
    assert_eq!(told(at(60)).await, dec("12"));
    assert_eq!(told(at(61)).await, dec("13"), "the minute's price is of later");
    assert_eq!(told(at(61) + second).await, dec("14"));
    assert_eq!(told(at(90)).await, dec("14"));
}

#[tokio::test]
async fn a_price_that_does_not_tell_the_sector_leaves_what_was_told() {
    let store = store().await;
    let at = |minutes: i64| base() + TimeDelta::minutes(minutes);
    let acme = [("symbol", "ACME"), ("currency", "USD")];
    let with = |more: &[(&'static str, &'static str)]| [acme.as_slice(), more].concat();
    let bought = with(&[("portfolio.id", "pf-1"), ("side", "buy"), ("quantity", "1"), ("price", "9")]);
    let events = [
        event("order.filled", at(-5000), &bought),
        event("price.updated", at(-4320), &with(&[("price", "10"), ("sector", "industry")])),
        event("price.updated", at(60), &with(&[("price", "12")])),
    ];
    insert_events(&store, &events).await;
    // As of later, and as of a moment after which the day goes on.
    for moment in [at(90), at(59)] {
        let told = value_at(&store, moment).await.unwrap();
        let allocations = told.allocations.unwrap();
        let sectors = allocations.iter().find(|allocation| allocation.by == "sector").unwrap();
        assert!(sectors.parts.iter().any(|part| part.name == "industry"), "{sectors:?}");
    }
}

#[tokio::test]
async fn other_currencies_need_a_rate() {
    let store = store().await;
    life(&store).await;
    let at = |minute| base() + TimeDelta::minutes(minute);
    let old = base() - TimeDelta::days(20);
    insert_events(
        &store,
        &[
            event(
                "order.filled",
                at(21),
                &[
                    ("portfolio.id", "pf-1"),
                    ("symbol", "EURO"),
                    ("side", "buy"),
                    ("quantity", "1"),
                    ("price", "50"),
                    ("currency", "EUR"),
                ],
            ),
            event("price.updated", old, &[("symbol", "EURO"), ("price", "60"), ("currency", "EUR")]),
            event("fx.updated", at(25), &[("base", "EUR"), ("quote", "USD"), ("rate", "1.1")]),
            event("fx.updated", at(26), &[("base", "EUR"), ("quote", "USD"), ("rate", "1.2")]),
        ],
    )
    .await;
    let before = value_at(&store, at(24)).await.unwrap();
    assert_eq!((before.positions[1].market_value, before.totals.market_value), (dec("60"), None));
    assert_eq!(before.unavailable, ["totals: no exchange rate from EUR to USD is known at that time"]);
    let after = value_at(&store, at(30)).await.unwrap();
    assert_eq!(after.totals.market_value, dec("228"));
}

#[tokio::test]
async fn portfolios_are_listed_with_their_trades() {
    let store = store().await;
    life(&store).await;
    life(&store).await;
    insert_events(
        &store,
        &[event(
            "deposit.completed",
            base(),
            &[("portfolio.id", "pf-0"), ("amount", "1"), ("currency", "USD")],
        )],
    )
    .await;
    assert_eq!(portfolio::list(&store, TENANT).await.unwrap().portfolios, []);
    MovesKeeper::new((*store).clone(), TENANT).round(Utc::now()).await.unwrap();
    let list = portfolio::list(&store, TENANT).await.unwrap().portfolios;
    let rows: Vec<_> =
        list.iter().map(|row| (row.id.as_str(), row.customer_id.as_str(), row.trades)).collect();
    assert_eq!(rows, [("pf-1", "c-1", 2), ("pf-0", "", 0)]);
}
