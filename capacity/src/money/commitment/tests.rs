#![allow(clippy::unwrap_used)]

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

fn offer(discount: &str, whole_units: bool) -> CommitmentOffer {
    CommitmentOffer {
        term: Term::OneYear,
        on_demand: Money::new("0.10".parse().unwrap(), "USD"),
        discount: discount.parse().unwrap(),
        whole_units,
    }
}

fn start() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn usage(units: impl IntoIterator<Item = Decimal>) -> Vec<HourlyUse> {
    let at = |hour: usize| start() + TimeDelta::hours(hour as i64);
    units.into_iter().enumerate().map(|(hour, units)| HourlyUse { at: at(hour), units }).collect()
}

/// Ten replicas by day, four by night, so many days.
fn days(count: usize) -> Vec<HourlyUse> {
    usage((0..count * 24).map(|hour| Decimal::from(if hour % 24 < 12 { 4 } else { 10 })))
}

fn advice(usage: &[HourlyUse], offer: &CommitmentOffer) -> CommitmentAdvice {
    commitment(usage, offer).unwrap().known().unwrap().clone()
}

#[test]
fn the_best_level_is_the_quantile_at_the_discount() {
    // At 40 % off a unit must be used 60 % of the time: four replicas are, the other six half of it only.
    let found = advice(&days(60), &offer("0.40", true));
    assert_eq!((found.best.units, found.strength), (Decimal::from(4), Strength::Fair));
    // 4 x 0.04 saved in each of 8,760 hours.
    assert_eq!(found.best.saving_per_term.amount.to_string(), "1401.6");
    assert_eq!(found.on_demand_per_hour.to_string(), "0.70 USD");
    insta::assert_snapshot!(found.text(), @r#"
    Commit to 4 units for 1 year (0.24 USD an hour): that saves 1,401.60 USD over the term if usage stays as it was. 100 % of the commitment would have been used; it pays above 60 %. If usage falls by 30 %, it still saves 876.00 USD. From 1,440 hours between 1 January 2026 and 2 March 2026; the term is 1 year.

    On demand an hour costs 0.70 USD.
               units             an hour    used     saved in the term
                   0            0.00 USD       -              0.00 USD
                   4            0.24 USD   100 %          1,401.60 USD  best
                  10            0.60 USD    70 %            876.00 USD
    If usage falls by 10 %: 1,226.40 USD saved in the term, 105.12 USD paid for nothing.
    If usage falls by 20 %: 1,051.20 USD saved in the term, 210.24 USD paid for nothing.
    If usage falls by 30 %: 876.00 USD saved in the term, 315.36 USD paid for nothing.
    "#);
    // At 60 % off the other six pay too.
    assert_eq!(advice(&days(60), &offer("0.60", true)).best.units, Decimal::TEN);
    // At break-even both are as good, and the lower is taken.
    let even = advice(&days(60), &offer("0.50", true));
    assert_eq!(even.best.units, Decimal::from(4));
    assert_eq!(even.levels.last().unwrap().saving_per_term, even.best.saving_per_term);
}

#[test]
fn whole_units_are_the_better_neighbour() {
    let steady = |units: &str| usage(vec![units.parse().unwrap(); 20 * 24]);
    // A third unit would be used 90 %, or 30 %, of the time, and 60 % are needed.
    assert_eq!(advice(&steady("2.9"), &offer("0.40", true)).best.units, Decimal::from(3));
    assert_eq!(advice(&steady("2.3"), &offer("0.40", true)).best.units, Decimal::from(2));
    assert_eq!(advice(&steady("2.3"), &offer("0.40", false)).best.units.to_string(), "2.3");
}

#[test]
fn falling_usage_is_a_loss_in_figures() {
    // Steady use of ten at 20 % off: break-even at 80 %.
    let found = advice(&usage(vec![Decimal::TEN; 60 * 24]), &offer("0.20", true));
    let falls: Vec<String> = found.falls.iter().map(|fall| fall.saving_per_term.amount.to_string()).collect();
    assert_eq!(falls, ["876", "0", "-876"]);
    assert_eq!(found.falls[2].unused_per_term.amount.to_string(), "2102.4");
    insta::assert_snapshot!(found.sentence, @"Commit to 10 units for 1 year (0.80 USD an hour): that saves 1,752.00 USD over the term if usage stays as it was. 100 % of the commitment would have been used; it pays above 80 %. If usage falls by 30 %, it loses 876.00 USD against paying on demand. From 1,440 hours between 1 January 2026 and 2 March 2026; the term is 1 year.");
}

#[test]
fn a_savings_plan_is_bought_by_what_it_costs_an_hour() {
    let spend = CommitmentOffer { on_demand: Money::new(Decimal::ONE, "EUR"), ..offer("0.28", false) };
    let found = advice(&usage(vec!["12.50".parse().unwrap(); 30 * 24]), &spend);
    assert_eq!(found.best.commitment_per_hour.to_string(), "9.00 EUR");
    assert_eq!(found.best.utilisation, Some(Decimal::ONE));
    insta::assert_snapshot!(found.sentence, @"Commit to 12.5 units for 1 year (9.00 EUR an hour): that saves 30,660.00 EUR over the term if usage stays as it was. 100 % of the commitment would have been used; it pays above 72 %. If usage falls by 30 %, it loses 2,190.00 EUR against paying on demand. From 720 hours between 1 January 2026 and 31 January 2026: weak, because 30 days say little about 1 year.");
}

#[test]
fn rare_usage_is_not_committed_to() {
    let rare = usage((0..60 * 24).map(|hour| Decimal::from(u32::from(hour % 24 == 9))));
    let found = advice(&rare, &offer("0.40", false));
    assert_eq!(found.best.units, Decimal::ZERO);
    insta::assert_snapshot!(found.sentence, @"Commit to nothing: no unit was used for more than 60 % of the time, at which a commitment pays. From 1,440 hours between 1 January 2026 and 2 March 2026; the term is 1 year.");
    let idle = advice(&usage(vec![Decimal::ZERO; 400]), &offer("0.40", true));
    assert_eq!((idle.best.coverage, idle.best.utilisation), (None, None));
}

#[test]
fn a_change_between_the_halves_is_said() {
    let falling = usage((0..60 * 24).map(|hour| Decimal::from(if hour < 30 * 24 { 20 } else { 5 })));
    let found = advice(&falling, &offer("0.40", true));
    assert_eq!(found.halves, [Decimal::from(20), Decimal::from(5)]);
    insta::assert_snapshot!(found.sentence, @"Commit to 5 units for 1 year (0.30 USD an hour): that saves 1,752.00 USD over the term if usage stays as it was. 100 % of the commitment would have been used; it pays above 60 %. If usage falls by 30 %, it still saves 1,095.00 USD. From 1,440 hours between 1 January 2026 and 2 March 2026; the term is 1 year. Usage changes: its first half alone would say 20 units, its second half 5.");
}

#[test]
fn too_little_usage_is_no_advice() {
    let why = |usage: &[HourlyUse]| {
        commitment(usage, &offer("0.4", true)).unwrap().why().unwrap_or_default().to_owned()
    };
    insta::assert_snapshot!(why(&[]), @"no usage is known");
    insta::assert_snapshot!(why(&days(13)), @"13.0 days of usage are known, and advice needs 14");
    let gaps: Vec<_> = days(30).into_iter().filter(|hour| hour.at.timestamp() % 14_400 != 0).collect();
    insta::assert_snapshot!(why(&gaps), @"540 of 719 hours of usage are known, and advice needs 90 % of them");
    assert_eq!(why(&days(14)), "");
    assert_eq!(advice(&days(14), &offer("0.4", true)).strength, Strength::Weak);
}

#[test]
fn settings_without_meaning_are_refused() {
    let refused =
        |usage: &[HourlyUse], offer: &CommitmentOffer| commitment(usage, offer).unwrap_err().to_string();
    insta::assert_snapshot!(refused(&days(20), &offer("1", true)), @"commitment.discount: it must be 0 or more and less than 1, such as 0.37 for 37 %");
    let free = CommitmentOffer { on_demand: Money::new(Decimal::ZERO, "USD"), ..offer("0.1", true) };
    insta::assert_snapshot!(refused(&days(20), &free), @"commitment.on_demand: the price must be above 0");
    insta::assert_snapshot!(refused(&usage([Decimal::NEGATIVE_ONE]), &offer("0.1", true)), @"commitment.usage: -1 at 2026-01-01 00:00:00 UTC is not between 0 and 10^9");
    let dear = CommitmentOffer { on_demand: Money::new(Decimal::MAX, "USD"), ..offer("0.1", true) };
    insta::assert_snapshot!(refused(&days(20), &dear), @"commitment: the amount is larger than 79,228,162,514,264, which is the most that is held exactly; check the price and the usage for a misplaced point");
}

/// The cost of a level by the definition, hour for hour.
fn cost(hours: &[Decimal], units: Decimal, offer: &CommitmentOffer) -> Decimal {
    let committed = offer.on_demand.amount * (Decimal::ONE - offer.discount);
    let beyond = |hour: &Decimal| (*hour - units).max(Decimal::ZERO) * offer.on_demand.amount;
    hours.iter().map(|hour| units * committed + beyond(hour)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_neighbour_is_better_than_the_best(
        hours in proptest::collection::vec(0_i64..2_000, 336..500), discount in 0_i64..100, whole in any::<bool>(),
    ) {
        let hours: Vec<Decimal> = hours.into_iter().map(|units| Decimal::new(units, 2)).collect();
        let offer = CommitmentOffer { discount: Decimal::new(discount, 2), ..offer("0", whole) };
        let mut usage = usage(hours.clone());
        let found = advice(&usage, &offer);
        let best = cost(&hours, found.best.units, &offer);
        let step = if whole { Decimal::ONE } else { Decimal::new(1, 2) };
        for level in 0..=2_000 / if whole { 100 } else { 1 } {
            prop_assert!(best <= cost(&hours, Decimal::from(level) * step, &offer), "{} is better", level);
        }
        // Hourly figures are rounded to 15 decimals, once.
        let exact = best / Decimal::from(hours.len());
        prop_assert!((found.best.cost_per_hour.amount - exact).abs() <= Decimal::new(1, 15));
        // The halves go by time, all else does not.
        usage.reverse();
        prop_assert_eq!(advice(&usage, &offer), found);
    }
}
