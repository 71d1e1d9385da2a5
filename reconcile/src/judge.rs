//! The records of one key, judged. Pure: the outcome depends on the records and nothing else.

use std::collections::HashMap;

use crate::compare::{Comparer, FieldDifference};
use crate::options::Side;
use crate::record::Record;

/// Among how many records of a side the one is looked for that equals one of the other side.
/// Keys that occur more often are duplicated badly enough without.
const LOOKED_AT: usize = 16;

/// Where the range ends, and how close to it is too close to tell.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Edges {
    /// The first instant inside.
    pub(crate) start: Option<i64>,
    /// The first instant after.
    pub(crate) end: Option<i64>,
    /// Nanoseconds.
    pub(crate) grace: i64,
}

impl Edges {
    /// Whether the counterpart of an event may lie outside. What comes from the left a moment
    /// before the end may reach the right after it, and the other way round where clocks differ;
    /// what is on the right a moment after the start may have come from the left before it.
    fn may_cut(&self, side: Side, time: Option<i64>) -> bool {
        let Some(time) = time else { return false };
        let at_end = self.end.is_some_and(|end| time > end.saturating_sub(self.grace));
        let at_start = self.start.is_some_and(|start| time < start.saturating_add(self.grace));
        self.grace > 0 && (at_end || (side == Side::Right && at_start))
    }
}

/// How a key came out.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// On both sides, equal.
    Matched,
    /// On both sides: the two records compared, by their place, and what differs.
    Different(usize, usize, Vec<FieldDifference>),
    /// On one side.
    Only(Side),
    /// On one side so close to an end of the range that the other may lie outside.
    Pending(Side),
}

/// A key's records after judgement.
#[derive(Debug, PartialEq)]
pub(crate) struct Judged {
    /// The events of each side, each once, earliest first; more than one are duplicates.
    pub(crate) kept: [Vec<Record>; 2],
    /// How often an event was sent again, by its place in `kept`.
    pub(crate) resent: [Vec<u64>; 2],
    /// How the key came out.
    pub(crate) outcome: Outcome,
    /// How much later the right is than the left, when that is late.
    pub(crate) late_by: Option<i64>,
}

/// Judges the records of one key. `late_after` is in nanoseconds.
pub(crate) fn judge(
    records: [Vec<Record>; 2],
    comparer: &Comparer,
    edges: &Edges,
    late_after: i64,
) -> Judged {
    let [left, right] = records;
    let (left, left_resent) = once(left, comparer);
    let (right, right_resent) = once(right, comparer);
    let outcome = match (left.first(), right.first()) {
        (Some(_), Some(_)) => pair(&left, &right, comparer),
        (Some(first), None) => alone(Side::Left, first, edges),
        (None, first) => alone(Side::Right, first.unwrap_or(&Record::default()), edges),
    };
    let time = |side: &[Record]| side.first().and_then(|record| record.time);
    let late_by = time(&left)
        .zip(time(&right))
        .map(|(left, right)| right.saturating_sub(left))
        .filter(|gap| *gap > late_after);
    Judged { kept: [left, right], resent: [left_resent, right_resent], outcome, late_by }
}

/// Each event once, earliest first, and how often each was sent again.
fn once(mut records: Vec<Record>, comparer: &Comparer) -> (Vec<Record>, Vec<u64>) {
    // Those without a time come last: the first stands for the key.
    records.sort_by(|a, b| (a.time.is_none(), a).cmp(&(b.time.is_none(), b)));
    let mut kept: Vec<Record> = Vec::with_capacity(records.len());
    let mut resent = Vec::with_capacity(records.len());
    let mut by_id: HashMap<String, Vec<usize>> = HashMap::new();
    for record in records {
        if let Some(id) = &record.id {
            let places = by_id.entry(id.clone()).or_default();
            if let Some(place) = places.iter().find(|place| comparer.same(&kept[**place], &record)) {
                resent[*place] += 1;
                continue;
            }
            places.push(kept.len());
        }
        kept.push(record);
        resent.push(0);
    }
    (kept, resent)
}

/// Two equal records where there are some, the earliest where there are none.
fn pair(left: &[Record], right: &[Record], comparer: &Comparer) -> Outcome {
    for one in left.iter().take(LOOKED_AT) {
        if right.iter().take(LOOKED_AT).any(|other| comparer.equal(one, other)) {
            return Outcome::Matched;
        }
    }
    Outcome::Different(0, 0, comparer.differences(&left[0], &right[0]))
}

fn alone(side: Side, first: &Record, edges: &Edges) -> Outcome {
    if edges.may_cut(side, first.time) { Outcome::Pending(side) } else { Outcome::Only(side) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::Mask;
    use crate::options::Options;

    fn record(time: i64, id: &str, amount: &str) -> Record {
        Record::at(Some(time)).with("event_id", id).with("amount", amount)
    }

    fn judged(left: &[Record], right: &[Record], edges: Edges) -> Judged {
        let comparer =
            Comparer::new(&Options::new("l", "r", &["id"]), vec!["amount".to_owned()], Mask::default());
        judge([left.to_vec(), right.to_vec()], &comparer, &edges, 30)
    }

    #[test]
    fn an_event_sent_again_counts_once_even_with_another_time() {
        let found = judged(
            &[record(1, "a", "10"), record(9, "a", "10.0")],
            &[record(1, "b", "10")],
            Edges::default(),
        );
        assert_eq!((found.kept[0].len(), found.resent[0].as_slice()), (1, [1].as_slice()));
        assert_eq!(found.outcome, Outcome::Matched);
    }

    #[test]
    fn the_same_id_with_other_content_is_no_event_sent_again() {
        let found = judged(&[record(1, "a", "10"), record(2, "a", "11")], &[], Edges::default());
        assert_eq!((found.kept[0].len(), found.outcome), (2, Outcome::Only(Side::Left)));
    }

    #[test]
    fn without_ids_nothing_counts_as_sent_again() {
        let found = judged(&[record(1, "", "10"), record(1, "", "10")], &[], Edges::default());
        assert_eq!(found.kept[0].len(), 2);
    }

    #[test]
    fn a_duplicate_that_equals_the_other_side_is_the_match() {
        let found =
            judged(&[record(1, "a", "10"), record(2, "b", "12")], &[record(3, "c", "12")], Edges::default());
        assert_eq!(found.outcome, Outcome::Matched);
    }

    #[test]
    fn late_is_later_than_allowed() {
        let late =
            |right: i64| judged(&[record(0, "a", "1")], &[record(right, "b", "1")], Edges::default()).late_by;
        assert_eq!((late(30), late(31), late(-100)), (None, Some(31), None));
    }

    #[test]
    fn near_an_end_of_the_range_nothing_is_missing_yet() {
        let edges = Edges { start: Some(0), end: Some(100), grace: 10 };
        let outcome = |side: Side, time: i64| {
            let records = [record(time, "a", "1")];
            match side {
                Side::Left => judged(&records, &[], edges).outcome,
                Side::Right => judged(&[], &records, edges).outcome,
            }
        };
        for (side, time, pending) in [
            (Side::Left, 90, false),
            (Side::Left, 91, true),
            (Side::Right, 91, true),
            (Side::Left, 0, false),
            (Side::Right, 9, true),
            (Side::Right, 10, false),
        ] {
            let expected = if pending { Outcome::Pending(side) } else { Outcome::Only(side) };
            assert_eq!(outcome(side, time), expected, "{side:?} {time}");
        }
        let at_the_end = [record(100, "a", "1")];
        let none = Edges { grace: 0, ..edges };
        assert_eq!(judged(&at_the_end, &[], none).outcome, Outcome::Only(Side::Left));
    }
}
