//! Whatever the bytes: no panic, no figure that is not a number, no request lost.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;

use crate::load_test::*;

fn files() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/load_test");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    // The beginning is enough, and keeps the many cases fast.
    paths.iter().map(|path| fs::read(path).unwrap().into_iter().take(6_000).collect()).collect()
}

fn sound(test: &LoadTest) -> Result<(), TestCaseError> {
    let requests: u64 = test.steps.iter().map(|step| step.requests).sum();
    let errors: u64 = test.steps.iter().map(|step| step.errors).sum();
    prop_assert_eq!(requests + test.rest.requests, test.total.requests);
    prop_assert_eq!(errors + test.rest.errors, test.total.errors);
    let raw = matches!(
        test.format,
        Some(
            Format::K6Points | Format::VegetaJson | Format::VegetaCsv | Format::JMeterCsv | Format::JMeterXml
        )
    );
    for stretch in test.steps.iter().chain([&test.total]) {
        let latency = &stretch.latency;
        let levels = [
            latency.min_ms,
            latency.p50_ms,
            latency.p90_ms,
            latency.p95_ms,
            latency.p99_ms,
            latency.p999_ms,
            latency.max_ms,
        ];
        let known: Vec<f64> = levels.into_iter().flatten().collect();
        prop_assert!(!raw || known.windows(2).all(|pair| pair[0] <= pair[1]), "{:?}", known);
        let figures = [Some(stretch.seconds), Some(stretch.rate), Some(stretch.throughput)].into_iter();
        let figures = figures.chain([stretch.concurrency, stretch.offered_rate, latency.mean_ms]).flatten();
        prop_assert!(figures.chain(known).all(|figure| figure.is_finite() && figure >= 0.0), "{:?}", stretch);
        prop_assert!(stretch.errors <= stretch.requests);
    }
    prop_assert!(!test.text().contains("NaN") && !test.text().contains("inf"));
    let json = serde_json::to_string(test).unwrap();
    prop_assert_eq!(serde_json::from_str::<LoadTest>(&json).unwrap().total.requests, test.total.requests);
    compare(test, test);
    Ok(())
}

fn tried(bytes: &[u8]) -> Result<(), TestCaseError> {
    for format in [None].into_iter().chain(Format::ALL.map(Some)) {
        if let Ok(test) = import(bytes, "f", format) {
            sound(&test)?;
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        tried(&bytes)?;
    }

    #[test]
    fn damaged_results_are_read_or_refused(
        at in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        numbers in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..10), 0..30),
        cut in any::<prop::sample::Index>(),
        whole: bool,
    ) {
        let files = files();
        let mut bytes = at.get(&files).clone();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        // Other digits: figures that contradict each other, or are far too large.
        for (at, digit) in numbers {
            let start = at.index(bytes.len());
            if let Some(at) = bytes[start..].iter().position(u8::is_ascii_digit) {
                bytes[start + at] = b'0' + digit;
            }
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        tried(&bytes)?;
    }

    #[test]
    fn requests_of_any_run_add_up(
        requests in prop::collection::vec((0_u64..400_000, 0_u32..20_000, any::<bool>(), 1_u8..20), 1..400),
    ) {
        let mut log = "timeStamp,elapsed,success,allThreads\n".to_owned();
        for (time, elapsed, success, threads) in &requests {
            log += &format!("{},{elapsed},{success},{threads}\n", 1_772_443_800_000 + time);
        }
        match import(log.as_bytes(), "f", None) {
            Ok(test) => {
                prop_assert_eq!(test.total.requests, requests.len() as u64);
                sound(&test)?;
                let twice = merge(vec![test.clone(), test.clone()]).unwrap();
                prop_assert_eq!(twice.total.requests, 2 * test.total.requests);
                sound(&twice)?;
            }
            Err(error) => prop_assert!(error.to_string().contains("one instant"), "{}", error),
        }
    }
}
