#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

#[test]
fn erlang_c_gives_the_tabled_probabilities() {
    for (servers, offered, expected) in [
        (2, 1.0, 0.333_333),
        (5, 4.0, 0.554_113),
        (10, 8.0, 0.409_180),
        (16, 12.8, 0.304_884),
        (50, 45.0, 0.363_864),
        (100, 90.0, 0.216_940),
    ] {
        let got = wait_probability(servers, offered).unwrap();
        assert!((got - expected).abs() < 1e-6, "C({servers}, {offered}) is {expected}, not {got}");
    }
}

#[test]
fn erlang_b_gives_the_tabled_probabilities() {
    // Any printed table of Erlang B: 10 lines carry 4.461 erlangs at 1 %, 100 lines 84.06.
    for (servers, offered, expected) in [(1, 1.0, 0.5), (10, 4.461, 0.01), (100, 84.06, 0.01)] {
        let got = blocking_probability(servers, offered).unwrap();
        assert!((got - expected).abs() < 1e-5, "B({servers}, {offered}) is {expected}, not {got}");
    }
}

#[test]
fn one_server_is_the_textbook_queue() {
    // M/M/1 at 80 %: waits 80 % of the time, 4 services long.
    assert!((wait_probability(1, 0.8).unwrap() - 0.8).abs() < 1e-12);
    assert!((mean_wait(1, 8.0, 0.1).unwrap() - 0.4).abs() < 1e-12);
    // P(W > t) = rho * exp(-(mu - lambda) t)
    let t = wait_quantile(1, 8.0, 0.1, 0.99).unwrap();
    assert!((0.8 * (-2.0 * t).exp() - 0.01).abs() < 1e-12);
    assert_eq!(wait_quantile(1, 8.0, 0.1, 0.1).unwrap(), 0.0);
}

#[test]
fn pools_for_one_request_in_ten_waiting() {
    for (offered, servers) in [(3.5, 7), (10.0, 16), (35.0, 44), (100.0, 115)] {
        assert_eq!(servers_for(offered, 0.1).unwrap(), servers, "{offered} erlangs");
    }
    assert_eq!(servers_for(0.0, 0.1).unwrap(), 1);
}

#[test]
fn large_pools_may_run_hotter() {
    let targets: Vec<String> =
        [1, 7, 16, 44, 115, 1000].map(|c| format!("{:.3}", target_utilisation(c, 0.1).unwrap())).to_vec();
    insta::assert_snapshot!(targets.join(" "), @"0.100 0.532 0.674 0.796 0.872 0.956");
}

#[test]
fn callers_give_up_before_a_small_pool_is_full() {
    let limits: Vec<String> = [1, 2, 4, 16, 1000]
        .map(|c| format!("{:.4}", giving_up_utilisation(c, 100.0, 0.01).unwrap()))
        .to_vec();
    insta::assert_snapshot!(limits.join(" "), @"0.9539 0.9770 0.9885 0.9971 1.0000");
    // With a wait as long as that of Erlang's queue, to the share that does not wait at all.
    for servers in [1, 2, 4, 16] {
        let busy = giving_up_utilisation(servers, 100.0, 0.01).unwrap();
        let wait = wait_quantile(servers, busy * f64::from(servers), 1.0, 0.99).unwrap();
        assert!((90.0..=100.0).contains(&wait), "{servers} servers: {wait}");
    }
    assert_eq!(giving_up_utilisation(1, 2.0, 0.01).unwrap(), 0.0, "nobody waits so little");
    assert!(giving_up_utilisation(1, -1.0, 0.01).is_err() && giving_up_utilisation(0, 1.0, 0.01).is_err());
}

#[test]
fn a_hundred_thousand_servers_are_computed() {
    let waits = wait_probability(100_000, 99_500.0).unwrap();
    // Halfin and Whitt: C tends to 1 / (1 + beta * Phi(beta) / phi(beta)) with beta = (1 - rho) * sqrt(c).
    let beta = 0.005 * 100_000_f64.sqrt();
    let (density, below) = (0.114_2, 0.943_1);
    assert!((waits - 1.0 / (1.0 + beta * below / density)).abs() < 2e-3, "{waits}");
    assert!(target_utilisation(100_000, 0.1).unwrap() > 0.995);
}

#[test]
fn a_pool_without_room_says_so() {
    assert_eq!(wait_probability(4, 4.0).unwrap(), 1.0);
    assert_eq!(wait_probability(4, 1e300).unwrap(), 1.0);
    assert_eq!(mean_wait(4, 50.0, 0.1).unwrap_err(), QueueError::Saturated { servers: 4, offered: 5.0 });
    insta::assert_snapshot!(mean_wait(4, 50.0, 0.1).unwrap_err(), @"5 erlangs are offered to a pool of 4 and its queue grows without end; add servers or take work away");
}

#[test]
fn figures_out_of_range_are_named() {
    insta::assert_snapshot!(wait_probability(0, 1.0).unwrap_err(), @"servers is 0, but must be from 1 to 100000");
    insta::assert_snapshot!(wait_probability(1, -1.0).unwrap_err(), @"offered is -1, but must be a number from 0 up");
    insta::assert_snapshot!(mean_wait(1, 1.0, 0.0).unwrap_err(), @"service_time is 0, but must be in seconds, from 1e-12 to 1e12");
    insta::assert_snapshot!(servers_for(1.0, 10.0).unwrap_err(), @"max_wait_probability is 10, but must be between 0 and 1, as 0.1 for 10 %");
    insta::assert_snapshot!(servers_for(99_999.9, 0.01).unwrap_err(), @"offered is 99999.9, but must be what 100000 servers can carry");
    insta::assert_snapshot!(wait_quantile(1, 1.0, 0.1, 1.0).unwrap_err(), @"quantile is 1, but must be from 0 to below 1");
}

#[test]
fn a_clockwork_service_halves_the_wait() {
    // Pollaczek and Khinchine: M/D/1 waits half as long as M/M/1.
    let exponential = general_wait(1, 8.0, 0.1, 1.0, 1.0).unwrap();
    assert!((general_wait(1, 8.0, 0.1, 1.0, 0.0).unwrap() - 0.5 * exponential).abs() < 1e-12);
}

#[test]
fn little_counts_what_is_inside() {
    assert_eq!(concurrency(200.0, 0.05).unwrap(), 10.0);
    assert!(concurrency(f64::MAX, 10.0).is_err());
}

proptest! {
    #[test]
    fn more_servers_never_wait_more(servers in 1_u32..400, share in 0.01_f64..0.999) {
        let offered = share * f64::from(servers);
        let here = wait_probability(servers, offered).unwrap();
        prop_assert!((0.0..=1.0).contains(&here));
        prop_assert!(wait_probability(servers + 1, offered).unwrap() <= here);
    }

    #[test]
    fn a_larger_pool_has_a_higher_target(servers in 1_u32..300, p in 0.001_f64..0.9) {
        prop_assert!(target_utilisation(servers + 1, p).unwrap() > target_utilisation(servers, p).unwrap());
    }

    #[test]
    fn the_largest_load_is_the_edge(servers in 1_u32..300, p in 0.001_f64..0.9) {
        let edge = largest_offered(servers, p).unwrap();
        prop_assert!(wait_probability(servers, edge).unwrap() <= p);
        prop_assert!(wait_probability(servers, edge * 1.000_01).unwrap() > p);
        prop_assert!(servers_for(edge, p).unwrap() <= servers);
    }

    #[test]
    fn nothing_but_numbers_comes_out(servers in any::<u32>(), a in any::<f64>(), b in any::<f64>(), q in any::<f64>()) {
        let servers = servers % 2000;
        let answers = [
            blocking_probability(servers, a),
            wait_probability(servers, a),
            mean_wait(servers, a, b),
            wait_quantile(servers, a, b, q),
            general_wait(servers, a, b, q, a),
            concurrency(a, b),
        ];
        for answer in answers.into_iter().flatten() {
            prop_assert!(answer.is_finite() && answer >= 0.0);
        }
    }
}
