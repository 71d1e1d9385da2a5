use std::collections::BTreeMap;
use std::num::NonZeroU32;

use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::queue::Queue;
use super::*;

const SECOND: i64 = 1_000_000_000;

fn time(seconds: f64, spread: Spread) -> Time {
    Time { mean: Duration::from_secs_f64(seconds), spread }
}

/// Mean wait in seconds of Poisson arrivals at load `rho`, mean hold one second.
fn simulated_wait(servers: u32, rho: f64, spread: Spread, arrivals: u32) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(u64::from(servers));
    let mut queue = Queue::new(servers, i64::MAX);
    let (hold, between) = (time(1.0, spread), time(1.0 / (rho * f64::from(servers)), Spread::Exponential));
    let (mut at, mut waited) = (0, 0.0);
    for i in 0..arrivals {
        at += between.draw(&mut rng);
        let start = queue.take(at, hold.draw(&mut rng)).unwrap();
        waited += (start - at) as f64 / 1e9;
        if i % 10_000 == 0 {
            queue.read(at);
        }
    }
    waited / f64::from(arrivals)
}

/// Erlang's C formula times the mean wait of those who wait (Erlang 1917; Gross
/// and Harris, Fundamentals of Queueing Theory, 2.3), hold one second.
fn erlang_wait(servers: u32, rho: f64) -> f64 {
    let (c, a) = (f64::from(servers), rho * f64::from(servers));
    // Erlang B by its recursion, then C from B.
    let b = (1..=servers).fold(1.0, |b, n| a * b / (f64::from(n) + a * b));
    let waits = b / (1.0 - rho * (1.0 - b));
    waits / (c * (1.0 - rho))
}

#[test]
fn the_formula_gives_the_published_values() {
    // One server: rho / (1 - rho). Two: rho² / (1 - rho²).
    assert!((erlang_wait(1, 0.5) - 1.0).abs() < 1e-12);
    assert!((erlang_wait(2, 0.5) - 1.0 / 3.0).abs() < 1e-12);
}

#[test]
fn waits_are_those_of_the_theory() {
    for servers in [1, 2, 6] {
        for rho in [0.3, 0.5, 0.7, 0.9] {
            let theory = erlang_wait(servers, rho);
            // Few wait at low load, and at high load the queue long remembers what chance did.
            let arrivals = if (0.4..0.8).contains(&rho) { 300_000 } else { 1_200_000 };
            let wait = simulated_wait(servers, rho, Spread::Exponential, arrivals);
            let off = wait / theory - 1.0;
            assert!(off.abs() < 0.04, "{servers} servers at {rho}: {wait} for {theory}");
        }
    }
}

#[test]
fn a_narrower_time_waits_less() {
    // Pollaczek and Khinchine: rho (1 + cv²) / 2 (1 - rho); cv² = exp(sigma²) - 1.
    for rho in [0.3, 0.6, 0.8] {
        let theory = rho * (SIGMA * SIGMA).exp() / 2.0 / (1.0 - rho);
        let wait = simulated_wait(1, rho, Spread::Lognormal, 400_000);
        assert!((wait / theory - 1.0).abs() < 0.04, "at {rho}: {wait} for {theory}");
    }
}

#[test]
fn beyond_the_wall_as_much_is_done_as_the_servers_can() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut queue = Queue::new(6, SECOND);
    let (hold, between) = (time(0.04, Spread::Exponential), time(1.0 / 300.0, Spread::Exponential));
    let (mut at, mut served, mut refused) = (0, 0_u32, 0_u32);
    while at < 1_000 * SECOND {
        at += between.draw(&mut rng);
        match queue.take(at, hold.draw(&mut rng)) {
            Ok(start) => {
                assert!(start - at <= SECOND);
                served += 1;
            }
            Err(gave_up) => {
                assert_eq!(gave_up - at, SECOND);
                refused += 1;
            }
        }
    }
    let a_second = f64::from(served) / 1_000.0;
    assert!((a_second / 150.0 - 1.0).abs() < 0.01, "{a_second} a second, and {refused} refused");
}

#[test]
fn drawn_times_have_their_mean() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for spread in [Spread::Exponential, Spread::Lognormal] {
        let time = time(0.04, spread);
        let mean = (0..200_000).map(|_| time.draw(&mut rng) as f64 / 1e9).sum::<f64>() / 200_000.0;
        assert!((mean / 0.04 - 1.0).abs() < 0.01, "{spread:?}: {mean}");
    }
}

#[test]
fn a_reading_tells_what_happened() {
    let mut queue = Queue::new(1, 2 * SECOND);
    assert_eq!(queue.take(SECOND, 3 * SECOND), Ok(SECOND));
    assert_eq!(queue.take(2 * SECOND, SECOND), Ok(4 * SECOND));
    assert_eq!(queue.take(2 * SECOND + 1, SECOND), Err(4 * SECOND + 1));
    let at = |queue: &mut Queue, s: i64| {
        let r = queue.read(s * SECOND);
        (r.used, r.pending, r.busy, r.timeouts, r.waited.count, r.kept.count)
    };
    assert_eq!(at(&mut queue, 3), (1, 2, 2.0, 0, 1, 0));
    assert_eq!(at(&mut queue, 4), (1, 1, 1.0, 0, 2, 1));
    assert_eq!(at(&mut queue, 6), (0, 0, 1.0, 1, 2, 2));
    let last = queue.read(7 * SECOND);
    assert_eq!((last.busy, last.waited.seconds, last.kept.seconds), (0.0, 2.0, 4.0));
    assert_eq!((last.waited.buckets[0], last.waited.buckets[7]), (1, 1));
}

proptest! {
    #[test]
    fn a_queue_is_fair_and_never_overfull(
        servers in 1_u32..9,
        timeout in 0_i64..400,
        asks in prop::collection::vec((0_i64..60, 1_i64..200), 1..200),
    ) {
        let mut queue = Queue::new(servers, timeout);
        let (mut at, mut stays, mut last) = (0, Vec::new(), 0);
        for (after, hold) in asks {
            at += after;
            let holders = |stays: &[(i64, i64)], t: i64| {
                stays.iter().filter(|(from, to)| *from <= t && t < *to).count() as u32
            };
            match queue.take(at, hold) {
                Ok(start) => {
                    prop_assert!(at <= start && start - at <= timeout);
                    prop_assert!(start >= last, "first come, first served");
                    last = start;
                    // Nobody waits while a server is free, and nobody gets one that is not.
                    prop_assert!(start == at || (at..start).all(|t| holders(&stays, t) == servers));
                    stays.push((start, start + hold));
                    prop_assert!(holders(&stays, start) <= servers);
                }
                Err(gave_up) => {
                    prop_assert_eq!(gave_up, at + timeout);
                    prop_assert!((at..=gave_up).all(|t| holders(&stays, t) == servers));
                }
            }
        }
    }

    #[test]
    fn readings_lose_nothing(
        asks in prop::collection::vec((0_i64..60, 1_i64..200), 1..100),
        ticks in 1_i64..500,
    ) {
        let mut queue = Queue::new(2, 300);
        let (mut at, mut next, mut held, mut served, mut refused, mut busy) = (1, ticks, 0, 0, 0, 0.0);
        for (after, hold) in asks {
            at += after;
            while next < at {
                busy += queue.read(next).busy;
                next += ticks;
            }
            match queue.take(at, hold) {
                Ok(_) => (held, served) = (held + hold, served + 1),
                Err(_) => refused += 1,
            }
        }
        let end = queue.read(at + 100_000);
        prop_assert!((busy + end.busy - held as f64 / 1e9).abs() < 1e-12);
        prop_assert_eq!((end.waited.count, end.kept.count, end.timeouts), (served, served, refused));
        prop_assert_eq!((end.used, end.pending), (0, 0));
    }
}

const EXAMPLE: &str = "
[pool.order]      # the orders database
size = 6
hold_ms = 40
timeout_ms = 10000
[pool.wallet]
size = 4
factor = 2.0
[lock.risk]
hold_ms = 5
distribution = \"lognormal\"
[cpu.gateway]
replicas = 2
cores = 2
work_ms = 3
";

#[test]
fn the_example_is_understood() {
    let limits = Limits::parse("limits.toml", EXAMPLE).unwrap();
    let pool = |size, hold| Pool { size: NonZeroU32::new(size).unwrap(), hold, timeout: TIMEOUT };
    let held = Hold::Given(time(0.04, Spread::Exponential));
    assert_eq!(
        limits.pools,
        BTreeMap::from([(Service::Order, pool(6, held)), (Service::Wallet, pool(4, Hold::Own(2.0)))])
    );
    let names: Vec<_> = limits.resources().map(|(r, n, _)| format!("{r} {n}")).collect();
    assert_eq!(names, ["pool.order 6", "pool.wallet 4", "lock.risk 1", "cpu.gateway 4"]);
    assert_eq!(limits.locks[&Service::Risk].hold, time(0.005, Spread::Lognormal));
    assert!(Limits::parse("empty.toml", "").unwrap().is_empty());
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let refused = |text: &str| Limits::parse("limits.toml", text).unwrap_err().to_string();
    insta::assert_snapshot!(refused("[pool.order]\nsize = 0"), @"limits.toml:2: `size` is 0: give a whole number from 1 to 10000");
    insta::assert_snapshot!(refused("[pool.order]\nsise = 6"), @"limits.toml:2: unknown field `sise`, expected one of `size`, `hold_ms`, `factor`, `distribution`, `timeout_ms`");
    insta::assert_snapshot!(refused("[pool.order]\nhold_ms = 6"), @"limits.toml:1: missing field `size`");
    insta::assert_snapshot!(refused("\n[pool.orders]\nsize = 6"), @"limits.toml:2: no service is called `orders`; there are gateway, auth, order, risk, execution, wallet, payments, ledger, portfolio, market-data, kyc, notification");
    insta::assert_snapshot!(refused("[pool.gateway]\nsize = 6"), @"limits.toml:1: `gateway` keeps no database; those that do: auth, order, risk, execution, wallet, payments, ledger, portfolio, kyc, notification");
    insta::assert_snapshot!(refused("[disk.order]\nsize = 6"), @"limits.toml:1: unknown field `disk`, expected one of `pool`, `lock`, `cpu`");
    insta::assert_snapshot!(refused("[pool.order]\nsize = -6"), @"limits.toml:2: invalid value: integer `-6`, expected u32");
    insta::assert_snapshot!(refused("[pool.order]\nsize = 6\nhold_ms = 4\nfactor = 2"), @"limits.toml:4: give `hold_ms` or `factor`, not both");
    insta::assert_snapshot!(refused("[pool.order]\nsize = 6\ndistribution = \"lognormal\""), @"limits.toml:3: `distribution` goes with `hold_ms`; a statement's own time is lognormal");
    insta::assert_snapshot!(refused("[lock.risk]\nhold_ms = 5\ndistribution = \"normal\""), @"limits.toml:3: unknown variant `normal`, expected `exponential` or `lognormal`");
    insta::assert_snapshot!(refused("[lock.risk]\nhold_ms = 0"), @"limits.toml:2: `hold_ms` is 0: give a number from 0.001 to 3600000");
    insta::assert_snapshot!(refused("[lock.risk]\nhold_ms = nan"), @"limits.toml:2: `hold_ms` is NaN: give a number from 0.001 to 3600000");
    insta::assert_snapshot!(refused("[cpu.auth]\nreplicas = 1\ncores = 0\nwork_ms = 1"), @"limits.toml:3: `cores` is 0: give a whole number from 1 to 10000");
    insta::assert_snapshot!(refused("[cpu.auth]\nreplicas = 65\ncores = 1\nwork_ms = 1"), @"limits.toml:2: `replicas` is 65: give a whole number from 1 to 64");
    insta::assert_snapshot!(refused("[pool.order]\nsize = 6\ntimeout_ms = 1e9"), @"limits.toml:3: `timeout_ms` is 1000000000: give a number from 0.001 to 3600000");
    insta::assert_snapshot!(refused("[pool.order"), @"limits.toml:1: unclosed table, expected `]`");
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(\\[(pool|lock|cpu)\\.(order|risk|x)\\]\n)?([a-z_]{0,8} ?= ?[-0-9a-z.\"]{0,9}\n?){0,4}") {
        let _ = Limits::parse("limits.toml", &text);
    }
}

#[test]
fn walls_follow_from_visits_and_holds() {
    let limits = Limits::parse("limits.toml", EXAMPLE).unwrap();
    let mix = Mix::counted(
        1_000,
        [(Service::Risk, 150), (Service::Gateway, 600)],
        [(Service::Order, 200, 1.0), (Service::Wallet, 500, 1.25)],
    );
    let walls: Vec<_> = limits
        .walls(&mix)
        .iter()
        .map(|w| format!("{}: {:.3} visits, {:.1}/s", w.resource, w.visits, w.rate.unwrap()))
        .collect();
    insta::assert_snapshot!(walls.join("\n"), @r"
    pool.order: 0.200 visits, 750.0/s
    lock.risk: 0.150 visits, 1333.3/s
    pool.wallet: 0.500 visits, 1600.0/s
    cpu.gateway: 0.600 visits, 2222.2/s
    ");
    let unknown = limits.walls(&Mix::default());
    assert!(unknown.iter().all(|wall| wall.rate.is_none() && wall.visits == 0.0));
}
