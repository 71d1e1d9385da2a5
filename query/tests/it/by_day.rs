//! Many portfolios day by day: the figures of each are those that it has alone.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use headroom_portfolio::book::end_of;
use headroom_portfolio::performance::Ask;
use headroom_query::portfolio::{self, Beside, Look, Wanted};
use headroom_query::{QueryError, TimeRange};
use headroom_store::Store;
use rust_decimal::Decimal;

use crate::fixture::{TENANT, base, event, insert_events, store};

const ALL: Wanted<'_> = Wanted { portfolios: None, most: 100_000 };

fn at(days_ago: i64, minute: i64) -> DateTime<Utc> {
    (base() - TimeDelta::days(days_ago)).date_naive().and_hms_opt(9, 0, 0).unwrap().and_utc()
        + TimeDelta::minutes(minute)
}

/// Two portfolios with a split, a correction, a cancel and a currency; one that is not priced; one of another tenant.
async fn lives(store: &Store) {
    let of = |portfolio: &'static str, more: &[(&'static str, &'static str)]| {
        [&[("portfolio.id", portfolio), ("currency", "USD"), ("customer.id", "c-1")], more].concat()
    };
    let trade = |portfolio, side, symbol, quantity, price| {
        of(
            portfolio,
            &[("side", side), ("symbol", symbol), ("quantity", quantity), ("price", price), ("fee", "1.5")],
        )
    };
    let mut keyed = event("deposit.completed", at(9, 0), &of("pf-1", &[("amount", "999")]));
    keyed.id = "wrong".to_owned();
    let mut cancelled = event("deposit.completed", at(8, 0), &of("pf-1", &[("amount", "5")]));
    cancelled.id = "cancelled".to_owned();
    let price = |days, symbol, price| {
        event("price.updated", at(days, 300), &[("symbol", symbol), ("currency", "USD"), ("price", price)])
    };
    let events = [
        keyed,
        cancelled,
        event(
            "booking.corrected",
            at(1, 0),
            &of("pf-1", &[("corrects.event.id", "wrong"), ("amount", "1000.25")]),
        ),
        event("booking.cancelled", at(1, 1), &of("pf-1", &[("cancels.event.id", "cancelled")])),
        event("order.filled", at(9, 1), &trade("pf-1", "buy", "ACME", "10", "10.5")),
        event("order.filled", at(5, 1), &trade("pf-1", "sell", "ACME", "4", "12")),
        event("order.filled", at(5, 2), &trade("pf-1", "buy", "GONE", "1", "3")),
        event("order.filled", at(3, 2), &trade("pf-1", "sell", "GONE", "1", "4")),
        event("dividend.paid", at(4, 0), &of("pf-1", &[("symbol", "ACME"), ("amount", "2.5")])),
        event("withdrawal.completed", at(2, 0), &of("pf-1", &[("amount", "100")])),
        event("split.applied", at(6, 0), &[("symbol", "ACME"), ("ratio", "2:1")]),
        event("deposit.completed", at(7, 0), &of("pf-2", &[("amount", "50")])),
        event("order.filled", at(6, 1), &trade("pf-2", "buy", "DARK", "1", "10")),
        event("deposit.completed", at(3, 0), &of("pf-2", &[("amount", "7")])),
        price(9, "ACME", "10.5"),
        price(7, "ACME", "11"),
        price(5, "ACME", "6"),
        price(5, "GONE", "3"),
        price(2, "ACME", "6.125"),
    ];
    insert_events(store, &events).await;
    let foreign = event("deposit.completed", at(7, 0), &of("pf-1", &[("amount", "77")])).of("other");
    insert_events(store, &[foreign]).await;
}

fn days(ago: i64) -> (NaiveDate, NaiveDate) {
    (at(ago, 0).date_naive(), Utc::now().date_naive())
}

#[tokio::test]
async fn positions_of_a_day_are_those_of_the_portfolio_at_its_close() {
    let store = store().await;
    lives(&store).await;
    let now = Utc::now();
    let told = portfolio::positions(&store, TENANT, ALL, days(10), now).await.unwrap();
    let mut expected = Vec::new();
    for id in ["pf-1", "pf-2"] {
        for day in days(10).0.iter_days().take_while(|day| *day <= days(0).1) {
            let look = Look::default();
            let whole = portfolio::value(&store, TENANT, id, end_of(day).min(now), &look).await;
            let Ok(whole) = whole else { continue };
            let held =
                whole.valuation.positions.into_iter().filter(|one| one.quantity != Some(Decimal::ZERO));
            expected.extend(held.map(|position| (day, id.to_owned(), position)));
        }
    }
    let told: Vec<_> = told.into_iter().map(|held| (held.day, held.portfolio_id, held.position)).collect();
    assert_eq!(told, expected);
    assert!(told.len() > 15 && told.iter().any(|(.., of)| of.symbol == "GONE"), "{}", told.len());
    let unpriced = &told.last().unwrap().2;
    assert_eq!((unpriced.symbol.as_str(), unpriced.market_value), ("DARK", None));
    assert!(unpriced.quantity.is_some() && unpriced.unavailable.is_some(), "{unpriced:?}");

    let named = ["pf-2".to_owned(), "none".to_owned()];
    let some = Wanted { portfolios: Some(&named), ..ALL };
    let told = portfolio::positions(&store, TENANT, some, days(0), now).await.unwrap();
    assert_eq!(told.iter().map(|held| held.portfolio_id.as_str()).collect::<Vec<_>>(), ["pf-2"]);
    let none = Wanted { portfolios: Some(&[]), ..ALL };
    assert_eq!(portfolio::positions(&store, TENANT, none, days(0), now).await.unwrap(), []);
    assert_eq!(portfolio::positions(&store, "nobody", ALL, days(0), now).await.unwrap(), []);
    let few = portfolio::positions(&store, TENANT, Wanted { most: 3, ..ALL }, days(10), now).await.unwrap();
    assert!((3..6).contains(&few.len()), "{}", few.len());
}

#[tokio::test]
async fn returns_of_days_are_those_of_the_portfolio() {
    let store = store().await;
    lives(&store).await;
    let now = Utc::now();
    let told = portfolio::returns(&store, TENANT, ALL, days(40), now).await.unwrap();
    let mut by_portfolio: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for row in &told {
        assert_eq!(row.currency.as_deref(), Some("USD"));
        by_portfolio.entry(&row.portfolio_id).or_default().push(&row.day);
    }
    let (own, dark) = (&by_portfolio["pf-1"], &by_portfolio["pf-2"]);
    assert_eq!(
        (own[0].date, own.len()),
        (at(9, 0).date_naive(), (days(0).1 - days(9).0).num_days() as usize + 1)
    );
    for day in own {
        let look = Look::default();
        let whole = portfolio::value(&store, TENANT, "pf-1", end_of(day.date).min(now), &look).await.unwrap();
        assert_eq!(day.value, whole.valuation.totals.value, "{day:?}");
    }
    let id = ["pf-1".to_owned()];
    let made =
        portfolio::performance(&store, TENANT, &id, Ask::default(), Beside::default(), now).await.unwrap();
    let total = made.time_weighted.total.unwrap();
    let near = |one: f64| assert!((one - total).abs() < 1e-12, "{one} is not {total}");
    near(own.last().unwrap().return_since_start.unwrap());
    near(own.iter().map(|day| 1.0 + day.return_of_day.unwrap()).product::<f64>() - 1.0);
    assert!(total.abs() > 1e-3);
    let flows = |flow: fn(&headroom_portfolio::performance::DayReturn) -> Option<Decimal>| -> Decimal {
        own.iter().map(|day| flow(day).unwrap()).sum()
    };
    assert_eq!(
        (Some(flows(|day| day.inflow)), Some(flows(|day| day.outflow))),
        (made.inflows, made.outflows)
    );

    // Without a price of what it holds nothing is known of pf-2, and after a deposit nothing since its start.
    assert_eq!(dark[0].value, Some(Decimal::from(50)));
    for day in &dark[1..] {
        assert_eq!((day.value, day.return_of_day), (None, None), "{day:?}");
        assert!(day.unavailable.as_ref().unwrap().contains("no price of DARK"), "{day:?}");
    }
    let later = portfolio::returns(&store, TENANT, ALL, days(1), now).await.unwrap();
    let last: Vec<_> = told.iter().filter(|row| row.day.date >= days(1).0).cloned().collect();
    assert_eq!(later, last, "of fewer days the same");
}

#[tokio::test]
async fn flows_are_booked_once_as_they_were_corrected() {
    let store = store().await;
    lives(&store).await;
    lives(&store).await;
    let now = Utc::now();
    let range = TimeRange::new(now - TimeDelta::days(30), now).unwrap();
    let told = portfolio::flows(&store, TENANT, ALL, range).await.unwrap();
    assert_eq!(told.len(), 10);
    for id in ["pf-1", "pf-2"] {
        let moved = told.iter().filter(|flow| flow.portfolio_id == id);
        let cash: Decimal = moved.map(|flow| flow.amount.unwrap() - flow.fees).sum();
        let whole = portfolio::value(&store, TENANT, id, now, &Look::default()).await.unwrap();
        assert_eq!(Some(cash.normalize()), whole.valuation.accounts[0].cash);
    }
    let kinds: Vec<&str> = told.iter().map(|flow| flow.kind).collect();
    assert_eq!(kinds[..4], ["deposit", "buy", "sell", "buy"]);
    assert_eq!(told[0].amount.unwrap().to_string(), "1000.25", "as it was corrected");
    assert_eq!((told[1].amount.unwrap().to_string().as_str(), told[1].symbol.as_str()), ("-105", "ACME"));
    let week = TimeRange::new(at(5, 2), at(3, 2)).unwrap();
    let some = portfolio::flows(&store, TENANT, ALL, week).await.unwrap();
    assert_eq!(some.iter().map(|flow| flow.kind).collect::<Vec<_>>(), ["buy", "dividend", "deposit"]);
}

#[tokio::test]
async fn what_is_too_much_is_refused_before_it_is_worked_out() {
    let store = store().await;
    lives(&store).await;
    let ancient: NaiveDate = "1500-01-01".parse().unwrap();
    let refused = portfolio::positions(&store, TENANT, ALL, (ancient, days(0).1), Utc::now()).await;
    let Err(QueryError::Unavailable { message, hint }) = refused else { panic!("{refused:?}") };
    assert!(message.contains("at most 200000") && hint.contains("portfolio_id"), "{message}: {hint}");
}
