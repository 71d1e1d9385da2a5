//! What conditions say of `ts`.

use std::ops::Range;

use crate::scan::{Compare, Literal, Operand, Predicate, Test};

/// The column of time of every archived view.
pub(super) const TS: &str = "ts";

const ANY: Range<i64> = i64::MIN..i64::MAX;

/// A range of time outside of which no row meets all the conditions, in nanoseconds since the epoch. It may be wider
/// than need be. The last nanosecond of 64 bits stands for all that come later.
pub(super) fn range(predicates: &[Predicate]) -> Range<i64> {
    predicates.iter().map(of).fold(ANY, |a, b| a.start.max(b.start)..a.end.min(b.end))
}

fn of(predicate: &Predicate) -> Range<i64> {
    match predicate {
        Predicate::And(parts) => range(parts),
        Predicate::Or(parts) => {
            let hull = parts.iter().map(of).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
            hull.unwrap_or(ANY)
        }
        Predicate::Test(Operand::Column(column), test) if column.name == TS => judged(test),
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
