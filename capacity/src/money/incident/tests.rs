#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

/// Quantiles of an exponential demand with a mean: -mean·ln(1 - p).
fn exponential(mean: f64) -> Vec<DemandQuantile> {
    let at = |probability: f64| DemandQuantile { probability, demand: -mean * (1.0 - probability).ln() };
    [0.5, 0.8, 0.9, 0.95, 0.99, 0.999].map(at).to_vec()
}

fn usd(amount: &str) -> Money {
    Money::new(amount.parse().unwrap(), "USD")
}

fn input() -> IncidentInput {
    IncidentInput {
        extra_replica_hours: 45.into(),
        per_replica_hour: usd("0.096"),
        capacity_without: 3_000.0,
        capacity_with: 8_000.0,
        demand: exponential(1_000.0),
        duration_minutes: 30.into(),
        per_transaction: usd("0.05"),
        worth: Worth::Margin,
        sla_credits: usd("2000"),
        staff_per_hour: usd("400"),
    }
}

#[test]
fn an_exponential_demand_has_the_known_chance_and_excess() {
    // P(D > c) = e^(-c/mean), E(D - c)+ = mean·e^(-c/mean), below the lowest quantile and beyond the highest too.
    let demand = Demand::of(&exponential(1_000.0)).unwrap();
    for capacity in [0.0, 100.0, 700.0, 3_000.0, 6_900.0, 12_000.0] {
        let (chance, excess) = demand.beyond(capacity);
        let known = (-capacity / 1_000.0_f64).exp();
        assert!(
            (chance - known).abs() < 1e-12 && (excess - 1_000.0 * known).abs() < 1e-9,
            "{capacity}: {chance}"
        );
    }
}

#[test]
fn demand_between_quantiles_is_integrated_exactly() {
    // Against the sum over many probabilities.
    let quantiles =
        [(0.5, 600.0), (0.8, 800.0), (0.9, 800.0), (0.95, 2_000.0), (0.99, 2_100.0), (0.999, 4_000.0)];
    let demand =
        Demand::of(&quantiles.map(|(probability, demand)| DemandQuantile { probability, demand })).unwrap();
    let points: Vec<(f64, f64)> = quantiles.iter().map(|(p, d)| (-(1.0 - p).ln(), *d)).collect();
    let at = |s: f64| {
        let upper = points.iter().position(|point| point.0 >= s).unwrap_or(5).max(1);
        let (low, high) = (points[upper - 1], points[upper]);
        (low.1 + (high.1 - low.1) * (s - low.0) / (high.0 - low.0)).max(0.0)
    };
    for capacity in [500.0, 800.0, 1_500.0, 3_000.0, 5_000.0] {
        let steps = 2_000_000;
        let sum: f64 = (0..steps)
            .map(|step| (at(-(1.0 - (f64::from(step) + 0.5) / f64::from(steps)).ln()) - capacity).max(0.0))
            .sum();
        let (_, excess) = demand.beyond(capacity);
        let summed = sum / f64::from(steps);
        assert!((excess - summed).abs() < 0.01, "{capacity}: {excess} {summed}");
    }
}

#[test]
fn a_plan_is_weighed() {
    let found = incident(&input()).unwrap();
    // e^-3 = 0.049787: 49.787068 transactions a minute are lost, for half an hour.
    assert_eq!(found.without.probability.to_string(), "0.049787");
    assert_eq!(found.without.transactions_lost.to_string(), "1493.61204");
    assert_eq!(found.without.expected.amount.to_string(), "184.212002");
    assert_eq!(found.plan_cost.amount.to_string(), "4.32");
    assert_eq!(found.break_even_probability, Figure::Known("0.001175".parse().unwrap()));
    insta::assert_snapshot!(found.text(), @r#"
    The plan costs 4.32 USD. Without it demand exceeds capacity with a chance of 4.98 %, and is expected to cost 184.21 USD: 74.68 USD of margin in lost transactions, 99.57 USD in service credits, 9.96 USD in staff. With it that is 1.24 USD. The plan is worth 178.65 USD more than it costs. It pays from a chance of 0.12 % on.

                                  without the plan         with the plan
      chance                                4.98 %                0.03 %
      transactions lost                       1494                    10
      share not served                      4.98 %                0.03 %
      expected loss                     184.21 USD              1.24 USD
    "#);
}

#[test]
fn plans_that_do_not_pay_say_so() {
    let dear = incident(&IncidentInput { extra_replica_hours: 45_000.into(), ..input() }).unwrap();
    insta::assert_snapshot!(dear.sentence, @"The plan costs 4,320.00 USD. Without it demand exceeds capacity with a chance of 4.98 %, and is expected to cost 184.21 USD: 74.68 USD of margin in lost transactions, 99.57 USD in service credits, 9.96 USD in staff. With it that is 1.24 USD. The plan costs 4,137.03 USD more than it is worth. It would not pay even if the incident were certain.");
    let vain = incident(&IncidentInput { capacity_with: 3_000.0, ..input() }).unwrap();
    insta::assert_snapshot!(vain.sentence, @"The plan costs 4.32 USD. Without it demand exceeds capacity with a chance of 4.98 %, and is expected to cost 184.21 USD: 74.68 USD of margin in lost transactions, 99.57 USD in service credits, 9.96 USD in staff. With it that is 184.21 USD. The plan costs 4.32 USD more than it is worth. There is no chance from which on it pays: the plan avoids no loss.");
    let flat = [0.5, 0.999].map(|probability| DemandQuantile { probability, demand: 2_000.0 }).to_vec();
    let ample = incident(&IncidentInput { demand: flat, worth: Worth::Revenue, ..input() }).unwrap();
    insta::assert_snapshot!(ample.sentence, @"The plan costs 4.32 USD. Without it demand exceeds capacity with a chance of 0 %, and is expected to cost 0.00 USD: 0.00 USD of revenue in lost transactions, 0.00 USD in service credits, 0.00 USD in staff. With it that is 0.00 USD. The plan costs 4.32 USD more than it is worth. There is no chance from which on it pays: demand is not expected to exceed capacity.");
}

#[test]
fn figures_without_meaning_are_refused() {
    let refused = |input: IncidentInput| incident(&input).unwrap_err().to_string();
    let one = |probability, demand| DemandQuantile { probability, demand };
    let demand = |demand: &[DemandQuantile]| IncidentInput { demand: demand.to_vec(), ..input() };
    insta::assert_snapshot!(refused(demand(&[one(0.5, 1.0), one(0.500_000_1, 2.0)])), @"incident.demand: two probabilities are the same, or as good as");
    insta::assert_snapshot!(refused(demand(&[one(0.5, 2.0), one(0.9, 1.0)])), @"incident.demand: demand must not fall as its probability rises");
    insta::assert_snapshot!(refused(demand(&[one(1.0, 2.0), one(0.9, 1.0)])), @"incident.demand: probabilities must be 0 or more and below 1, and demand between 0 and 10^12");
    insta::assert_snapshot!(refused(IncidentInput { capacity_with: f64::NAN, ..input() }), @"incident.capacity: capacities must lie between 0 and 10^12");
    insta::assert_snapshot!(refused(IncidentInput { capacity_with: 1.0, ..input() }), @"incident.capacity_with: a plan must not serve less than there is without it");
    insta::assert_snapshot!(refused(IncidentInput { sla_credits: Money::new(1.into(), "EUR"), ..input() }), @"EUR and USD are different currencies; convert one of them before they are added");
    insta::assert_snapshot!(refused(IncidentInput { sla_credits: usd("-1"), ..input() }), @"incident.amounts: hours, minutes and amounts must be 0 or more");
    insta::assert_snapshot!(refused(IncidentInput { duration_minutes: Decimal::MAX, ..input() }), @"incident: the amount is larger than 79,228,162,514,264, which is the most that is held exactly; check demand, capacity and duration for a misplaced point");
    insta::assert_snapshot!(refused(demand(&[one(0.5, 0.0), one(0.9, 1.7e308)])), @"incident.demand: probabilities must be 0 or more and below 1, and demand between 0 and 10^12");
}

proptest! {
    #[test]
    fn more_capacity_never_costs_more_and_the_sums_hold(
        demands in proptest::collection::vec(0.0_f64..1e6, 2..7), without in 0.0_f64..2e6, more in 0.0_f64..1e6,
        cents in 0_i64..1_000_000, minutes in 0_i64..10_000,
    ) {
        let mut demands = demands;
        demands.sort_by(f64::total_cmp);
        let probabilities = [0.1, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999];
        let demand = probabilities.iter().zip(demands).map(|(p, demand)| DemandQuantile { probability: *p, demand });
        let found = incident(&IncidentInput {
            demand: demand.collect(),
            capacity_without: without,
            capacity_with: without + more,
            per_transaction: Money::new(Decimal::new(cents, 4), "USD"),
            duration_minutes: minutes.into(),
            ..input()
        }).unwrap();
        prop_assert!(found.with.expected.amount <= found.without.expected.amount);
        prop_assert!(found.with.unserved_share <= found.without.unserved_share);
        prop_assert!((Decimal::ZERO..=Decimal::ONE).contains(&found.without.probability));
        prop_assert!((Decimal::ZERO..=Decimal::ONE).contains(&found.without.unserved_share));
        let avoided = found.without.expected.minus(&found.with.expected).unwrap();
        prop_assert_eq!(avoided.minus(&found.plan_cost).unwrap(), found.net);
    }

    #[test]
    fn no_figures_panic(
        demands in proptest::collection::vec((any::<f64>(), any::<f64>()), 0..5), a in any::<f64>(), b in any::<f64>(),
    ) {
        let demand = demands.into_iter().map(|(probability, demand)| DemandQuantile { probability, demand }).collect();
        let _ = incident(&IncidentInput { demand, capacity_without: a, capacity_with: b, ..input() });
        let wide = [0.5, 0.9].iter().zip([a.abs() % 1e12, b.abs() % 1e12]);
        let demand = wide.map(|(p, demand)| DemandQuantile { probability: *p, demand }).collect();
        let _ = incident(&IncidentInput { demand, ..input() });
    }
}
