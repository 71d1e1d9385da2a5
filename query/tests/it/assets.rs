//! What all portfolios hold together, kept from what is booked.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_portfolio::book::View;
use headroom_portfolio::performance::Ask;
use headroom_query::portfolio::{self, Assets, AssetsAsk, Beside, Kept, MovesKeeper};
use headroom_store::Store;
use rust_decimal::Decimal;

use crate::fixture::{TENANT, event, insert_events, store};

fn dec(text: &str) -> Option<Decimal> {
    Some(text.parse().unwrap())
}

/// Noon some days ago.
fn noon(days_ago: i64) -> DateTime<Utc> {
    let today = Utc::now().date_naive() - TimeDelta::days(days_ago);
    today.and_hms_opt(12, 0, 0).unwrap().and_utc()
}

fn ask(days_ago: (i64, i64)) -> AssetsAsk {
    AssetsAsk {
        from: noon(days_ago.0).date_naive(),
        to: noon(days_ago.1).date_naive(),
        as_of: None,
        base_currency: "USD".to_owned(),
        cohort: None,
        stale_after: None,
    }
}

async fn told(store: &Store, days_ago: (i64, i64)) -> Assets {
    portfolio::assets(store, TENANT, &ask(days_ago), Utc::now()).await.unwrap()
}

const OF_ONE: [(&str, &str); 3] = [("portfolio.id", "pf-1"), ("customer.id", "c-1"), ("currency", "USD")];
const OF_TWO: [(&str, &str); 4] =
    [("portfolio.id", "pf-2"), ("customer.id", "c-2"), ("currency", "EUR"), ("adviser.id", "adv-1")];

fn with(
    own: &[(&'static str, &'static str)],
    more: &[(&'static str, &'static str)],
) -> Vec<(&'static str, &'static str)> {
    [own, more].concat()
}

/// Two portfolios in two currencies over a week, with a split in between.
async fn week(store: &Store) {
    let acme = ("symbol", "ACME");
    let buy = [acme, ("side", "buy"), ("quantity", "10"), ("price", "20"), ("event.id", "buy")];
    insert_events(
        store,
        &[
            event("fx.updated", noon(9), &[("base", "EUR"), ("quote", "USD"), ("rate", "1.2")]),
            event("price.updated", noon(9), &[acme, ("price", "20"), ("currency", "USD")]),
            event("deposit.completed", noon(8), &with(&OF_ONE, &[("amount", "1000"), ("event.id", "in")])),
            event("order.filled", noon(7), &with(&OF_ONE, &buy)),
            event("deposit.completed", noon(6), &with(&OF_TWO, &[("amount", "500")])),
            event("split.applied", noon(5), &[acme, ("ratio", "2:1")]),
            event("price.updated", noon(4), &[acme, ("price", "11"), ("currency", "USD")]),
            event(
                "order.filled",
                noon(3),
                &with(&OF_ONE, &[acme, ("side", "sell"), ("quantity", "5"), ("price", "12"), ("fee", "1")]),
            ),
            event("order.rejected", noon(3), &[("order.id", "o-9")]),
        ],
    )
    .await;
}

#[tokio::test]
async fn all_portfolios_are_told_day_by_day() {
    let store = store().await;
    week(&store).await;
    let mut keeper = MovesKeeper::new((*store).clone(), TENANT);
    assert_eq!(keeper.round(Utc::now()).await.unwrap(), Kept { portfolios: 2, days: 4 });
    let assets = told(&store, (8, 1)).await;
    let values: Vec<_> = assets.days.iter().map(|day| day.value).collect();
    // 1000; bought for as much; 500 EUR come in; a split changes nothing; 20 at 11; 5 sold for 12, a fee of 1.
    let wanted = ["1000", "1000", "1600", "1600", "1620", "1624", "1624", "1624"];
    assert_eq!(values, wanted.map(dec), "{:?}", assets.unavailable);
    assert_eq!(assets.period.inflow, dec("1600"));
    assert_eq!((assets.period.fees, assets.period.trades, assets.period.active_portfolios), (dec("1"), 2, 1));
    assert_eq!(assets.period.portfolios, 2);
    // 60 sold over the average value of 1461.5.
    assert_eq!(assets.period.turnover, dec("0.041054"));
    assert_eq!(assets.concentration.largest, dec("1"));
    let held: Vec<_> =
        assets.positions.iter().map(|p| (p.position.symbol.as_deref(), p.position.value)).collect();
    assert_eq!(held, [(None, dec("859")), (None, dec("600")), (Some("ACME"), dec("165"))]);
    assert!(assets.complete_until.is_some());
    let cohort = assets.cohorts.iter().map(|cohort| cohort.value.unwrap()).sum::<Decimal>();
    assert_eq!(Some(cohort), dec("1624"));
    let euros = AssetsAsk { base_currency: "EUR".to_owned(), ..ask((6, 6)) };
    let euros = portfolio::assets(&store, TENANT, &euros, Utc::now()).await.unwrap();
    assert_eq!(euros.days[0].value.map(|value| value.round_dp(6)), dec("1333.333333"));
}

#[tokio::test]
async fn a_moment_within_a_day_is_told_as_it_stood() {
    let store = store().await;
    week(&store).await;
    MovesKeeper::new((*store).clone(), TENANT).round(Utc::now()).await.unwrap();
    let at = async |moment: DateTime<Utc>| {
        let ask = AssetsAsk { as_of: Some(moment), to: moment.date_naive(), ..ask((8, 8)) };
        portfolio::assets(&store, TENANT, &ask, Utc::now()).await
    };
    let hour = TimeDelta::hours(1);
    let told = [
        // A deposit opened the first portfolio.
        (noon(8), "1000", 0, 1, None),
        // The money of the second portfolio counts from its own moment on.
        (noon(6) - hour, "1000", 1, 1, Some("200")),
        (noon(6), "1600", 1, 2, Some("200")),
        // Before the sale and after it; what was known of prices then.
        (noon(4) - hour, "1600", 1, 2, Some("200")),
        (noon(4), "1620", 1, 2, Some("220")),
        (noon(3) - hour, "1620", 1, 2, Some("220")),
        (noon(3), "1624", 2, 2, Some("165")),
    ];
    for (moment, value, trades, portfolios, held) in told {
        let assets = at(moment).await.unwrap();
        assert_eq!(assets.days.last().unwrap().value, dec(value), "{moment}: {:?}", assets.unavailable);
        assert_eq!((assets.period.trades, assets.period.portfolios), (trades, portfolios), "{moment}");
        assert_eq!(assets.period.active_portfolios, u64::from(trades > 0), "{moment}");
        let position = assets.positions.iter().find(|one| one.position.symbol.is_some());
        assert_eq!(position.and_then(|one| one.position.value), held.and_then(dec), "{moment}");
    }
    let nothing = at(noon(8) - hour).await.unwrap();
    assert!(nothing.days.is_empty() && nothing.unavailable[0].contains(" 11:00:00 "), "{nothing:?}");
    // The last moment of a day is its end, and each day before it is as it was.
    let end = at(headroom_portfolio::book::end_of(noon(3).date_naive())).await.unwrap();
    assert_eq!(end, { Assets { complete_until: end.complete_until, ..self::told(&store, (8, 3)).await } });
    let elsewhere = AssetsAsk { as_of: Some(noon(5)), ..ask((8, 3)) };
    let refused = portfolio::assets(&store, TENANT, &elsewhere, Utc::now()).await.unwrap_err();
    assert!(refused.to_string().contains("is not on the last day"), "{refused}");
}

/// A deposit that was keyed wrong, a purchase that never was, and money that comes late.
async fn restate(store: &Store) {
    let booked = |name, at, more: &[(&'static str, &'static str)]| event(name, at, &with(&OF_ONE[..2], more));
    let never =
        [("event.id", "never"), ("symbol", "GONE"), ("side", "buy"), ("quantity", "1"), ("price", "5")];
    let right = [("corrects.event.id", "in"), ("amount", "1100")];
    let income = [("symbol", "ACME"), ("amount", "3"), ("currency", "USD")];
    let events = [
        booked("booking.corrected", noon(2), &right),
        booked("order.filled", noon(6), &with(&never, &[("currency", "USD")])),
        booked("booking.cancelled", noon(1), &[("cancels.event.id", "never")]),
        booked("dividend.paid", noon(7), &income),
    ];
    insert_events(store, &events).await;
}

#[tokio::test]
async fn what_comes_late_or_is_restated_restates_the_past() {
    let store = store().await;
    week(&store).await;
    let mut keeper = MovesKeeper::new((*store).clone(), TENANT);
    keeper.round(Utc::now()).await.unwrap();
    // Nothing is new, and what is sent again counts once.
    assert_eq!(keeper.round(Utc::now()).await.unwrap(), Kept::default());
    week(&store).await;
    keeper.round(Utc::now()).await.unwrap();
    assert_eq!(told(&store, (8, 1)).await.days[7].value, dec("1624"));
    restate(&store).await;
    let kept = keeper.round(Utc::now()).await.unwrap();
    assert_eq!(kept.portfolios, 1);
    let restated = told(&store, (8, 1)).await;
    let values: Vec<_> = restated.days.iter().map(|day| day.value).collect();
    assert_eq!(values, ["1100", "1103", "1703", "1703", "1723", "1727", "1727", "1727"].map(dec));
    // A keeper that begins from nothing, with everything there already, finds the same.
    let other = crate::fixture::store().await;
    restate(&other).await;
    week(&other).await;
    MovesKeeper::new((*other).clone(), TENANT).round(Utc::now()).await.unwrap();
    let replayed = told(&other, (8, 1)).await;
    assert_eq!((replayed.days, replayed.positions), (restated.days, restated.positions));
}

#[tokio::test]
async fn a_first_booking_that_comes_late_moves_a_portfolio_to_its_cohort() {
    let store = store().await;
    week(&store).await;
    let mut keeper = MovesKeeper::new((*store).clone(), TENANT);
    keeper.round(Utc::now()).await.unwrap();
    let before = event("deposit.completed", noon(70), &with(&OF_TWO, &[("amount", "100")]));
    insert_events(&store, &[before]).await;
    keeper.round(Utc::now()).await.unwrap();
    let assets = told(&store, (8, 1)).await;
    assert_eq!(assets.days[7].value, dec("1744"));
    let month = noon(70).date_naive().format("%Y-%m-01").to_string();
    let cohorts: Vec<_> = assets.cohorts.iter().filter(|cohort| cohort.portfolios > 0).collect();
    assert_eq!(cohorts.len(), 2, "{cohorts:?}");
    assert_eq!((cohorts[0].month.to_string(), cohorts[0].value), (month.clone(), dec("720")));
    let of_cohort = AssetsAsk { cohort: month.parse().ok(), ..ask((8, 1)) };
    let of_cohort = portfolio::assets(&store, TENANT, &of_cohort, Utc::now()).await.unwrap();
    assert_eq!(of_cohort.days[7].value, dec("720"));
    assert_eq!(of_cohort.period.portfolios, 1);
}

#[tokio::test]
async fn nothing_is_an_answer_of_its_own() {
    let store = store().await;
    let nothing = told(&store, (8, 1)).await;
    assert_eq!((nothing.days.len(), nothing.period.inflow, nothing.complete_until), (0, None, None));
    assert!(nothing.unavailable[0].starts_with("nothing was booked to any portfolio"), "{nothing:?}");
    let backwards = portfolio::assets(&store, TENANT, &ask((1, 8)), Utc::now()).await;
    assert_eq!(backwards.unwrap_err().code(), "bad_request");
}

#[tokio::test]
async fn a_symbol_change_is_nothing_to_those_who_never_held_it() {
    let store = store().await;
    week(&store).await;
    insert_events(&store, &[event("symbol.changed", noon(2), &[("symbol", "ACME"), ("new.symbol", "APEX")])])
        .await;
    let both = ["pf-1".to_owned(), "pf-2".to_owned()];
    let ask =
        Ask { view: View { base_currency: Some("USD".to_owned()), ..View::default() }, ..Ask::default() };
    let made = Box::pin(portfolio::performance(&store, TENANT, &both, ask, Beside::default(), Utc::now()))
        .await
        .unwrap();
    assert_eq!(made.flags, []);
    assert_eq!(made.end_value, dec("1624"));
}

#[tokio::test]
async fn the_return_beyond_another_portfolio_is_attributed() {
    let store = store().await;
    week(&store).await;
    let made = async |own: &str, model: &str| {
        let ask = Ask { from: Some(noon(6).date_naive()), ..Ask::default() };
        let beside = Beside { portfolio: Some((model, "symbol")), ..Beside::default() };
        Box::pin(portfolio::performance(&store, TENANT, &[own.to_owned()], ask, beside, Utc::now())).await
    };
    let alone = made("pf-1", "pf-1").await.unwrap();
    let itself = alone.attribution.unwrap();
    assert!(itself.active.abs() < 1e-12 && itself.portfolio != 0.0, "{itself:?}");
    let told = made("pf-1", "pf-2").await.unwrap();
    let beside = told.attribution.unwrap_or_else(|| panic!("{:?}", told.unavailable));
    let effects: f64 = beside.segments.iter().map(|part| part.effects.total()).sum();
    assert!((effects - beside.active).abs() < 1e-12);
    assert!((beside.portfolio - itself.portfolio).abs() < 1e-12);
    let unknown = made("pf-1", "pf-9").await.unwrap_err();
    assert_eq!(unknown.code(), "not_found");
    assert!(unknown.to_string().contains("the benchmark portfolio `pf-9`"), "{unknown}");
}
