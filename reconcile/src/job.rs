//! A comparison from its sources to its report.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_query::TimeRange;
use headroom_store::Store;

use crate::error::{ReconcileError, Result};
use crate::field::{EVENT_NAME, canonical};
use crate::mask::Mask;
use crate::options::{Options, Side};
use crate::report::Report;
use crate::run::Reconciler;
use crate::stored::Selection;
use crate::{files, stored};

/// Where a stream comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file: JSON Lines, CSV or TSV, by its name.
    File(PathBuf),
    /// Stored events in which these fields have these values.
    Stored(Vec<(String, String)>),
}

impl Source {
    /// Reads `legacy.csv` or `system=legacy,service=payments`.
    ///
    /// # Errors
    /// It is neither, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        if files::is_events(&path) {
            return Ok(Self::File(path));
        }
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            let whole = !name.trim().is_empty() && !value.is_empty();
            whole.then(|| (name.trim().to_owned(), value.to_owned()))
        };
        text.split(',').map(pair).collect::<Option<Vec<_>>>().map(Self::Stored).ok_or_else(|| {
            format!(
                "`{text}` is neither a file (.jsonl, .ndjson, .csv, .tsv) nor a selection of stored events \
                 (system=legacy,service=payments)"
            )
        })
    }

    /// Whether it is in the store.
    pub fn is_stored(&self) -> bool {
        matches!(self, Self::Stored(_))
    }

    /// What the report calls it; personal values are masked.
    fn name(&self, mask: &Mask) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stored(fields) => {
                let shown = fields
                    .iter()
                    .map(|(name, value)| format!("{name}={}", mask.shown(&canonical(name), value)));
                shown.collect::<Vec<_>>().join(",")
            }
        }
    }

    fn pins(&self) -> Vec<String> {
        match self {
            Self::File(_) => Vec::new(),
            Self::Stored(fields) => fields.iter().map(|(name, _)| stored::pinned(name)).collect(),
        }
    }
}

/// Two sources and how they are compared.
#[derive(Debug, Clone)]
pub struct Job {
    /// The old system.
    pub left: Source,
    /// The new one.
    pub right: Source,
    /// Whose stored events.
    pub tenant: String,
    /// Names of the stored events that are compared; none: all.
    pub events: Vec<String>,
    /// The field that holds the time in files.
    pub time_field: Option<String>,
    /// The rest. What the streams are called is filled in; with a stored source the range is, too,
    /// as the last hour before its end or `now`.
    pub options: Options,
}

impl Job {
    /// Reads both sides and compares them. `store` is needed when a source is stored.
    ///
    /// # Errors
    /// The comparison cannot be made; what it finds is in the report.
    pub async fn run(mut self, store: Option<&Store>, now: DateTime<Utc>) -> Result<Report> {
        self.complete(now)?;
        let mut reconciler = Reconciler::new(self.options.clone())?;
        for (side, source) in [(Side::Left, &self.left), (Side::Right, &self.right)] {
            let mut each = |record| reconciler.add(side, record);
            match source {
                Source::File(path) => files::read(path, self.time_field.as_deref(), &mut each)?,
                Source::Stored(fields) => {
                    let (Some(store), Some(from), Some(to)) = (store, self.options.from, self.options.to)
                    else {
                        return Err(ReconcileError::Options(
                            "a selection of stored events needs a store".to_owned(),
                        ));
                    };
                    let range = TimeRange::new(from, to)?;
                    let selection = Selection { tenant: &self.tenant, fields, names: &self.events, range };
                    stored::read(store, &selection, &mut each).await?;
                }
            }
        }
        reconciler.finish()
    }

    /// Fills in what follows from the sources.
    fn complete(&mut self, now: DateTime<Utc>) -> Result<()> {
        let stored = [&self.left, &self.right].map(Source::is_stored);
        if !self.events.is_empty() && stored == [false, false] {
            return Err(ReconcileError::Options(
                "names of events select stored events, and both sides are files".to_owned(),
            ));
        }
        let options = &mut self.options;
        let mask = Mask { more: options.personal.iter().map(|name| canonical(name)).collect() };
        options.left = self.left.name(&mask);
        options.right = self.right.name(&mask);
        if stored != [false, false] {
            let to = *options.to.get_or_insert(now);
            options.from.get_or_insert(to - TimeDelta::hours(1));
        }
        let pins: Vec<String> = self.left.pins().into_iter().chain(self.right.pins()).collect();
        // A payment's steps share its id: what happened is part of which event it is. Where a
        // side says which name it wants, names differ by design.
        let named = pins.iter().chain(options.key.iter()).any(|name| canonical(name) == EVENT_NAME);
        if stored == [true, true] && !named {
            options.key.push(EVENT_NAME.to_owned());
            options.compare.retain(|name| canonical(name) != EVENT_NAME);
        }
        let compare = &options.compare;
        options
            .ignore
            .extend(pins.into_iter().filter(|pin| !compare.iter().any(|name| canonical(name) == *pin)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read() {
        assert_eq!(Source::parse("a/b.JSONL"), Ok(Source::File(PathBuf::from("a/b.JSONL"))));
        let pairs = vec![("system".to_owned(), "legacy".to_owned()), ("a".to_owned(), "b=c".to_owned())];
        assert_eq!(Source::parse("system=legacy, a=b=c"), Ok(Source::Stored(pairs)));
        for wrong in ["", "legacy", "=x", "a=", "a=b,", "file.txt"] {
            assert!(Source::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_of_streams_are_masked() {
        let source = Source::parse("customer.email=jane@doe.com,system=new").unwrap();
        assert_eq!(source.name(&Mask::default()), "customer.email=j***@d***.com,system=new");
    }
}
