//! Costs cut into periods, and spread over services.

use std::collections::BTreeMap;

use crate::money::exact::{before, share};
use crate::money::period::Span;

/// A cost cut into periods, in units of 10^-15.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    pub(super) periods: Vec<i128>,
    pub(super) outside: i128,
}

impl Cut {
    /// Nothing yet.
    pub(super) fn of(periods: &[Span]) -> Self {
        Self { periods: vec![0; periods.len()], outside: 0 }
    }

    /// Splits a cost that accrues evenly over its span.
    pub(super) fn add(&mut self, span: Span, units: i128, periods: &[Span]) {
        let Span { start, end } = span;
        let first = periods.partition_point(|period| period.end <= start);
        let touching =
            periods[first..].iter().take_while(|period| period.start < end || period.start == start);
        let mut inside = 0;
        for (period, sum) in touching.zip(&mut self.periods[first..]) {
            // A charge without length belongs to the period it starts in.
            let until = if end == start { start + 1 } else { period.end };
            let part = before(units, start, end, until) - before(units, start, end, period.start);
            *sum += part;
            inside += part;
        }
        self.outside += units - inside;
    }

    /// All of the cost.
    pub(super) fn total(&self) -> i128 {
        self.periods.iter().sum::<i128>() + self.outside
    }
}

/// Takes what belongs to no service out of the periods and gives it to the services in proportion to their own cost
/// there. A period in which no service has a cost keeps it, and so does what lies outside the periods.
pub(super) fn spread<'a>(
    rest: &mut Cut,
    services: &BTreeMap<Option<&'a str>, Cut>,
) -> BTreeMap<&'a str, Vec<i128>> {
    let weight = |cut: &Cut, at: usize| cut.periods[at].max(0);
    let mut shares: BTreeMap<&str, Vec<i128>> = services
        .keys()
        .filter_map(|service| service.map(|name| (name, vec![0; rest.periods.len()])))
        .collect();
    for at in 0..rest.periods.len() {
        let whole: i128 = services.values().map(|cut| weight(cut, at)).sum();
        if whole == 0 {
            continue;
        }
        let (mut part, mut given) = (0, 0);
        // Each service gets the difference of what it and those before it get, and of those before it: in all, all.
        for (share_of, cut) in shares.values_mut().zip(services.values()) {
            part += weight(cut, at);
            let until = share(rest.periods[at], part, whole);
            share_of[at] = until - given;
            given = until;
        }
        rest.periods[at] -= given;
    }
    shares
}
