#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

#[test]
fn a_larger_pool_has_its_knee_at_a_higher_utilisation() {
    // For 10 % waiting: 7 servers carry 3.5 erlangs, 16 carry 10, 44 carry 35 and 115 carry 100.
    for (servers, offered) in [(7, 3.5), (16, 10.0), (44, 35.0), (115, 100.0)] {
        let knee = by_wait(servers, 0.02, 0.1).unwrap();
        let carried = knee.throughput * 0.02;
        assert!(carried >= offered && carried < offered * 1.1, "{servers} servers carry {carried}");
    }
    insta::assert_snapshot!(by_wait(16, 0.02, 0.1).unwrap().why, @"10 % of the requests wait when the 16 servers are 67 % busy");
    insta::assert_snapshot!(by_wait(1, 0.02, 0.1).unwrap().why, @"10 % of the requests wait when the one server is 10 % busy");
}

#[test]
fn one_server_doubles_its_response_at_half_load() {
    let knee = by_latency(1, 0.01, 0.02).unwrap();
    assert!((knee.throughput - 50.0).abs() < 1e-9);
    assert!((knee.utilisation - 0.5).abs() < 1e-11);
    insta::assert_snapshot!(knee.why, @"the mean response reaches 0.02 s when the one server is 50 % busy; 0.01 s of it are service");
}

#[test]
fn what_has_no_knee_says_why() {
    insta::assert_snapshot!(by_latency(4, 0.05, 0.04).unwrap_err(), @"a request takes 0.05 s when nothing else runs, and the objective is 0.04 s: no rate meets it; make the request faster or the objective longer");
    insta::assert_snapshot!(by_latency(4, 0.05, f64::INFINITY).unwrap_err(), @"target is inf, but must be a number of seconds");
    insta::assert_snapshot!(by_wait(4, 0.0, 0.1).unwrap_err(), @"service_time is 0, but must be in seconds, from 1e-12 to 1e12");
    insta::assert_snapshot!(by_wait(0, 1.0, 0.1).unwrap_err(), @"servers is 0, but must be from 1 to 100000");
}

proptest! {
    #[test]
    fn the_objective_is_met_up_to_the_knee(servers in 1_u32..100, service in 1e-4_f64..10.0, room in 1.01_f64..20.0) {
        let target = service * room;
        let knee = by_latency(servers, service, target).unwrap();
        let response = |rate: f64| mean_wait(servers, rate, service).map_or(f64::INFINITY, |wait| wait + service);
        prop_assert!(response(knee.throughput) <= target);
        prop_assert!(response(knee.throughput * 1.000_01) > target);
        prop_assert!(knee.utilisation < 1.0);
    }
}
