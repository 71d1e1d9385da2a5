//! Numbers that others publish for their own books.

use super::*;

/// ghostfolio: novn-buy-and-sell.
#[test]
fn ghostfolio_novn_buy_and_sell() {
    let lines = "2022-03-07,buy,NOVN,2,75.8,,CHF\n2022-04-08,sell,NOVN,2,85.73,,CHF";
    let position = &valued(lines, Method::Fifo).positions[0];
    assert_eq!((position.quantity, position.realised), (some("0"), some("19.86")));
    let share = position.realised.unwrap() / position.closed_cost.unwrap();
    assert_eq!((share * dec("100")).round_dp(4), dec("13.1003"));
}

/// ghostfolio: novn-buy-and-sell-partially.
#[test]
fn ghostfolio_novn_buy_and_sell_partially() {
    let lines = "2022-03-07,buy,NOVN,2,75.8,,CHF,2.95\n2022-04-08,sell,NOVN,1,85.73,,CHF,1.3
        2022-04-11,price,NOVN,,87.8,,CHF";
    let position = &valued(lines, Method::Fifo).positions[0];
    assert_eq!((position.average_cost, position.cost_basis), (some("75.8"), some("75.8")));
    assert_eq!((position.market_value, position.fees), (some("87.8"), some("4.25")));
    let gross = position.realised.unwrap() + position.unrealised.unwrap();
    assert_eq!((gross, gross - position.fees.unwrap()), (dec("21.93"), dec("17.68")));
}

/// ghostfolio: baln-buy-and-sell-in-two-activities.
#[test]
fn ghostfolio_baln_sold_in_two_activities() {
    let lines = "2021-11-22,buy,BALN,2,142.9,,CHF,1.55\n2021-11-30,sell,BALN,1,136.6,,CHF,1.65
        2021-11-30,sell,BALN,1,136.6,,CHF\n2021-12-18,price,BALN,,148.9,,CHF";
    let position = &valued(lines, Method::Fifo).positions[0];
    assert_eq!(
        (position.realised, position.fees, position.market_value),
        (some("-12.6"), some("3.2"), some("0"))
    );
    let share = position.realised.unwrap() / position.closed_cost.unwrap();
    assert_eq!(share.round_dp(20), dec("-0.04408677396780965710"));
}

/// ghostfolio: btcusd-short.
#[test]
fn ghostfolio_btcusd_short() {
    let lines = "2021-12-12,sell_short,BTC,1,44558.42,,,4.46\n2021-12-13,sell_short,BTC,1,46737.48,,,4.46";
    let position = &valued(lines, Method::Fifo).positions[0];
    assert_eq!((position.quantity, position.average_cost), (some("-2"), some("45647.95")));
}

/// Portfolio Performance: CostCalculationTest and CapitalGainsCalculationTest, testFifoBuySellTransactions.
#[test]
fn portfolio_performance_fifo_and_average_of_one_purchase() {
    let lines = "2010-01-01,buy,X,109,,3149.20,EUR\n2010-02-01,sell,X,15,,531.50,EUR
        2010-03-01,buy,X,52,,1684.92,EUR\n2010-03-01,buy,X,32,,959.30,EUR\n2013-03-01,price,X,,100,,EUR";
    for method in [Method::Fifo, Method::Average] {
        let position = &valued(lines, method).positions[0];
        assert_eq!(position.cost_basis.unwrap().round_dp(5), dec("5360.04385"));
        assert_eq!(position.realised.unwrap().round_dp(10), dec("98.1238532110"));
        assert_eq!(position.unrealised.unwrap().round_dp(9), dec("12439.956146789"));
    }
}

/// Portfolio Performance: the same, testFifoBuySellTransactions2.
#[test]
fn portfolio_performance_fifo_and_average_of_two_purchases() {
    let lines = "2010-01-01,buy,X,109,,3149.20,EUR\n2010-02-01,buy,X,52,,1684.92,EUR
        2010-03-01,sell,X,15,,531.50,EUR\n2013-03-01,price,X,,100,,EUR";
    let figures = |method| {
        let position = valued(lines, method).positions.remove(0);
        [position.cost_basis, position.realised, position.unrealised]
            .map(|figure| figure.unwrap().round_dp(9))
    };
    assert_eq!(figures(Method::Fifo), ["4400.743853211", "98.123853211", "10199.256146789"].map(dec));
    assert_eq!(figures(Method::Average), ["4383.736149068", "81.116149068", "10216.263850932"].map(dec));
}

/// Portfolio Performance: testFifoBuySellTransactions3, in the currency paid.
#[test]
fn portfolio_performance_fifo_and_average_of_deliveries() {
    let lines = "2024-01-01,buy,X,100,45,,EUR\n2024-02-01,buy,X,50,51,,EUR\n2024-03-01,sell,X,50,61.6,,EUR";
    assert_eq!(valued(lines, Method::Fifo).positions[0].realised, some("830"));
    assert_eq!(valued(lines, Method::Average).positions[0].realised, some("730"));
}

/// Portfolio Performance: testThatRoundingDifferencesAreRemovedIfZeroSharesHeld.
#[test]
fn portfolio_performance_no_rounding_is_left_of_what_is_sold() {
    let lines = "2010-01-01,buy,X,10,,0.01\n2010-02-01,sell,X,3,,0.01\n2010-03-01,sell,X,3,,0.01
        2010-03-01,sell,X,4,,0.01";
    for method in [Method::Fifo, Method::Lifo, Method::Average] {
        let position = &valued(lines, method).positions[0];
        assert_eq!((position.cost_basis, position.realised), (some("0"), some("0.02")));
        assert_eq!(position.closed_cost, some("0.01"));
    }
}
