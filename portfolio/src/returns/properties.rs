//! What holds of every return.

use super::*;
use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn day(after: i64) -> NaiveDate {
    NaiveDate::default() + TimeDelta::days(after)
}

/// A start value, and what is put in on which day of 400, in cents.
fn deposits() -> impl Strategy<Value = (Decimal, Vec<Flow>)> {
    let flow = (1i64..=400, 1i64..10_000_000)
        .prop_map(|(after, cents)| Flow { date: day(after), amount: Decimal::new(cents, 2) });
    let start = (1i64..10_000_000).prop_map(|cents| Decimal::new(cents, 2));
    (start, prop::collection::vec(flow, 0..12))
}

fn worth(start: Decimal, flows: &[Flow], on: NaiveDate) -> Decimal {
    start + flows.iter().filter(|flow| flow.date <= on).map(|flow| flow.amount).sum::<Decimal>()
}

proptest! {
    #[test]
    fn deposits_alone_earn_nothing((start, flows) in deposits()) {
        let (first, last) = (day(0), day(400));
        let at = |date| Valuation { date, value: worth(start, &flows, date) };
        prop_assert_eq!(modified(at(first), at(last), &flows, Timing::End).unwrap().ratio, 0.0);
        prop_assert_eq!(simple(at(first), at(last), &flows).unwrap().ratio, 0.0);

        let in_on = |date| flows.iter().filter(|flow| flow.date == date).map(|flow| flow.amount).sum();
        let days: Vec<Day> = (0..=400)
            .map(day)
            .map(|date| Day { date, value: Some(at(date).value), inflow: in_on(date), outflow: Decimal::ZERO })
            .collect();
        let weighted = daily(&days).unwrap();
        prop_assert!(weighted.total.abs() < 1e-12);
        prop_assert!(weighted.annualised(ShortPeriods::Refuse).unwrap().abs() < 1e-12);
        let all: Vec<Valuation> = days.iter().map(|day| at(day.date)).collect();
        prop_assert!(linked(&all, &flows, Timing::End, Decimal::ZERO).unwrap().total.abs() < 1e-12);

        prop_assert!(money_weighted(at(first), at(last), &flows, Timing::End).unwrap().rate.abs() < 1e-9);
        let mut payments: Vec<Payment> =
            flows.iter().map(|flow| Payment { date: flow.date, amount: -flow.amount }).collect();
        payments.push(Payment { date: first, amount: -start });
        payments.push(Payment { date: last, amount: at(last).value });
        prop_assert!(xirr(&payments, DayCount::Act365Fixed).unwrap().rate.abs() < 1e-9);
    }

    #[test]
    fn neither_scale_nor_order_matters(
        payments in prop::collection::vec((0i64..2_000, -100_000i64..100_000), 2..25),
        power in 1u32..9,
    ) {
        let paid = |scale: Decimal| -> Vec<Payment> {
            payments
                .iter()
                .map(|(after, cents)| Payment { date: day(*after), amount: Decimal::new(*cents, 2) * scale })
                .collect()
        };
        let found = xirr(&paid(Decimal::ONE), DayCount::Act365Fixed);
        let mut other = paid(Decimal::from(10u32.pow(power)));
        other.reverse();
        prop_assert_eq!(found, xirr(&other, DayCount::Act365Fixed));
    }
}
