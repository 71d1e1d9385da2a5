//! A load test from the figures that a tool summed up itself.

use serde_json::Value;

use super::{
    ConcurrencyFrom, Format, ImportError, Latency, LoadTest, ModelVerdict, Rest, Stretch, Tool, notes,
};

/// What a tool says of a whole run.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) tool: Tool,
    pub(super) format: Format,
    pub(super) name: String,
    pub(super) model: ModelVerdict,
    pub(super) total: Stretch,
    pub(super) notes: Vec<String>,
}

impl Summary {
    /// The test, with one step: itself. Without a concurrency of its own it gets Little's.
    ///
    /// Errors: no requests, or no duration.
    pub(super) fn finish(mut self, source: &str, looked_for: &'static str) -> Result<LoadTest, ImportError> {
        if self.total.requests == 0 {
            return Err(ImportError::NoRequests { source_name: source.to_owned(), looked_for });
        }
        let known = |number: f64| number.is_finite() && number >= 0.0;
        if !known(self.total.seconds)
            || self.total.seconds == 0.0
            || !known(self.total.rate)
            || !known(self.total.throughput)
        {
            return Err(ImportError::document(
                source,
                "the run has no duration, so there is no rate; is the file whole",
            ));
        }
        if self.total.concurrency.is_none() {
            self.total.concurrency = self
                .total
                .latency
                .mean_ms
                .map(|mean| self.total.requests as f64 / self.total.seconds * mean / 1e3);
            self.total.concurrency_from = self.total.concurrency.map(|_| ConcurrencyFrom::LittlesLaw);
        }
        self.notes.push(notes::SUMMARY.to_owned());
        let mut test = LoadTest {
            tool: self.tool,
            format: Some(self.format),
            name: self.name,
            started: self.total.start,
            duration_seconds: self.total.seconds,
            model: self.model,
            steps: vec![self.total.clone()],
            total: self.total,
            rest: Rest::default(),
            notes: self.notes,
        };
        notes::add(&mut test);
        Ok(test)
    }
}

/// A stretch of `seconds` in which `requests` were sent and `errors` of them failed.
pub(super) fn stretch(seconds: f64, requests: u64, errors: u64, latency: Latency) -> Stretch {
    let errors = errors.min(requests);
    Stretch {
        start: None,
        seconds,
        requests,
        errors,
        offered_rate: None,
        rate: requests as f64 / seconds,
        throughput: (requests - errors) as f64 / seconds,
        concurrency: None,
        concurrency_from: None,
        latency,
        windows: Vec::new(),
    }
}

/// A number of at least 0 in a JSON object.
pub(super) fn number(object: &Value, key: &str) -> Option<f64> {
    object.get(key)?.as_f64().filter(|number| number.is_finite() && *number >= 0.0)
}

/// A count in a JSON object; some tools write counts as `40.0`.
pub(super) fn count(object: &Value, key: &str) -> Option<u64> {
    number(object, key).map(|number| number.round() as u64)
}
