//! What services did in a time: the counts that costs are divided by.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::exact::{before, units};
use super::period::Span;

/// What a service did from one instant to another, by hour or day. A count that is not known is not 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// The service.
    pub service: String,
    /// From when on.
    pub from: DateTime<Utc>,
    /// Until when, exclusive.
    pub to: DateTime<Utc>,
    /// Transactions completed.
    #[serde(default)]
    pub transactions: Option<u64>,
    /// Different customers served. Those of several times cannot be added up.
    #[serde(default)]
    pub customers: Option<u64>,
    /// Replicas times the hours they ran.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub replica_hours: Option<Decimal>,
    /// Core-hours of CPU used.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub cpu_core_hours_used: Option<Decimal>,
    /// GiB-hours of memory used.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub memory_gib_hours_used: Option<Decimal>,
    /// Gigabytes sent out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub gigabytes: Option<Decimal>,
}

impl Usage {
    /// The time of a service, with nothing known yet.
    pub fn of(service: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self {
            service: service.to_owned(),
            from,
            to,
            transactions: None,
            customers: None,
            replica_hours: None,
            cpu_core_hours_used: None,
            memory_gib_hours_used: None,
            gigabytes: None,
        }
    }

    pub(super) fn span(&self) -> Span {
        Span::of(self.from, self.to)
    }
}

/// Counts that may be added up over time, as units of their own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Measure {
    Transactions,
    CoreHours,
    GibHours,
}

impl Measure {
    fn name(self) -> &'static str {
        match self {
            Self::Transactions => "transactions",
            Self::CoreHours => "core-hours used",
            Self::GibHours => "GiB-hours used",
        }
    }

    /// The count: whole transactions, or hours in units of 10^-15.
    fn of(self, usage: &Usage) -> Option<i128> {
        match self {
            Self::Transactions => usage.transactions.map(i128::from),
            Self::CoreHours => usage.cpu_core_hours_used.and_then(units),
            Self::GibHours => usage.memory_gib_hours_used.and_then(units),
        }
        .filter(|count| *count >= 0)
    }

    /// The count of each period, which must follow each other in time, or why a period has none. A row that lies
    /// in two periods is split by time, so that the parts add up to it.
    pub(super) fn per_period(self, usage: &[&Usage], periods: &[Span]) -> Vec<Result<i128, String>> {
        let mut rows: Vec<(Span, i128)> = usage
            .iter()
            .filter_map(|row| Some((row.span(), self.of(row)?)))
            .filter(|(span, _)| span.seconds() > 0)
            .collect();
        rows.sort_unstable();
        // The latest end so far, which never falls: what lies behind it is over.
        let mut latest = i64::MIN;
        let ends: Vec<i64> = rows
            .iter()
            .map(|(span, _)| {
                latest = latest.max(span.end);
                latest
            })
            .collect();
        periods
            .iter()
            .map(|period| {
                let first = ends.partition_point(|end| *end <= period.start);
                let touching = rows[first..].iter().take_while(|(span, _)| span.start < period.end);
                self.in_period(touching.filter(|(span, _)| span.end > period.start), *period)
            })
            .collect()
    }

    fn in_period<'a>(
        self,
        rows: impl Iterator<Item = &'a (Span, i128)>,
        period: Span,
    ) -> Result<i128, String> {
        let (mut count, mut covered, mut until) = (0_i128, 0, period.start);
        for (span, of_row) in rows {
            let start = span.start.max(period.start);
            if start < until {
                return Err(format!("two counts of {} overlap", self.name()));
            }
            until = span.end.min(period.end);
            covered += until - start;
            count += before(*of_row, span.start, span.end, period.end)
                - before(*of_row, span.start, span.end, period.start);
        }
        match covered {
            0 => Err(format!("no {} are known", self.name())),
            part if part < period.seconds() => {
                Err(format!("{} are known for {} only", self.name(), of_time(part, period.seconds())))
            }
            _ => Ok(count),
        }
    }
}

/// A part of a time in words: `22 of 24 hours`.
fn of_time(part: i64, whole: i64) -> String {
    let (unit, name) = match whole {
        60.. if part % 3_600 == 0 && whole % 3_600 == 0 => (3_600, "hours"),
        60.. if part % 60 == 0 && whole % 60 == 0 => (60, "minutes"),
        _ => (1, "seconds"),
    };
    format!("{} of {} {name}", part / unit, whole / unit)
}

/// The customers of a period: only a count of exactly that time says them.
pub(super) fn customers(usage: &[&Usage], period: Span) -> Result<u64, String> {
    let mut counts = usage.iter().filter(|row| row.span() == period).filter_map(|row| row.customers);
    match (counts.next(), counts.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => Err("the customers of this time are given twice".into()),
        (None, _) if usage.iter().any(|row| row.customers.is_some()) => Err(
            "customers are not counted for exactly this time, and those of other times cannot be added up"
                .into(),
        ),
        (None, _) => Err("no customers are known".into()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::period::instant;

    fn row(start: i64, end: i64, transactions: u64) -> Usage {
        Usage { transactions: Some(transactions), ..Usage::of("a", instant(start), instant(end)) }
    }

    fn counts(rows: &[Usage], periods: &[Span]) -> Vec<Result<i128, String>> {
        Measure::Transactions.per_period(&rows.iter().collect::<Vec<_>>(), periods)
    }

    #[test]
    fn a_period_is_counted_only_if_all_of_it_is() {
        let periods = [Span { start: 0, end: 7_200 }, Span { start: 7_200, end: 14_400 }];
        let rows = [row(0, 3_600, 5), row(3_600, 7_200, 7), row(7_200, 10_800, 9)];
        let found = counts(&rows, &periods);
        assert_eq!(found[0], Ok(12));
        assert_eq!(found[1], Err("transactions are known for 1 of 2 hours only".into()));
        assert_eq!(counts(&[], &periods)[0], Err("no transactions are known".into()));
        let twice = [row(0, 7_200, 5), row(0, 3_600, 2)];
        assert_eq!(counts(&twice, &periods)[0], Err("two counts of transactions overlap".into()));
    }

    #[test]
    fn customers_are_never_added_up() {
        let of = |start, end, customers| Usage { customers, ..row(start, end, 1) };
        let rows = [of(0, 10, Some(3)), of(10, 20, Some(4)), of(0, 20, Some(5)), of(10, 20, Some(4))];
        let rows: Vec<_> = rows.iter().collect();
        let found = |start, end| customers(&rows, Span { start, end });
        assert_eq!((found(0, 10), found(0, 20)), (Ok(3), Ok(5)));
        assert_eq!(found(10, 20), Err("the customers of this time are given twice".into()));
        assert!(found(0, 15).unwrap_err().ends_with("cannot be added up"));
        assert_eq!(customers(&[], Span { start: 0, end: 1 }), Err("no customers are known".into()));
    }

    proptest! {
        #[test]
        fn counts_are_kept_whatever_the_periods(
            rows in proptest::collection::vec((1_i64..5_000, 0_u64..1_000_000), 1..20),
            cuts in proptest::collection::vec(1_i64..100_000, 0..10),
        ) {
            let (mut start, mut usage) = (0, Vec::new());
            for (length, transactions) in rows {
                usage.push(row(start, start + length, transactions));
                start += length;
            }
            let mut edges: Vec<i64> = cuts.into_iter().filter(|cut| *cut < start).chain([0, start]).collect();
            edges.sort_unstable();
            edges.dedup();
            let periods: Vec<Span> = edges.windows(2).map(|edge| Span { start: edge[0], end: edge[1] }).collect();
            let total: i128 = counts(&usage, &periods).into_iter().map(Result::unwrap).sum();
            prop_assert_eq!(total, usage.iter().map(|row| i128::from(row.transactions.unwrap())).sum());
            usage.reverse();
            prop_assert_eq!(counts(&usage, &periods).into_iter().map(Result::unwrap).sum::<i128>(), total);
        }
    }
}
