//! Runs against a simulated queue, written down as k6 does.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, Duration, Utc};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp};

use crate::load_test::*;

/// Seconds from the start, and how long it took.
type Request = (f64, f64);

/// A number of servers, each 10 ms at least and `mean` seconds more on average.
struct Queue {
    free: Vec<f64>,
    service: Exp<f64>,
    rng: ChaCha8Rng,
}

impl Queue {
    fn new(servers: usize, mean: f64, seed: u64) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(seed);
        Self { free: vec![0.0; servers], service: Exp::new(1.0 / mean).unwrap(), rng }
    }

    /// How long a request takes that comes at `start`, requests coming in order.
    fn serve(&mut self, start: f64) -> f64 {
        let server = self.free.iter_mut().min_by(|a, b| a.total_cmp(b)).unwrap();
        let end = server.max(start) + 0.01 + self.service.sample(&mut self.rng);
        *server = end;
        end - start
    }

    /// Requests by the clock: so many a second for so many seconds, one pair after the other.
    fn by_the_clock(&mut self, rates: &[(f64, f64)]) -> Vec<Request> {
        let (mut requests, mut begin) = (Vec::new(), 0.0);
        for (rate, seconds) in rates {
            for k in 0..(rate * seconds) as u64 {
                let start = begin + k as f64 / rate;
                requests.push((start, self.serve(start)));
            }
            begin += seconds;
        }
        requests
    }

    /// Requests of users that wait for the answer and then pause; `users` of the time are at work.
    fn by_users(
        &mut self,
        users: impl Fn(f64) -> usize,
        most: usize,
        seconds: f64,
        pause: f64,
    ) -> Vec<Request> {
        let (mut requests, mut next) = (Vec::new(), vec![0.0_f64; most]);
        loop {
            let (user, start) = next.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            if start >= seconds {
                return requests;
            }
            if user >= users(start) {
                next[user] = start + 0.05;
                continue;
            }
            let latency = self.serve(start);
            requests.push((start, latency));
            next[user] = start + latency + pause;
        }
    }
}

fn stairs(levels: &'static [usize], seconds: f64) -> impl Fn(f64) -> usize {
    move |time| levels[((time / seconds) as usize).min(levels.len() - 1)]
}

fn at(seconds: f64) -> String {
    let begin: DateTime<Utc> = "2026-03-02T09:30:00Z".parse().unwrap();
    (begin + Duration::nanoseconds((seconds * 1e9) as i64)).format("%Y-%m-%dT%H:%M:%S%.9fZ").to_string()
}

/// k6's lines of the requests, each an iteration with a pause at its end, and of its users every second.
fn k6(requests: &[Request], users: impl Fn(f64) -> usize, pause: f64) -> String {
    let mut lines: BTreeMap<(u64, usize), String> = BTreeMap::new();
    let key = |time: f64, at: usize| ((time * 1e9) as u64, at);
    for (k, (start, latency)) in requests.iter().enumerate() {
        let (end, ms, whole) = (start + latency, latency * 1e3, (latency + pause) * 1e3);
        let tags = "\"expected_response\":\"true\",\"group\":\"\",\"method\":\"GET\",\"scenario\":\"default\",\"status\":\"200\"";
        let mut line = String::new();
        let time = at(end);
        let _ = writeln!(
            line,
            "{{\"metric\":\"http_reqs\",\"type\":\"Point\",\"data\":{{\"time\":\"{time}\",\"value\":1,\"tags\":{{{tags}}}}}}}"
        );
        let _ = writeln!(
            line,
            "{{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"data\":{{\"time\":\"{time}\",\"value\":{ms},\"tags\":{{{tags}}}}}}}"
        );
        let time = at(end + pause);
        let _ = writeln!(
            line,
            "{{\"metric\":\"iteration_duration\",\"type\":\"Point\",\"data\":{{\"time\":\"{time}\",\"value\":{whole},\"tags\":{{\"group\":\"\"}}}}}}"
        );
        lines.insert(key(end, k + 1), line);
    }
    let seconds = requests.last().map_or(0.0, |(start, _)| *start);
    for second in 1..=seconds as u64 {
        let time = second as f64 - 0.001;
        let line = format!(
            "{{\"metric\":\"vus\",\"type\":\"Point\",\"data\":{{\"time\":\"{}\",\"value\":{},\"tags\":{{}}}}}}\n",
            at(time),
            users(time)
        );
        lines.insert(key(time, 0), line);
    }
    let head = "{\"type\":\"Metric\",\"data\":{\"name\":\"http_reqs\",\"type\":\"counter\",\"contains\":\"default\",\"thresholds\":[],\"submetrics\":null},\"metric\":\"http_reqs\"}\n";
    head.to_owned() + &lines.into_values().collect::<String>()
}

fn read(text: &str) -> LoadTest {
    import(text.as_bytes(), "k6.json", None).unwrap()
}

fn near(read: f64, truth: f64, relative: f64) {
    assert!((read - truth).abs() <= truth * relative, "{read} for {truth}");
}

/// Eight servers of 30 ms: 267 a second at most.
fn by_stairs(mean: f64, seed: u64) -> LoadTest {
    let users = stairs(&[2, 4, 8, 16], 12.0);
    let requests = Queue::new(8, mean, seed).by_users(&users, 16, 48.0, 0.0);
    read(&k6(&requests, users, 0.0))
}

#[test]
fn users_in_stairs_are_four_points_of_a_closed_model() {
    let test = by_stairs(0.02, 1);
    assert_eq!(test.model.model, Model::Closed, "{}", test.model.why);
    let points = test.points();
    assert_eq!(points.iter().map(|point| point.load).collect::<Vec<_>>(), [2.0, 4.0, 8.0, 16.0]);
    assert!(test.steps.iter().all(|step| step.concurrency_from == Some(ConcurrencyFrom::VirtualUsers)));
    for (point, truth) in points.iter().zip([2.0 / 0.03, 4.0 / 0.03, 8.0 / 0.03, 8.0 / 0.03]) {
        near(point.throughput, truth, 0.05);
    }
    assert!(test.notes[0].starts_with("Closed model"));
}

#[test]
fn pauses_of_the_script_do_not_make_it_open() {
    let users = stairs(&[10], 30.0);
    let requests = Queue::new(8, 0.02, 2).by_users(&users, 10, 30.0, 0.3);
    let test = read(&k6(&requests, users, 0.3));
    assert_eq!((test.model.model, test.steps.len()), (Model::Closed, 1));
    near(test.steps[0].rate, 10.0 / 0.33, 0.05);
}

#[test]
fn requests_by_the_clock_are_open_and_their_load_is_what_is_under_way() {
    let requests = Queue::new(8, 0.02, 3).by_the_clock(&[(100.0, 15.0), (200.0, 15.0)]);
    let test = read(&k6(&requests, |_| 40, 0.0));
    assert_eq!(test.model.model, Model::Open, "{}", test.model.why);
    let rates: Vec<f64> = test.steps.iter().map(|step| step.rate.round()).collect();
    assert_eq!(rates, [100.0, 200.0]);
    for step in &test.steps {
        assert_eq!(step.concurrency_from, Some(ConcurrencyFrom::InFlight));
        // Little's law: what is under way is the rate times the time it takes.
        near(step.concurrency.unwrap(), step.rate * step.latency.mean_ms.unwrap() / 1e3, 0.05);
    }
}

#[test]
fn an_overloaded_server_is_seen_in_what_it_answers() {
    let requests = Queue::new(8, 0.02, 4).by_the_clock(&[(400.0, 20.0)]);
    let test = read(&k6(&requests, |_| 9_000, 0.0));
    let [step] = test.steps.as_slice() else { panic!("{} steps", test.steps.len()) };
    near(step.rate, 400.0, 0.01);
    near(step.throughput, 8.0 / 0.03, 0.05);
}

#[test]
fn a_ramp_alone_is_cut_into_pieces() {
    let users = |time: f64| (1.0 + time / 2.0) as usize;
    let requests = Queue::new(8, 0.02, 5).by_users(users, 31, 60.0, 0.0);
    let test = read(&k6(&requests, users, 0.0));
    assert!(test.steps.len() > 8, "{}", test.text());
    assert!(test.notes[0].starts_with("The load never stood still"), "{:?}", test.notes);
    assert!(test.steps.windows(2).all(|pair| pair[0].concurrency < pair[1].concurrency));
}

#[test]
fn failures_without_the_tag_are_those_of_the_failed_metric_or_the_status() {
    let lines: String = (0..1_000)
        .map(|k| {
            let (time, status) = (at(f64::from(k) / 100.0), if k % 10 == 0 { 404 } else { 200 });
            let duration = format!("{{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"data\":{{\"time\":\"{time}\",\"value\":5,\"tags\":{{\"status\":\"{status}\"}}}}}}\n");
            // A script that expects 404 says so with http_req_failed 0.
            let failed = format!("{{\"metric\":\"http_req_failed\",\"type\":\"Point\",\"data\":{{\"time\":\"{time}\",\"value\":0,\"tags\":null}}}}\n");
            if k < 500 { duration + &failed } else { duration }
        })
        .collect();
    assert_eq!(read(&lines).total.errors, 50);
}

#[test]
fn a_script_without_requests_counts_its_iterations() {
    let users = stairs(&[4], 20.0);
    let requests = Queue::new(8, 0.02, 6).by_users(&users, 4, 20.0, 0.0);
    let text = k6(&requests, users, 0.0).replace("http_req_duration", "ws_session_duration");
    let test = read(&text);
    assert_eq!(test.total.requests, requests.len() as u64);
    assert!(test.notes[0].starts_with("No HTTP or gRPC requests"));
    assert_eq!(test.steps[0].concurrency, Some(4.0));
}

#[test]
fn lines_that_cannot_be_read_are_never_lost_silently() {
    let users = stairs(&[4], 20.0);
    let requests = Queue::new(8, 0.02, 7).by_users(&users, 4, 20.0, 0.0);
    let whole = k6(&requests, users, 0.0);
    let cut = read(&whole[..whole.len() - 50]);
    assert!(cut.notes[0].starts_with("The last line"), "{:?}", cut.notes);
    let middle = whole[..whole.len() / 2].rfind('\n').unwrap() + 1;
    let noted = format!("{}level=warning msg=x\n{}", &whole[..middle], &whole[middle..]);
    assert!(read(&noted).notes[0].contains("lines could not be read and are left out"));
    let broken = whole.replacen("\"value\":1,", "\"value\":-1,", 1_000).replace("http_reqs", "vus");
    insta::assert_snapshot!(import(broken.as_bytes(), "k6.json", None).unwrap_err(), @"k6.json:2: data.value is not a number of at least 0 (1000 of 7928 lines cannot be read, more than one in a thousand); check that the file is whole and nothing else was written into it");
}

#[test]
fn noise_is_no_change_and_a_slower_server_is() {
    let (one, other, slower) = (by_stairs(0.02, 11), by_stairs(0.02, 12), by_stairs(0.03, 13));
    let same = compare(&one, &other);
    assert_eq!(same.levels.len(), 4);
    insta::assert_snapshot!(same.verdict, @"No difference beyond noise at 4 levels in common.");
    let worse = compare(&one, &slower);
    insta::assert_snapshot!(worse.text(), @r"
    k6.json against k6.json
    The second is worse at 4 of 4 levels in common and better at none.

    Levels are requests or users at the same time; + is better, - is worse, ? is not tested.
      load           ok/s         p50 ms         p95 ms        p99 ms             failed
      2.00  64.5 → 48.4 -  23.6 → 31.9 -  73.9 → 99.7 -  99.7 → 164    0.00 % → 0.00 %
      4.00    133 → 101 -  24.1 → 30.0 -   68.2 → 102 -  95.8 → 135 -  0.00 % → 0.00 %
      8.00    269 → 205 -  23.6 → 30.0 -  69.6 → 97.8 -   108 → 137 -  0.00 % → 0.00 %
      16.0    262 → 200 -  57.0 → 72.4 -    102 → 140 -   132 → 209 -  0.00 % → 0.00 %
    At 2.00: worse: throughput 25.1 % lower, p50 35.0 % higher, p95 35.0 % higher.
    At 4.00: worse: throughput 24.5 % lower, p50 24.6 % higher, p95 49.2 % higher, p99 40.5 % higher.
    At 8.00: worse: throughput 23.8 % lower, p50 27.1 % higher, p95 40.5 % higher, p99 27.1 % higher.
    At 16.0: worse: throughput 23.8 % lower, p50 27.1 % higher, p95 37.7 % higher, p99 58.4 % higher.
    ");
    assert!(worse.levels.iter().all(|level| level.throughput.verdict == ChangeVerdict::Worse));
    let better = compare(&slower, &one);
    assert!(better.levels.iter().all(|level| level.throughput.verdict == ChangeVerdict::Better));
}

#[test]
fn summaries_are_compared_without_a_verdict() {
    let summary = |rate: f64| {
        let text = format!(
            "{{\"metrics\":{{\"http_reqs\":{{\"count\":6000,\"rate\":{rate}}},\"http_req_duration\":{{\"avg\":50,\"med\":40,\"p(95)\":90}},\
             \"http_req_failed\":{{\"value\":0}},\"iterations\":{{\"count\":6000,\"rate\":{rate}}},\"iteration_duration\":{{\"avg\":50}},\
             \"vus\":{{\"min\":10,\"max\":10,\"value\":10}}}}}}"
        );
        import(text.as_bytes(), "summary.json", None).unwrap()
    };
    let comparison = compare(&summary(200.0), &summary(190.0));
    assert_eq!(comparison.levels[0].basis, Comparability::SummaryOnly);
    insta::assert_snapshot!(comparison.text(), @r"
    summary.json against summary.json
    1 level compared by their summaries only: whether they differ beyond noise is not known.

    Levels are requests or users at the same time; + is better, - is worse, ? is not tested.
      load         ok/s         p50 ms         p95 ms  p99 ms             failed
      10.0  200 → 190 ?  40.0 → 40.0 ?  90.0 → 90.0 ?       -  0.00 % → 0.00 % ?
    At 10.0: only the summary was compared: throughput 5.0 % lower, p50 the same, p95 the same, errors 0.00 % instead of 0.00 %.

    Notes:
    - Where a test has no windows only the summary was compared: noise cannot be told from change.
    ");
    let apart = compare(&summary(200.0), &by_stairs(0.02, 1));
    insta::assert_snapshot!(apart.verdict, @"The tests have no level of load in common (within 10 %).");
    assert_eq!((apart.only_in_a, apart.only_in_b), (vec![10.0], vec![2.0, 4.0, 8.0, 16.0]));
}
