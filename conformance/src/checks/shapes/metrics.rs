//! Metrics as they come.

use serde_json::{Value, json};

use super::Shape;
use crate::fixture::{Fixture, text};

/// `AGGREGATION_TEMPORALITY_DELTA`.
const DELTA: u8 = 1;
/// `AGGREGATION_TEMPORALITY_CUMULATIVE`.
const CUMULATIVE: u8 = 2;

pub(super) fn shapes(fixture: &Fixture) -> Vec<Shape> {
    let mut shapes = numbers(fixture);
    shapes.extend(histograms(fixture));
    shapes.extend(exponential(fixture));
    shapes
}

/// A metric of one kind.
fn metric(kind: &str, data: &Value) -> Vec<Value> {
    vec![json!({"name": format!("conformance.{kind}"), "unit": "s", kind: data})]
}

/// A point of the last minute with these further fields.
fn point(fixture: &Fixture, fields: Value) -> Value {
    let mut point = json!({
        "startTimeUnixNano": fixture.ago(60_000), "timeUnixNano": fixture.ago(2_000),
        "attributes": [text("state", "idle")],
    });
    if let (Value::Object(point), Value::Object(fields)) = (&mut point, fields) {
        point.extend(fields);
    }
    point
}

fn exemplar(fixture: &Fixture) -> Value {
    json!([{
        "timeUnixNano": fixture.ago(2_500), "asDouble": 0.7, "traceId": fixture.trace_id(),
        "spanId": fixture.span_id(), "filteredAttributes": [text("user", "a")],
    }])
}

fn numbers(fixture: &Fixture) -> Vec<Shape> {
    let gauge = |fields: Value| metric("gauge", &json!({"dataPoints": [point(fixture, fields)]}));
    let sum = |temporality: u8, monotonic: bool, fields: Value| {
        metric(
            "sum",
            &json!({
                "aggregationTemporality": temporality, "isMonotonic": monotonic,
                "dataPoints": [point(fixture, fields)],
            }),
        )
    };
    let mut metadata = gauge(json!({"asInt": "1"}));
    metadata[0]["metadata"] = json!([text("prometheus.type", "gauge")]);
    let instant = json!({"timeUnixNano": fixture.ago(2_000), "asInt": "5"});
    let summary = json!({"count": "4", "sum": 10.0, "quantileValues": [
        {"quantile": 0.0, "value": 1.0}, {"quantile": 0.5, "value": 2.0}, {"quantile": 1.0, "value": 4.0},
    ]});
    vec![
        ("gauge-int", "a gauge of integers", gauge(json!({"asInt": "-3"}))),
        ("gauge-double", "a gauge of doubles", gauge(json!({"asDouble": 0.25}))),
        ("gauge-instant", "a gauge without a start time", metric("gauge", &json!({"dataPoints": [instant]}))),
        ("sum-delta", "a delta sum", sum(DELTA, true, json!({"asInt": "3"}))),
        ("sum-cumulative", "a cumulative sum", sum(CUMULATIVE, true, json!({"asDouble": 3.5}))),
        ("sum-up-and-down", "a sum that may fall", sum(CUMULATIVE, false, json!({"asInt": "-3"}))),
        (
            "exemplars",
            "a point with exemplars",
            sum(DELTA, true, json!({"asInt": "3", "exemplars": exemplar(fixture)})),
        ),
        ("no-recorded-value", "a point that says that there is no value", gauge(json!({"flags": 1}))),
        ("metadata", "a metric with metadata", metadata),
        ("no-points", "a metric without points", metric("gauge", &json!({}))),
        ("summary", "a summary", metric("summary", &json!({"dataPoints": [point(fixture, summary)]}))),
    ]
}

fn histograms(fixture: &Fixture) -> Vec<Shape> {
    let histogram = |temporality: u8, fields: Value| {
        metric(
            "histogram",
            &json!({
                "aggregationTemporality": temporality, "dataPoints": [point(fixture, fields)],
            }),
        )
    };
    let buckets = json!({
        "count": "6", "sum": 6.5, "min": 0.1, "max": 3.0, "bucketCounts": ["1", "2", "3"],
        "explicitBounds": [0.5, 1.0], "exemplars": exemplar(fixture),
    });
    vec![
        ("histogram-delta", "a delta histogram", histogram(DELTA, buckets.clone())),
        ("histogram-cumulative", "a cumulative histogram", histogram(CUMULATIVE, buckets)),
        // metrics.proto: both lists may be left out, or there may be one bucket of everything.
        (
            "histogram-no-buckets",
            "a histogram of count and sum only",
            histogram(DELTA, json!({"count": "6", "sum": 6.5})),
        ),
        (
            "histogram-one-bucket",
            "a histogram of one bucket",
            histogram(DELTA, json!({"count": "6", "sum": 6.5, "bucketCounts": ["6"]})),
        ),
    ]
}

fn exponential(fixture: &Fixture) -> Vec<Shape> {
    let histogram = |temporality: u8, fields: Value| {
        metric(
            "exponentialHistogram",
            &json!({
                "aggregationTemporality": temporality, "dataPoints": [point(fixture, fields)],
            }),
        )
    };
    let buckets = |scale: i32, offset: i32| {
        json!({
            "count": "7", "sum": 6.5, "scale": scale, "zeroCount": "1", "zeroThreshold": 1e-9,
            "positive": {"offset": offset, "bucketCounts": ["1", "0", "5"]}, "min": 0.0, "max": 3.0,
        })
    };
    let negative = json!({
        "count": "3", "scale": 3, "zeroCount": "0",
        "negative": {"offset": -5, "bucketCounts": ["1", "2"]}, "positive": {},
    });
    vec![
        ("exponential-delta", "a delta exponential histogram", histogram(DELTA, buckets(4, -2))),
        (
            "exponential-cumulative",
            "a cumulative exponential histogram",
            histogram(CUMULATIVE, buckets(4, -2)),
        ),
        ("exponential-coarse", "an exponential histogram of scale -10", histogram(DELTA, buckets(-10, -1))),
        (
            "exponential-fine",
            "an exponential histogram of scale 20",
            histogram(DELTA, buckets(20, 1_000_000)),
        ),
        ("exponential-negative", "an exponential histogram of negative values", histogram(DELTA, negative)),
    ]
}
