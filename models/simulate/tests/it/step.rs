//! The step: five replicas at 70 %, then ten times the demand, along a ramp of R seconds; replicas start in D.
//!
//! Reactive vectors: the project's own measurement with an independent simulator (15 s sync, 30 s metric lag), in
//! under-provisioned seconds and per cent of the hour's requests.

use headroom_simulate::{Cluster, Demand, Hpa, Policy, Startup, run};

const RISE: i64 = 1200;

/// An hour, the rise after twenty minutes. One replica serves one request a second.
fn demand(ramp: i64) -> Demand {
    let at = |t: i64| match t - RISE {
        past if past < 0 => 3.5,
        past if past >= ramp => 35.0,
        past => 3.5 + 31.5 * past as f64 / ramp as f64,
    };
    let counts: Vec<f64> = (0..3600).map(at).collect();
    Demand::from_counts("2026-12-09T14:10:00Z".parse().unwrap(), 1, &counts).unwrap()
}

fn cluster(start_seconds: u32) -> Cluster {
    let hpa = Hpa { min_replicas: 5, ..Hpa::default() };
    Cluster { hpa, startup: Startup { replica_seconds: start_seconds, nodes: None }, replica_per_second: 1.0 }
}

#[test]
fn reactive_scaling_is_as_late_as_measured_elsewhere() {
    let table: [(i64, [(u32, f64); 5]); 3] = [
        (0, [(75, 2.4), (90, 2.9), (120, 4.0), (150, 5.1), (240, 8.4)]),
        (60, [(87, 1.8), (102, 2.3), (132, 3.5), (162, 4.6), (252, 7.9)]),
        (300, [(139, 0.3), (172, 0.6), (268, 1.5), (300, 2.6), (390, 6.1)]),
    ];
    for (ramp, cells) in table {
        let demand = demand(ramp);
        for (start, (seconds, percent)) in [15, 30, 60, 90, 180].into_iter().zip(cells) {
            let outcome = run(&demand, &cluster(start), Policy::Reactive, &[]).unwrap();
            let got = outcome.under_provisioned_seconds;
            assert!(got.abs_diff(seconds) <= 1, "R={ramp} D={start}: {got} s, not {seconds}");
            // The source does not say how much of the hour is high, which the share depends on.
            let share = outcome.unserved_share * 100.0;
            assert!(
                (share - percent).abs() < 0.1 + 0.1 * percent,
                "R={ramp} D={start}: {share:.2} %, not {percent}"
            );
        }
    }
}
