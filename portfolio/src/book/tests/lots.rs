//! Methods, short positions, splits and renames.

use super::*;

const THREE_LOTS: &str =
    "2026-01-01,buy,X,10,10,,,,a\n2026-01-02,buy,X,10,20,,,,b\n2026-01-03,buy,X,10,40,,,,c\n";

#[test]
fn each_method_closes_its_own_lots() {
    let sold = |sale: &str, method| {
        let valuation = valued(&format!("{THREE_LOTS}2026-01-04,sell,X,15,30,,,,s,{sale}"), method);
        let position = &valuation.positions[0];
        (position.realised.unwrap(), position.cost_basis.unwrap())
    };
    assert_eq!(sold("", Method::Fifo), (dec("250"), dec("500")));
    assert_eq!(sold("", Method::Lifo), (dec("-50"), dec("200")));
    assert_eq!(sold("", Method::Average), (dec("100"), dec("350")));
    assert_eq!(sold("", Method::Specific), (dec("250"), dec("500")), "the oldest where none is named");
    assert_eq!(sold("c:5 b", Method::Specific), (dec("50"), dec("300")));
    assert_eq!(sold("c:5 b", Method::Fifo), (dec("250"), dec("500")), "names count with their method only");
}

#[test]
fn what_lots_are_named_must_fit() {
    for (sale, reason) in [
        ("d", "there is no lot \"d\" of X"),
        ("a:11", "11 X are named of the lot \"a\" when it has 10 and 15 are to be closed"),
        ("a b:6", "6 X are named of the lot \"b\" when it has 10 and 5 are to be closed"),
        ("a:5 b:5", "the lots named are 5 X short of the 15 that are to be closed"),
    ] {
        let valuation = valued(&format!("{THREE_LOTS}2026-01-04,sell,X,15,30,,,,s,{sale}"), Method::Specific);
        assert_eq!(valuation.flags, [Flag { event_id: "s".to_owned(), reason: reason.to_owned() }]);
        assert_eq!(valuation.positions[0].realised, None);
        assert_eq!(valuation.accounts[0].cash, some("-250"), "the money moved all the same");
    }
}

#[test]
fn a_short_sale_is_covered_with_profit() {
    let lines =
        "2026-01-01,sell_short,X,10,50,,,1,s\n2026-01-02,buy_to_cover,X,4,40,,,1\n2026-01-03,price,X,,45";
    let valuation = valued(lines, Method::Fifo);
    let position = &valuation.positions[0];
    assert_eq!((position.quantity, position.cost_basis), (some("-6"), some("-300")));
    assert_eq!((position.average_cost, position.market_value), (some("50"), some("-270")));
    assert_eq!((position.realised, position.unrealised), (some("40"), some("30")));
    assert_eq!((valuation.totals.cash, valuation.totals.value), (some("338"), some("68")));
    assert!(valuation.flags.is_empty());
}

#[test]
fn only_a_portfolio_that_may_goes_short() {
    let lines = entries("2026-01-01,buy,X,4,10\n2026-01-02,sell,X,10,15");
    let refused = book(&lines, Terms::default());
    assert_eq!(reasons(&refused), ["10 X were sold when 4 were held"]);
    assert!(refused.holdings["X"].spoiled.is_some());

    let terms = Terms { may_go_short: true, ..Terms::default() };
    let short = &book(&lines, terms).holdings["X"];
    assert_eq!((short.quantity(), short.cost(), short.realised), (dec("-6"), dec("-90"), dec("20")));

    let both = [lines, entries("2026-01-03,buy,X,8,20")].concat();
    let long = &book(&both, terms).holdings["X"];
    assert_eq!((long.quantity(), long.cost(), long.realised), (dec("2"), dec("40"), dec("-10")));
    assert_eq!(long.lots.len(), 1);
}

#[test]
fn no_more_is_covered_than_is_short() {
    let over =
        book(&entries("2026-01-01,sell_short,X,4,10\n2026-01-02,buy_to_cover,X,10,9"), Terms::default());
    assert_eq!(reasons(&over), ["10 X were bought to cover when 4 were short"]);
    let none = book(&entries("2026-01-01,buy,X,4,10\n2026-01-02,buy_to_cover,X,1,9"), Terms::default());
    assert_eq!(reasons(&none), ["1 X were bought to cover when 0 were short"]);
}

#[test]
fn a_reverse_split_keeps_fractions_and_cost() {
    let lines =
        "2026-01-01,buy,X,10,3\n2026-01-02,buy,X,11,3\n2026-01-03,price,X,,6\n2026-01-04,split,X,1:10";
    let book = book(&entries(lines), Terms::default());
    let holding = &book.holdings["X"];
    assert_eq!((holding.quantity(), holding.cost()), (dec("2.1"), dec("63")));
    let position = &valued(lines, Method::Fifo).positions[0];
    assert_eq!((position.price, position.market_value), (some("60"), some("126")));

    // Thirds do not come out even: the position is rounded, and lots still sum to it.
    let thirds = super::book(&entries(&lines.replace("1:10", "1:3").replace("11,", "10,")), Terms::default());
    let lots: Vec<Decimal> = thirds.holdings["X"].lots.iter().map(|lot| lot.quantity).collect();
    assert_eq!(lots, ["3.333333333333", "3.333333333334"].map(dec));
    assert_eq!(thirds.holdings["X"].quantity(), dec("6.666666666667"));
}

#[test]
fn a_split_by_zero_spoils_its_symbol_alone() {
    let valuation =
        valued("2026-01-01,buy,X,10,3\n2026-01-01,buy,Y,1,1\n2026-01-04,split,X,0:1", Method::Fifo);
    let reason = "split: the ratio \"0:1\" is not of two numbers above zero such as 2:1";
    assert_eq!(valuation.flags[0].reason, reason);
    assert_eq!(valuation.positions[0].unavailable.as_deref(), Some(reason));
    assert_eq!((valuation.positions[0].quantity, valuation.positions[1].quantity), (None, some("1")));
    assert_eq!(valuation.totals.cash, some("-31"));
}

#[test]
fn lots_move_to_a_new_symbol_with_cost_and_date() {
    let lines = "2026-01-01,buy,OLD,10,3,,,,a\n2026-01-02,sell,OLD,2,5\n2026-01-03,price,OLD,,4
        2026-02-01,symbol_change,OLD,,,,,,,NEW\n2026-02-02,buy,NEW,1,6,,,,b";
    let book = book(&entries(lines), Terms::default());
    let lots: Vec<(&str, DateTime<Utc>, Decimal, Decimal)> = book.holdings["NEW"]
        .lots
        .iter()
        .map(|lot| (lot.id.as_str(), lot.opened, lot.quantity, lot.cost))
        .collect();
    let at = |text| crate::file::moment(text).unwrap();
    let expected =
        [("a", at("2026-01-01"), dec("8"), dec("24")), ("b", at("2026-02-02"), dec("1"), dec("6"))];
    assert_eq!(lots, expected);
    let valuation = valued(lines, Method::Fifo);
    let (new, old) = (&valuation.positions[0], &valuation.positions[1]);
    assert_eq!((old.quantity, old.realised), (some("0"), some("4")));
    assert_eq!((new.quantity, new.price, new.market_value), (some("9"), some("4"), some("36")));

    let newer = valued(&format!("{lines}\n2026-01-31,price,NEW,,7"), Method::Fifo);
    assert_eq!(newer.positions[0].price, some("7"), "a later price under the new name is not put back");

    let typo = super::book(&entries("2026-02-01,symbol_change,ODL,,,,,,,NEW"), Terms::default());
    assert_eq!(reasons(&typo), ["ODL was renamed NEW and was never held"]);
}

#[test]
fn symbols_that_cannot_become_one_are_spoiled() {
    let lines = "2026-01-01,buy,A,1,3\n2026-01-01,buy,B,1,3,,EUR\n2026-01-02,symbol_change,A,,,,,,,B";
    let currencies = valued(lines, Method::Fifo);
    assert_eq!(currencies.flags[0].reason, "A became B: it is traded in EUR and was in USD before");
    assert!(currencies.positions.iter().all(|position| position.quantity.is_none()));
    let lines = "2026-01-01,buy,A,1,3\n2026-01-01,sell_short,B,1,3\n2026-01-02,symbol_change,A,,,,,,,B";
    assert_eq!(
        valued(lines, Method::Fifo).flags[0].reason,
        "A became B: one of the two is held and one is short"
    );
}

#[test]
fn a_dividend_after_the_position_was_closed_is_booked_and_flagged() {
    let lines = "2026-01-01,buy,X,1,3\n2026-01-02,sell,X,1,4\n2026-01-03,dividend,X,,,0.5
        2026-01-03,dividend,Y,,,0.25\n2026-01-03,dividend,,,,1";
    let valuation = valued(lines, Method::Fifo);
    let flags: Vec<&str> = valuation.flags.iter().map(|flag| flag.reason.as_str()).collect();
    assert_eq!(
        flags,
        [
            "a dividend of X was paid after the position was closed; it is booked",
            "a dividend of Y was paid, which was not held; it is booked"
        ]
    );
    assert_eq!((valuation.totals.dividends, valuation.totals.cash), (some("1.75"), some("2.75")));
    assert_eq!((valuation.positions[0].income, valuation.positions[1].income), (some("0.5"), some("0.25")));
}

#[test]
fn what_is_spoiled_is_not_taken_for_closed() {
    let lines = "2026-01-01,sell,X,1,3\n2026-01-03,dividend,X,,,0.5";
    let book = book(&entries(lines), Terms::default());
    assert_eq!(reasons(&book), ["1 X were sold when 0 were held"]);
}
