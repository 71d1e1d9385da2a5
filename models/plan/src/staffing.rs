//! Replicas for a demand: how much room to leave depends on how many share it.
//!
//! A pool of c places with a offered requests in service at once is an M/M/c queue. The share of requests that find
//! no free place (Erlang C) falls with the pool's size at the same utilisation, so that a large pool may run hotter
//! than a small one: ten places want ten sixteenths of load, a hundred take 87 %. A fixed utilisation is wrong at
//! both ends.

use crate::ServiceCapacity;

/// The share of requests that have to wait with `servers` places and `offered` requests in service at once; 1 when
/// the offered load is not below the places. By the recurrence of Erlang B, which does not overflow.
pub fn erlang_c(servers: u32, offered: f64) -> f64 {
    let places = f64::from(servers);
    if offered <= 0.0 {
        return 0.0;
    }
    if offered >= places {
        return 1.0;
    }
    let blocked = (1..=servers).fold(1.0, |b, n| offered * b / (f64::from(n) + offered * b));
    blocked / (1.0 - offered / places * (1.0 - blocked))
}

/// The fewest places at which less than `share` of the requests wait.
pub fn servers(offered: f64, share: f64) -> u32 {
    let offered = offered.max(0.0);
    if offered > LARGE {
        // Square-root staffing with the bound exp(-b^2 / 2) of the normal tail: a little on the safe side.
        return (offered + (-2.0 * share.ln()).max(0.0).sqrt() * offered.sqrt()).ceil() as u32;
    }
    let (mut places, mut blocked) = (0, 1.0);
    loop {
        places += 1;
        blocked = offered * blocked / (f64::from(places) + offered * blocked);
        let idle = 1.0 - offered / f64::from(places);
        if idle > 0.0 && blocked / (1.0 - (1.0 - idle) * (1.0 - blocked)) < share {
            return places;
        }
    }
}

/// Above so many requests at once a bound takes the place of the sum, whose length they are.
const LARGE: f64 = 2000.0;

/// The autoscaler leaves alone what is within this share of its target.
pub(crate) const TOLERANCE: f64 = 0.1;

impl ServiceCapacity {
    /// Replicas that carry a demand at the target utilisation, bounds left aside.
    pub fn at_target(&self, requests_per_minute: f64) -> u32 {
        whole(requests_per_minute / self.requests_per_minute)
    }

    /// The fewest replicas that reactive scaling would not raise at a demand, bounds left aside.
    pub fn left_alone(&self, requests_per_minute: f64) -> u32 {
        whole(requests_per_minute / self.requests_per_minute / (1.0 + TOLERANCE))
    }

    /// What reactive scaling asks for at a demand, bounds left aside: the replicas that run while the utilisation
    /// is within its tolerance, else those of the target.
    pub fn reactive(&self, requests_per_minute: f64, running: Option<u32>) -> u32 {
        let exact = requests_per_minute / self.requests_per_minute;
        let near = |running: &u32| (exact / f64::from(*running) - 1.0).abs() <= TOLERANCE;
        running.filter(near).unwrap_or_else(|| self.at_target(requests_per_minute))
    }

    /// Replicas at which few requests wait for a place, bounds left aside.
    pub fn staffed(&self, requests_per_minute: f64) -> u32 {
        let full = self.requests_per_minute / self.target_utilisation;
        let offered = requests_per_minute / full * f64::from(self.concurrency);
        let places = f64::from(servers(offered, self.waiting_share));
        whole(places / f64::from(self.concurrency))
    }
}

/// A demand that fills a replica to the last request does not need the next one.
fn whole(exact: f64) -> u32 {
    (exact - 1e-9).ceil().max(0.0) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waiting_shares_are_those_of_the_tables() {
        let table = [
            (2, 1.0, 0.333_333),
            (5, 4.0, 0.554_113),
            (10, 8.0, 0.409_180),
            (16, 12.8, 0.304_884),
            (50, 45.0, 0.363_864),
            (100, 90.0, 0.216_940),
        ];
        for (places, offered, share) in table {
            let got = erlang_c(places, offered);
            assert!((got - share).abs() < 5e-7, "C({places}, {offered}) = {got}, not {share}");
        }
        assert_eq!((erlang_c(3, 3.0), erlang_c(3, 0.0), erlang_c(0, 0.0)), (1.0, 0.0, 0.0));
    }

    #[test]
    fn a_large_pool_may_run_hotter() {
        for (offered, places) in [(3.5, 7), (10.0, 16), (35.0, 44), (100.0, 115)] {
            assert_eq!(servers(offered, 0.1), places, "{offered} offered");
        }
    }

    proptest! {
        #[test]
        fn the_places_are_enough_and_none_is_too_many(offered in 0.01..3000.0_f64, share in 0.001..0.9_f64) {
            let places = servers(offered, share);
            prop_assert!(erlang_c(places, offered) < share);
            prop_assert!(places == 1 || offered > LARGE || erlang_c(places - 1, offered) >= share);
        }

        #[test]
        fn more_demand_never_needs_fewer(demand in 0.0..1e7_f64, more in 1.0..1.5_f64, concurrency in 1u32..64) {
            let capacity = ServiceCapacity { concurrency, ..ServiceCapacity::per_replica(100.0) };
            prop_assert!(capacity.staffed(demand * more) >= capacity.staffed(demand));
            prop_assert!(capacity.at_target(demand * more) >= capacity.at_target(demand));
            let utilisation = demand / (100.0 / 0.7) / f64::from(capacity.staffed(demand).max(1));
            prop_assert!(utilisation < 1.0 + 1e-9);
        }
    }
}
