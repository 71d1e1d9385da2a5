//! Counting, and keeping a few examples.

use std::collections::BinaryHeap;

/// The first few of many by time, whatever the order in which they come.
#[derive(Debug)]
pub(crate) struct First<T> {
    most: usize,
    /// The latest on top, to be thrown out first.
    kept: BinaryHeap<(i64, T)>,
}

impl<T: Ord> First<T> {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, kept: BinaryHeap::new() }
    }

    /// Keeps what `make` gives if it is among the first. What has no time comes last.
    pub(crate) fn offer(&mut self, time: Option<i64>, make: impl FnOnce() -> T) {
        let time = time.unwrap_or(i64::MAX);
        let full = self.kept.len() >= self.most;
        if full && self.kept.peek().is_none_or(|(latest, _)| time > *latest) {
            return;
        }
        self.kept.push((time, make()));
        if full {
            self.kept.pop();
        }
    }

    /// The first, in order.
    pub(crate) fn into_vec(self) -> Vec<T> {
        self.kept.into_sorted_vec().into_iter().map(|(_, example)| example).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_by_time_stay_whatever_their_order() {
        let mut forwards = First::new(3);
        let mut backwards = First::new(3);
        for time in 0..10 {
            forwards.offer(Some(time), || time);
            backwards.offer(Some(9 - time), || 9 - time);
        }
        backwards.offer(None, || 99);
        assert_eq!((forwards.into_vec(), backwards.into_vec()), (vec![0, 1, 2], vec![0, 1, 2]));
        let mut none: First<i64> = First::new(0);
        none.offer(Some(1), || panic!("what is not kept is not made"));
        assert_eq!(none.into_vec(), Vec::<i64>::new());
    }
}
