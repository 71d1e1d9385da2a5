//! Several tests as one: five runs at five rates are the five steps of a capacity curve.

use super::{ConcurrencyFrom, Latency, LoadTest, Model, ModelVerdict, Rest, Stretch, Tool};

/// The tests as one, its steps in order of load. One test stays as it is; none gives `None`.
///
/// Counts and durations add up, and means are weighted. Percentiles of several tests cannot be added up: the
/// whole has none, its steps keep theirs.
pub fn merge(tests: Vec<LoadTest>) -> Option<LoadTest> {
    let mut tests = tests;
    if tests.len() < 2 {
        return tests.pop();
    }
    let total = total(&tests);
    let same = |equal: fn(&LoadTest, &LoadTest) -> bool| tests.iter().all(|test| equal(test, &tests[0]));
    let tool = if same(|a, b| a.tool == b.tool) { tests[0].tool } else { Tool::Several };
    let format = if same(|a, b| a.format == b.format) { tests[0].format } else { None };
    let model = if same(|a, b| a.model.model == b.model.model) {
        tests[0].model.clone()
    } else {
        ModelVerdict {
            model: Model::Unknown,
            why: "the tests put together are of different models".to_owned(),
        }
    };
    let name = if same(|a, b| a.name == b.name) {
        tests[0].name.clone()
    } else {
        format!("{} and {} more", tests[0].name, tests.len() - 1)
    };
    let started = tests.iter().filter_map(|test| test.started).min();
    let rest = tests.iter().fold(Rest::default(), |sum, test| Rest {
        requests: sum.requests.saturating_add(test.rest.requests),
        errors: sum.errors.saturating_add(test.rest.errors),
    });
    let notes = notes(&tests);
    let mut steps: Vec<Stretch> = tests.into_iter().flat_map(|test| test.steps).collect();
    steps.sort_by(|a, b| load(a).total_cmp(&load(b)));
    Some(LoadTest {
        tool,
        format,
        name,
        started,
        duration_seconds: total.seconds,
        model,
        total,
        steps,
        rest,
        notes,
    })
}

/// Notes of all tests once, those of single tests with the test they are about.
fn notes(tests: &[LoadTest]) -> Vec<String> {
    let mut notes = vec![format!("{} tests put together; their steps are in order of load.", tests.len())];
    let of_all = |note: &&String| tests.iter().all(|test| test.notes.contains(note));
    notes.extend(tests[0].notes.iter().filter(of_all).cloned());
    for (at, test) in tests.iter().enumerate() {
        let own = test.notes.iter().filter(|note| !of_all(note));
        notes.extend(own.map(|note| format!("Test {}, at {:.1}/s: {note}", at + 1, test.total.rate)));
    }
    notes
}

fn load(step: &Stretch) -> f64 {
    step.concurrency.unwrap_or(step.rate)
}

fn total(tests: &[LoadTest]) -> Stretch {
    let all = || tests.iter().map(|test| &test.total);
    let seconds: f64 = all().map(|total| total.seconds).sum();
    let requests = all().fold(0_u64, |sum, total| sum.saturating_add(total.requests));
    let by_time =
        |figure: fn(&Stretch) -> f64| all().map(|total| figure(total) * total.seconds).sum::<f64>() / seconds;
    let mean = all()
        .map(|total| Some(total.latency.mean_ms? * total.requests as f64))
        .sum::<Option<f64>>()
        .map(|sum| sum / requests as f64);
    let extreme = |figure: fn(&Latency) -> Option<f64>, pick: fn(f64, f64) -> f64| {
        all().map(|total| figure(&total.latency)).reduce(|a, b| Some(pick(a?, b?))).flatten()
    };
    let concurrency = all()
        .map(|total| Some(total.concurrency? * total.seconds))
        .sum::<Option<f64>>()
        .map(|sum| sum / seconds);
    let from = |total: &Stretch| total.concurrency_from;
    Stretch {
        start: all().filter_map(|total| total.start).min(),
        seconds,
        requests,
        errors: all().fold(0_u64, |sum, total| sum.saturating_add(total.errors)),
        offered_rate: None,
        rate: by_time(|total| total.rate),
        throughput: by_time(|total| total.throughput),
        concurrency_from: concurrency.and_then(|_| {
            let first = from(&tests[0].total);
            if all().all(|total| from(total) == first) { first } else { Some(ConcurrencyFrom::LittlesLaw) }
        }),
        concurrency,
        latency: Latency {
            mean_ms: mean,
            min_ms: extreme(|latency| latency.min_ms, f64::min),
            max_ms: extreme(|latency| latency.max_ms, f64::max),
            ..Latency::default()
        },
        windows: Vec::new(),
    }
}
