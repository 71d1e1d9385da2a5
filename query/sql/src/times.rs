//! What conditions say of times, and conditions that say when.

use std::ops::Range;

use crate::catalog::Column;
use crate::scan::{Compare, Literal, Operand, Predicate, Test};

/// The column of time of every view whose rows are read by days.
pub(crate) const TS: &str = "ts";

const ANY: Range<i64> = i64::MIN..i64::MAX;

/// From a moment on.
pub(crate) fn since(column: &'static Column, at: i64) -> Predicate {
    Predicate::Test(Operand::Column(column), Test::Compare(Compare::GreaterEq, Literal::Time(at)))
}

/// From a moment on and before another.
pub(crate) fn within(column: &'static Column, range: &Range<i64>) -> Predicate {
    let before = Test::Compare(Compare::Less, Literal::Time(range.end));
    Predicate::And(vec![since(column, range.start), Predicate::Test(Operand::Column(column), before)])
}

/// A range of time of a column outside of which no row meets all the conditions, in nanoseconds since the epoch. It may
/// be wider than need be. The last nanosecond of 64 bits stands for all that come later.
pub(crate) fn range(predicates: &[Predicate], name: &str) -> Range<i64> {
    predicates.iter().map(|one| of(one, name)).fold(ANY, |a, b| a.start.max(b.start)..a.end.min(b.end))
}

fn of(predicate: &Predicate, name: &str) -> Range<i64> {
    match predicate {
        Predicate::And(parts) => range(parts, name),
        Predicate::Or(parts) => {
            let hull =
                parts.iter().map(|one| of(one, name)).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
            hull.unwrap_or(ANY)
        }
        Predicate::Test(Operand::Column(column), test) if column.name == name => judged(test),
        Predicate::Test(..) => ANY,
    }
}

fn judged(test: &Test) -> Range<i64> {
    match test {
        Test::Compare(op, Literal::Time(at)) => {
            let after = if *at == i64::MAX { i64::MAX } else { at + 1 };
            match op {
                Compare::Eq => *at..after,
                Compare::NotEq => ANY,
                Compare::Less => i64::MIN..*at,
                Compare::LessEq => i64::MIN..after,
                Compare::Greater => after..i64::MAX,
                Compare::GreaterEq => *at..i64::MAX,
            }
        }
        Test::In(literals) => {
            let times = literals.iter().map(|one| judged(&Test::Compare(Compare::Eq, one.clone())));
            times.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end)).unwrap_or(ANY)
        }
        _ => ANY,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::views;

    fn column(name: &str) -> &'static Column {
        let spans = views().find(|view| view.name == "spans").unwrap();
        spans.columns.iter().find(|column| column.name == name).unwrap()
    }

    /// Whether a condition holds of a row with this time, whatever else it has.
    fn may_hold(predicate: &Predicate, ts: i64) -> bool {
        let time = |one: &Literal| if let Literal::Time(at) = one { *at } else { unreachable!() };
        match predicate {
            Predicate::And(parts) => parts.iter().all(|part| may_hold(part, ts)),
            Predicate::Or(parts) => parts.iter().any(|part| may_hold(part, ts)),
            Predicate::Test(Operand::Column(column), test) if column.name == TS => match test {
                Test::Compare(Compare::Eq, at) => ts == time(at),
                Test::Compare(Compare::NotEq, at) => ts != time(at),
                Test::Compare(Compare::Less, at) => ts < time(at),
                Test::Compare(Compare::LessEq, at) => ts <= time(at),
                Test::Compare(Compare::Greater, at) => ts > time(at),
                Test::Compare(Compare::GreaterEq, at) => ts >= time(at),
                Test::In(times) => times.iter().any(|at| time(at) == ts),
                _ => true,
            },
            Predicate::Test(..) => true,
        }
    }

    fn predicate() -> impl Strategy<Value = Predicate> {
        let on = |test| Predicate::Test(Operand::Column(column(TS)), test);
        let op = proptest::sample::select(vec![
            Compare::Eq,
            Compare::NotEq,
            Compare::Less,
            Compare::LessEq,
            Compare::Greater,
            Compare::GreaterEq,
        ]);
        let leaf = prop_oneof![
            (op, -9_i64..9).prop_map(move |(op, at)| on(Test::Compare(op, Literal::Time(at)))),
            proptest::collection::vec((-9_i64..9).prop_map(Literal::Time), 1..4)
                .prop_map(move |list| on(Test::In(list))),
            Just(on(Test::IsNotNull)),
            Just(Predicate::Test(Operand::Column(column("service")), Test::IsNull)),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            let parts = proptest::collection::vec(inner, 1..4);
            prop_oneof![parts.clone().prop_map(Predicate::And), parts.prop_map(Predicate::Or)]
        })
    }

    proptest! {
        #[test]
        fn no_row_that_may_pass_is_outside(predicates in proptest::collection::vec(predicate(), 0..3)) {
            let range = range(&predicates, TS);
            for ts in -12..12 {
                let may = predicates.iter().all(|one| may_hold(one, ts));
                prop_assert!(!may || range.contains(&ts), "{ts} is not in {range:?}");
            }
        }
    }

    #[test]
    fn bounds_are_as_tight_as_they_can_be() {
        let on = |op, at| Predicate::Test(Operand::Column(column(TS)), Test::Compare(op, Literal::Time(at)));
        assert_eq!(range(&[on(Compare::GreaterEq, 5), on(Compare::Less, 9)], TS), 5..9);
        assert_eq!(range(&[within(column(TS), &(5..9))], TS), 5..9);
        assert_eq!(range(&[since(column(TS), 5)], TS), 5..i64::MAX);
        assert_eq!(range(&[on(Compare::Greater, 5), on(Compare::LessEq, 9)], TS), 6..10);
        assert_eq!(range(&[on(Compare::Eq, i64::MAX)], TS), i64::MAX..i64::MAX);
        assert!(range(&[on(Compare::Less, 5), on(Compare::Greater, 9)], TS).is_empty());
    }
}
