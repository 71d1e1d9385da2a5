use super::*;
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(date: &str, value: &str) -> Valuation {
    Valuation { date: day(date), value: value.parse().unwrap() }
}

fn flow(date: &str, amount: &str) -> Flow {
    Flow { date: day(date), amount: amount.parse().unwrap() }
}

#[test]
fn bloomberg_modified_dietz() {
    let flows = [
        flow("2026-01-05", "-15.05"),
        flow("2026-01-09", "19.82"),
        flow("2026-01-15", "16.42"),
        flow("2026-01-24", "-18.96"),
    ];
    let (start, end) = (at("2025-12-31", "585.60"), at("2026-01-31", "602.34"));
    let found = modified(start, end, &flows, Timing::End).unwrap();
    assert_eq!(found.gain.to_string(), "14.51");
    assert!((found.ratio - 0.024_54).abs() < 5e-6, "{found:?}");
}

#[test]
fn deposits_alone_earn_nothing() {
    let flows = [flow("2026-01-10", "50"), flow("2026-01-31", "1000000")];
    let found = modified(at("2026-01-01", "100"), at("2026-01-31", "1000150"), &flows, Timing::End).unwrap();
    assert_eq!((found.gain, found.ratio), (Decimal::ZERO, 0.0));
    assert_eq!(simple(at("2026-01-01", "100"), at("2026-01-31", "1000150"), &flows).unwrap().ratio, 0.0);
}

#[test]
fn a_tiny_start_beside_a_large_flow_is_refused_and_does_not_explode() {
    // 0.9 % on what came on the last day but one would be told as 27 % of the average.
    let flows = [flow("2026-01-30", "100000")];
    let refused = modified(at("2026-01-01", "0.01"), at("2026-01-31", "100900"), &flows, Timing::End);
    assert!(matches!(refused, Err(NoReturn::SmallBase { .. })), "{refused:?}");
    let last_day = [flow("2026-01-31", "100000")];
    let refused = modified(at("2026-01-01", "0.01"), at("2026-01-31", "100900"), &last_day, Timing::End);
    assert!(matches!(refused, Err(NoReturn::SmallBase { .. })), "{refused:?}");
}

#[test]
fn what_cannot_be_told_says_why() {
    let (start, end) = (at("2026-01-01", "100"), at("2026-01-31", "110"));
    assert_eq!(modified(end, start, &[], Timing::End), Err(NoReturn::TooFewValues));
    let outside = modified(start, end, &[flow("2026-01-01", "1")], Timing::End).unwrap_err();
    insta::assert_snapshot!(outside, @"the flow on 2026-01-01 is not after 2026-01-01 and up to 2026-01-31");
    let none = modified(at("2026-01-01", "0"), end, &[], Timing::End).unwrap_err();
    insta::assert_snapshot!(none, @"from 2026-01-01 on 0 is at work, and a return needs more than 0");
}

proptest! {
    #[test]
    fn contributions_add_up_to_the_return(
        positions in prop::collection::vec((1i64..1_000_000, 0i64..1_000_000, prop::collection::vec((1i64..30, -5_000i64..5_000), 0..5)), 1..8),
    ) {
        let from = day("2026-01-01");
        let positions: Vec<Position> = positions
            .into_iter()
            .enumerate()
            .map(|(at, (start, end, flows))| Position {
                name: at.to_string(),
                start: Decimal::new(start, 2),
                end: Decimal::new(end, 2),
                flows: flows
                    .into_iter()
                    .map(|(after, cents)| Flow { date: from + chrono::TimeDelta::days(after), amount: Decimal::new(cents, 2) })
                    .collect(),
            })
            .collect();
        let found = contributions(from, day("2026-01-31"), &positions, Timing::End);
        prop_assume!(found.is_ok());
        let found = found.unwrap();
        let sum: f64 = found.positions.iter().map(|position| position.contribution).sum();
        prop_assert!((sum - found.portfolio.ratio).abs() < 1e-9 * (1.0 + found.portfolio.ratio.abs()));
        let gains: Decimal = found.positions.iter().map(|position| position.gain).sum();
        prop_assert_eq!(gains, found.portfolio.gain);
    }
}
