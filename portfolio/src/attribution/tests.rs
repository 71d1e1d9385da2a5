use super::*;
use crate::returns::{Flow, Position, Timing, contributions};
use chrono::NaiveDate;
use proptest::prelude::*;
use rust_decimal::Decimal;

fn held(weight: f64, percent: f64) -> Part {
    Part { weight: weight / 100.0, ratio: Some(percent / 100.0) }
}

fn segment(name: &str, portfolio: Part, benchmark: Part) -> Segment {
    Segment { name: name.to_owned(), portfolio, benchmark }
}

fn near(told: f64, percent: f64) {
    assert!((told * 100.0 - percent).abs() < 1e-9, "{} and not {percent}", told * 100.0);
}

/// Equities of three countries, from Bacon's Practical Portfolio Performance Measurement and Attribution.
fn bacon() -> Vec<Segment> {
    vec![
        segment("UK", held(40.0, 20.0), held(40.0, 10.0)),
        segment("Japan", held(30.0, -5.0), held(20.0, -4.0)),
        segment("US", held(30.0, 6.0), held(40.0, 8.0)),
    ]
}

#[test]
fn bacon_brinson_fachler() {
    let found = brinson_fachler(&bacon()).unwrap();
    near(found.portfolio, 8.3);
    near(found.benchmark, 6.4);
    near(found.active, 1.9);
    let each: Vec<Effects> = found.segments.iter().map(|segment| segment.effects).collect();
    for (told, [allocation, selection, interaction]) in
        each.iter().zip([[0.0, 4.0, 0.0], [-1.04, -0.2, -0.1], [-0.16, -0.8, 0.2]])
    {
        near(told.allocation, allocation);
        near(told.selection, selection);
        near(told.interaction, interaction);
    }
    near(found.total.allocation, -1.2);
    near(found.total.selection, 3.0);
    near(found.total.interaction, 0.1);
}

#[test]
fn what_one_side_does_not_hold_is_allocation() {
    let found = brinson_fachler(&[
        segment("Bonds", held(80.0, 2.0), held(50.0, 2.0)),
        segment("Shares", Part::default(), held(50.0, 10.0)),
        segment("Gold", held(20.0, 5.0), Part::default()),
    ])
    .unwrap();
    // The benchmark made 6 %.
    near(found.segments[1].effects.allocation, -0.5 * 4.0);
    near(found.segments[2].effects.allocation, -0.2);
    assert_eq!((found.total.selection, found.total.interaction), (0.0, 0.0));
    near(found.total.total(), 2.6 - 6.0);
}

#[test]
fn carino_links_two_periods_to_their_compounded_return() {
    let second = vec![
        segment("UK", held(70.0, -5.0), held(40.0, -7.0)),
        segment("Japan", held(20.0, 3.0), held(30.0, 4.0)),
        segment("US", held(10.0, -5.0), held(30.0, -10.0)),
    ];
    let periods = [brinson_fachler(&bacon()).unwrap(), brinson_fachler(&second).unwrap()];
    let found = linked(&periods).unwrap();
    near(found.portfolio, (1.083 * 0.966 - 1.0) * 100.0);
    near(found.benchmark, (1.064 * 0.954 - 1.0) * 100.0);
    near(found.total.total(), found.active * 100.0);
    // Each period by its own factor: ln(1.083 / 1.064) / 0.019 and ln(0.966 / 0.954) / 0.012.
    let factor = |p: f64, b: f64| (p / b).ln() / (p - b);
    let (first, second, whole) =
        (factor(1.083, 1.064), factor(0.966, 0.954), factor(1.083 * 0.966, 1.064 * 0.954));
    let expected = (-1.2 * first + periods[1].total.allocation * 100.0 * second) / whole;
    near(found.total.allocation, expected);
    // Where portfolio and benchmark are one, the effects still cancel out.
    let same = vec![segment("All", held(100.0, 3.0), held(100.0, 3.0))];
    near(linked(&[brinson_fachler(&same).unwrap()]).unwrap().total.total(), 0.0);
}

#[test]
fn what_cannot_be_attributed_says_why() {
    let why = |segments: &[Segment]| brinson_fachler(segments).unwrap_err().to_string();
    insta::assert_snapshot!(why(&[]), @"there are no segments, positions or periods to attribute a return to");
    let half = [segment("UK", held(50.0, 1.0), held(100.0, 1.0))];
    insta::assert_snapshot!(why(&half), @"the weights of the portfolio add up to 0.5 and not to 1");
    let unknown = [segment("UK", held(100.0, 1.0), Part { weight: 1.0, ratio: None })];
    insta::assert_snapshot!(why(&unknown), @"segment 'UK' is held in the benchmark and has no return there");
    let nan = [segment("UK", held(100.0, f64::NAN), held(100.0, 1.0))];
    insta::assert_snapshot!(why(&nan), @"the portfolio's return of segment 'UK' is NaN, which is no such figure");
    let twice = [bacon(), bacon()].concat();
    insta::assert_snapshot!(why(&twice), @"segment 'UK' is told twice");
    let lost = brinson_fachler(&[segment("UK", held(100.0, -100.0), held(100.0, 1.0))]).unwrap();
    insta::assert_snapshot!(linked(&[lost]).unwrap_err(), @"in period 0 (counted from 0) everything was lost, from which no period can be linked");
    assert_eq!(linked(&[]), Err(NoAttribution::Nothing));
}

#[test]
fn rounded_weights_leave_nothing_over() {
    let third = |percent: f64| held(33.333, percent);
    let found = brinson_fachler(&[
        segment("A", third(3.0), third(1.0)),
        segment("B", third(5.0), third(2.0)),
        segment("C", third(-4.0), third(7.0)),
    ])
    .unwrap();
    near(found.portfolio, 4.0 / 3.0);
    near(found.total.total(), found.active * 100.0);
}

fn month(at: u32, positions: &[(i64, i64, i64)]) -> Option<crate::returns::Contributions> {
    let day = |month: u32, day: u32| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    let positions: Vec<Position> = positions
        .iter()
        .enumerate()
        .map(|(name, (start, end, flow))| Position {
            name: name.to_string(),
            start: Decimal::from(*start),
            end: Decimal::from(*end),
            flows: vec![Flow { date: day(at, 15), amount: Decimal::from(*flow) }],
        })
        .collect();
    contributions(day(at, 1), day(at + 1, 1), &positions, Timing::End).ok()
}

#[test]
fn positions_become_the_portfolios_side() {
    let found = month(1, &[(100, 110, 0), (300, 300, 0), (0, 0, 0)]).unwrap();
    let told = parts(&found).unwrap();
    assert_eq!(told[0], ("0".to_owned(), Part { weight: 0.25, ratio: Some(0.1) }));
    assert_eq!(told[2], ("2".to_owned(), Part::default()));
    let sum: f64 = told.iter().map(|(_, part)| part.weight * part.ratio.unwrap_or(0.0)).sum();
    assert!((sum - found.portfolio.ratio).abs() < 1e-12);
}

proptest! {
    #[test]
    fn effects_add_up_to_the_active_return(
        periods in prop::collection::vec(prop::collection::vec((1u32..100, -90i32..200, 1u32..100, -90i32..200), 1..8), 1..6),
    ) {
        let mut all = Vec::new();
        for rows in periods {
            let own: u32 = rows.iter().map(|row| row.0).sum();
            let other: u32 = rows.iter().map(|row| row.2).sum();
            let segments: Vec<Segment> = rows
                .iter()
                .enumerate()
                .map(|(name, row)| segment(
                    &name.to_string(),
                    held(f64::from(row.0) * 100.0 / f64::from(own), f64::from(row.1)),
                    held(f64::from(row.2) * 100.0 / f64::from(other), f64::from(row.3)),
                ))
                .collect();
            let found = brinson_fachler(&segments).unwrap();
            prop_assert!((found.total.total() - found.active).abs() < 1e-12);
            all.push(found);
        }
        let found = linked(&all).unwrap();
        let growth: f64 = all.iter().map(|period| 1.0 + period.portfolio).product();
        prop_assert!((found.portfolio - (growth - 1.0)).abs() < 1e-9 * growth);
        prop_assert!((found.total.total() - found.active).abs() < 1e-9 * growth.max(1.0));
    }

    #[test]
    fn linked_contributions_add_up_to_the_return(
        months in prop::collection::vec(prop::collection::vec((50i64..1_000, 10i64..2_000, -20i64..200), 1..6), 1..8),
    ) {
        let periods: Vec<_> = months.iter().enumerate().filter_map(|(at, positions)| month(at as u32 + 1, positions)).collect();
        prop_assume!(!periods.is_empty() && periods.iter().all(|period| period.portfolio.ratio > -1.0));
        let found = linked_contributions(&periods).unwrap();
        let growth: f64 = periods.iter().map(|period| 1.0 + period.portfolio.ratio).product();
        let sum: f64 = found.positions.iter().map(|position| position.contribution).sum();
        prop_assert!((found.total - (growth - 1.0)).abs() < 1e-9 * growth.max(1.0));
        prop_assert!((sum - found.total).abs() < 1e-9 * growth.max(1.0));
    }
}
