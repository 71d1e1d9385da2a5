use super::*;
use chrono::{TimeDelta, TimeZone as _, Utc};
use proptest::prelude::*;

fn hours(n: i64) -> TimeRange {
    let from = Utc.with_ymd_and_hms(2026, 11, 20, 0, 0, 0).unwrap();
    TimeRange::new(from, from + TimeDelta::hours(n)).unwrap()
}

/// An hour each.
fn blocks(counts: &[(u64, u64)]) -> (TimeRange, Vec<(TimeRange, Count)>) {
    let range = hours(counts.len() as i64);
    let block = |(i, (stored, fitting)): (usize, &(u64, u64))| {
        let from = range.from + TimeDelta::hours(i as i64);
        let count = Count { stored: *stored, fitting: *fitting };
        (TimeRange { from, to: from + TimeDelta::hours(1) }, count)
    };
    (range, counts.iter().enumerate().map(block).collect())
}

fn planned(range: TimeRange, blocks: &[(TimeRange, Count)], wanted: u64) -> Plan {
    let fitting = blocks.iter().map(|(_, count)| count.fitting).sum();
    draws(blocks).map_or_else(
        || Plan::whole(range, fitting, wanted),
        |draws| Plan::of(&draw(blocks, draws), draws, wanted),
    )
}

#[test]
fn what_is_little_is_read_whole() {
    assert!(Plan::whole(hours(1), 900, 10_000).is_everything(&hours(1)));
    let half = Plan::whole(hours(1), 20_000, 10_000);
    assert_eq!((half.blocks[0].taken, half.is_everything(&hours(1))), (PARTS / 2, false));
}

#[test]
fn an_incident_is_found_in_a_day() {
    let mut counts = vec![(1_000_000, 3); 24];
    counts[17] = (1_000_000, 40_000);
    let (range, blocks) = blocks(&counts);
    let plan = planned(range, &blocks, 10_000);
    assert_eq!(plan.blocks.len(), 1, "{plan:?}");
    assert_eq!((plan.blocks[0].window, plan.blocks[0].taken), (blocks[17].0, PARTS / 4));
    assert!((plan.told(&range, 9_987, 40_069).time - 1.0 / 24.0).abs() < 1e-9);
}

#[test]
fn parts_of_a_block_are_drawn_as_often_as_it_was() {
    let (range, mut blocks) = blocks(&[(1_000_000, 100); 24]);
    blocks[3].1.fitting = 4_000;
    let drawn = draw(&blocks, 4);
    let three = drawn.iter().find(|block| block.window == blocks[3].0).unwrap();
    assert_eq!((three.times, drawn.iter().map(|block| block.times).sum::<u64>()), (3, 4));
    let part = |n: i64, fitting| {
        let from = range.from + TimeDelta::hours(3) + TimeDelta::minutes(n * 15);
        (TimeRange { from, to: from + TimeDelta::minutes(15) }, Count { stored: 250_000, fitting })
    };
    let parts = three.parts(&[part(0, 10), part(1, 3_900), part(2, 90), part(9, 50_000)]);
    let [incident] = &parts[..] else { panic!("{parts:?}") };
    assert_eq!((incident.window, incident.times), (part(1, 0).0, 3));
    assert_eq!(three.parts(&[]), [*three], "what is not counted by the minute is looked at whole");
}

#[test]
fn parts_hold_what_a_draw_may_read() {
    assert_eq!(part_seconds(3600, 30_000), 1800);
    assert_eq!(part_seconds(3600, 416_000), 6 * 60);
    assert_eq!(part_seconds(7 * 3600, 7 * 416_000), 6 * 60);
    assert_eq!(part_seconds(3600, 42_000_000), 60);
}

#[test]
fn blocks_are_hours_from_a_day_on() {
    assert_eq!(block_seconds(hours(24), Source::Minutes), 3600);
    assert_eq!(block_seconds(hours(1), Source::Minutes), 60);
    assert_eq!(block_seconds(hours(14 * 24), Source::Hours), 7 * 3600);
}

proptest! {
    /// Every span that fits has about the same chance, but for blocks of fewer than their quota.
    #[test]
    fn chances_are_equal(
        counts in prop::collection::vec((1_000_u64..4_000_000, 1_000_u64..90_000), 10..48),
        wanted in 100_u64..2_000,
    ) {
        let (range, blocks) = blocks(&counts);
        let plan = planned(range, &blocks, wanted);
        prop_assert!(!plan.blocks.is_empty());
        let mut taken = 0.0;
        for block in &plan.blocks {
            let fitting = blocks.iter().find(|(window, _)| *window == block.window).map(|(_, count)| count.fitting);
            let fitting = fitting.unwrap_or_else(|| counts.iter().map(|count| count.1).sum());
            taken += fitting as f64 * block.taken as f64 / PARTS as f64;
        }
        prop_assert!((taken - wanted as f64).abs() < wanted as f64 * 0.02 + 30.0, "{taken} of {wanted}");
        prop_assert!(plan.blocks.windows(2).all(|two| two[0].window.to <= two[1].window.from));
    }
}
