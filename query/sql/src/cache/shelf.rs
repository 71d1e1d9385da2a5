//! Where days are kept.

use std::sync::{Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;
use hashlink::LruCache;

/// What a kept day takes beside its rows and its key.
const OVERHEAD: usize = 256;

/// Days by question, those last asked for at the end.
#[derive(Debug)]
pub(crate) struct Shelf {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    days: LruCache<String, Day>,
    bytes: usize,
}

#[derive(Debug)]
struct Day {
    mark: u64,
    rows: RecordBatch,
    bytes: usize,
}

impl Shelf {
    /// One for so many bytes; none are kept with 0.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, kept: Mutex::new(Kept { days: LruCache::new_unbounded(), bytes: 0 }) }
    }

    /// Most bytes of one answer that is kept.
    pub(super) fn largest(&self) -> usize {
        self.most / 8
    }

    /// The groups of a day, if they were made of what there is of it now.
    pub(super) fn day(&self, key: &str, mark: u64) -> Option<RecordBatch> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.days.get(key).filter(|day| day.mark == mark).map(|day| day.rows.clone())
    }

    /// Keeps a day in the place of what was kept of it.
    pub(super) fn keep(&self, key: String, mark: u64, rows: RecordBatch) {
        let bytes = rows.get_array_memory_size() + key.len() + OVERHEAD;
        if bytes > self.largest() {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += bytes;
        if let Some(before) = kept.days.insert(key, Day { mark, rows, bytes }) {
            kept.bytes -= before.bytes;
        }
        while kept.bytes > self.most {
            let Some((_, oldest)) = kept.days.remove_lru() else { return };
            kept.bytes -= oldest.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use datafusion::arrow::array::Int64Array;
    use datafusion::arrow::datatypes::{DataType, Field, Schema};

    use super::*;

    fn rows(n: i64) -> RecordBatch {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
        RecordBatch::try_new(schema, vec![Arc::new(Int64Array::from(vec![n; 100]))]).unwrap()
    }

    #[test]
    fn what_was_not_asked_for_the_longest_goes_first_and_another_mark_is_another_day() {
        let one = rows(0).get_array_memory_size() + 1 + OVERHEAD;
        let shelf = Shelf::new(one * 10);
        for n in 0..10 {
            shelf.keep(n.to_string(), 7, rows(n));
        }
        assert_eq!(shelf.day("0", 7), Some(rows(0)), "asked for");
        assert_eq!(shelf.day("0", 8), None, "another mark");
        shelf.keep("0".to_owned(), 8, rows(42));
        shelf.keep("a".to_owned(), 7, rows(10));
        assert_eq!(shelf.day("1", 7), None, "the oldest is gone");
        assert_eq!((shelf.day("0", 8), shelf.day("2", 7)), (Some(rows(42)), Some(rows(2))));
        let kept = shelf.kept.lock().unwrap();
        assert_eq!(kept.bytes, kept.days.iter().map(|(_, day)| day.bytes).sum::<usize>());
    }

    #[test]
    fn what_is_too_large_is_not_kept() {
        let shelf = Shelf::new(0);
        shelf.keep("a".to_owned(), 1, rows(1));
        assert_eq!(shelf.day("a", 1), None);
    }
}
