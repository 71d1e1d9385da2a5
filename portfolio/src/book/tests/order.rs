//! Which entries count, and with which figures.

use super::*;

fn same(lines: &str, as_if: &str) {
    let (got, expected) = (book(&entries(lines), Terms::default()), book(&entries(as_if), Terms::default()));
    assert_eq!(got, expected);
}

#[test]
fn a_correction_counts_from_the_time_of_what_it_corrects() {
    let lines = "2026-01-01,buy,X,10,3,,,1,a\n2026-01-02,sell,X,4,5,,,,b
        2026-02-01,correction,X,12,3.5,,,2,c,a\n2026-02-02,correction,,,,,,0,d,a";
    same(lines, "2026-01-01,buy,X,12,3.5,,,0,a\n2026-01-02,sell,X,4,5,,,,b");
    let early = value(&entries(lines), day("2026-01-01"), Terms::default(), &View::default());
    assert_eq!(early.totals.cash, some("-42"));
}

#[test]
fn everything_can_be_corrected() {
    let lines = "2026-01-01,deposit,,,,100,,,a\n2026-01-01,withdrawal,,,,30,,,b\n2026-01-02,buy,X,1,10,,,,c
        2026-01-03,split,X,2:1,,,,,d\n2026-01-04,price,X,,7,,,,e\n2026-01-04,fx,EUR,,1.1,,USD,,f
        2026-02-01,correction,,,,90,EUR,,g,a\n2026-02-01,correction,,,,20,,,h,b\n2026-02-01,correction,Y,,,,,,i,c
        2026-02-01,correction,Y,3:2,,,,,j,d\n2026-02-01,correction,Y,,8,,,,k,e\n2026-02-01,correction,,,1.2,,,,l,f";
    let as_if = "2026-01-01,deposit,,,,90,EUR,,a\n2026-01-01,withdrawal,,,,20,,,b\n2026-01-02,buy,Y,1,10,,,,c
        2026-01-03,split,Y,3:2,,,,,d\n2026-01-04,price,Y,,8,,,,e\n2026-01-04,fx,EUR,,1.2,,USD,,f";
    same(lines, as_if);
    let worth = |lines| valued(lines, Method::Fifo);
    assert_eq!(worth(lines), worth(as_if));
    assert_eq!(worth(lines).totals.market_value, some("10"));
}

#[test]
fn of_two_corrections_the_later_counts() {
    let lines = "2026-01-01,buy,X,10,3,,,,a\n2026-01-02,split,X,2,,,,,s\n2026-02-01,correction,,3,,,,,c,s
        2026-02-02,correction,,3:2,,,,,d,s\n2026-02-03,correction,,,4,,,,f,a\n2026-02-02,correction,,,5,,,,e,a";
    same(lines, "2026-01-01,buy,X,10,4,,,,a\n2026-01-02,split,X,3:2,,,,,s");
}

#[test]
fn a_cancel_undoes() {
    let lines = "2026-01-01,buy,X,10,3,,,,a\n2026-01-02,buy,X,4,5,,,,b\n2026-02-01,correction,,12,,,,,c,a
        2026-02-02,cancel,,,,,,,d,b\n2026-02-02,cancel,,,,,,,e,c";
    same(lines, "2026-01-01,buy,X,10,3,,,,a");
}

#[test]
fn what_adjusts_nothing_is_flagged() {
    let lines = "2026-01-01,buy,X,10,3,,,,a\n2026-02-01,correction,,12,,,,,c,q\n2026-02-02,cancel,,,,,,,d,r
        2026-02-03,cancel,,,,,,,e,d";
    let book = book(&entries(lines), Terms::default());
    let expected = [
        "there is no event \"q\" that could be corrected",
        "there is no event \"r\" that could be cancelled",
        "there is no event \"d\" that could be cancelled",
    ];
    assert_eq!(reasons(&book), expected);
    assert_eq!(book.holdings["X"].quantity(), dec("10"));
}

#[test]
fn a_correction_that_cannot_be_booked_spoils_what_is_known_to_be_wrong() {
    for (correction, reason) in [
        ("2026-02-01,correction,,,,5,,,c,a", "what it corrects has no amount that could be corrected"),
        ("2026-02-01,correction,,-1,,,,,c,a", "the quantity is not above zero"),
        ("2026-02-01,correction,,,-1,,,,c,a", "the price is below zero"),
    ] {
        let lines = format!("2026-01-01,buy,X,10,3,,,,a\n{correction}");
        let valuation = valued(&lines, Method::Fifo);
        let reason = format!("its correction cannot be booked: {reason}");
        assert_eq!(valuation.flags, [Flag { event_id: "a".to_owned(), reason }]);
        assert_eq!((valuation.positions[0].quantity, valuation.totals.cash), (None, None));
    }
    // Until it is put right itself.
    same(
        "2026-01-01,buy,X,10,3,,,,a\n2026-02-01,correction,,-1,,,,,c,a\n2026-02-02,correction,,1,,,,,d,a",
        "2026-01-01,buy,X,1,3,,,,a",
    );
}

#[test]
fn one_id_counts_once() {
    let one = "2026-01-01,deposit,,,,100,,,a\n";
    same(&format!("{one}{one}"), one);
    let two = book(&entries(&format!("2026-01-01,deposit,,,,120,,,a\n{one}")), Terms::default());
    assert_eq!(reasons(&two), ["one id, two amounts: its first content counts, another is left out"]);
    assert_eq!(two.purses["USD"].cash, dec("100"));
}

#[test]
fn on_equal_times_rank_decides() {
    // Were the sale or the dividend first, both would be flagged; were the split last, 1 would be left.
    let lines =
        "2026-01-01,sell,X,2,5\n2026-01-01,dividend,X,,,1\n2026-01-01,buy,X,2,3\n2026-01-01,split,X,2:1
        2026-01-01,buy_to_cover,Y,1,5\n2026-01-01,sell_short,Y,1,5";
    let book = book(&entries(lines), Terms::default());
    assert_eq!(reasons(&book), Vec::<&str>::new());
    assert!(book.holdings.values().all(|holding| holding.quantity().is_zero()));
}
