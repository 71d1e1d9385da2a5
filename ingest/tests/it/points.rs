//! All five kinds of metric in their tables, and how soon a span can be queried.

use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint,
    Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary, SummaryDataPoint, exemplar,
    exponential_histogram_data_point::Buckets, metric::Data, number_data_point::Value,
    summary_data_point::ValueAtQuantile,
};
use prost::Message as _;

use crate::columns::shown;
use crate::support::{config, count, now_ns, spans, start, store, text};

pub(crate) fn metrics() -> ExportMetricsServiceRequest {
    let time = now_ns();
    let point =
        |value| NumberDataPoint { time_unix_nano: time, value: Some(value), ..NumberDataPoint::default() };
    let exemplar = Exemplar {
        time_unix_nano: time,
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        value: Some(exemplar::Value::AsInt(7)),
        ..Exemplar::default()
    };
    let histogram = HistogramDataPoint {
        time_unix_nano: time,
        count: 3,
        sum: Some(4.5),
        max: Some(3.0),
        bucket_counts: vec![1, 2],
        explicit_bounds: vec![1.0],
        exemplars: vec![exemplar],
        ..HistogramDataPoint::default()
    };
    let exponential = ExponentialHistogramDataPoint {
        time_unix_nano: time,
        count: 6,
        scale: -2,
        zero_count: 1,
        zero_threshold: 0.5,
        positive: Some(Buckets { offset: -3, bucket_counts: vec![2, 0] }),
        negative: Some(Buckets { offset: 4, bucket_counts: vec![3] }),
        ..ExponentialHistogramDataPoint::default()
    };
    let summary = SummaryDataPoint {
        time_unix_nano: time,
        count: 9,
        sum: 10.5,
        quantile_values: vec![ValueAtQuantile { quantile: 0.5, value: 1.25 }],
        ..SummaryDataPoint::default()
    };
    let mut labelled = point(Value::AsDouble(0.5));
    labelled.attributes = vec![text("pool", "a")];
    let data = [
        Data::Gauge(Gauge { data_points: vec![labelled, point(Value::AsInt(i64::MAX))] }),
        Data::Sum(Sum {
            data_points: vec![point(Value::AsInt(3))],
            aggregation_temporality: 2,
            is_monotonic: true,
        }),
        Data::Histogram(Histogram { data_points: vec![histogram], aggregation_temporality: 1 }),
        Data::ExponentialHistogram(ExponentialHistogram {
            data_points: vec![exponential],
            aggregation_temporality: 1,
        }),
        Data::Summary(Summary { data_points: vec![summary] }),
    ];
    let metrics = data
        .into_iter()
        .map(|data| Metric {
            name: "pool.size".into(),
            unit: "1".into(),
            data: Some(data),
            ..Metric::default()
        })
        .collect();
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            scope_metrics: vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }],
            ..ResourceMetrics::default()
        }],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_metric() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let r = start(config(dir.path()), &store).await;
    let response =
        r.post("/v1/metrics", "application/x-protobuf", metrics().encode_to_vec()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    r.settled().await;
    let select = async |table: &str, columns: &str| {
        let sql = format!("SELECT {columns} FROM {} ORDER BY ALL", store.table(table));
        shown(&store, &sql).await
    };
    insta::assert_snapshot!(select("metric_gauge", "name, unit, value, int_value, attributes").await, @r#"
    {"name":"pool.size","unit":"1","value":0.5,"int_value":null,"attributes":{"pool":"a"}}
    {"name":"pool.size","unit":"1","value":9223372036854776000,"int_value":9223372036854775807,"attributes":{}}
    "#);
    insta::assert_snapshot!(select("metric_sum", "value, int_value, temporality, is_monotonic").await, @r#"{"value":3,"int_value":3,"temporality":"cumulative","is_monotonic":true}"#);
    insta::assert_snapshot!(
        select("metric_histogram", "temporality, count, sum, min, max, bounds, counts, exemplars_value, hex(exemplars_span_id[1]) AS e").await,
        @r#"{"temporality":"delta","count":3,"sum":4.5,"min":null,"max":3,"bounds":[1],"counts":[1,2],"exemplars_value":[7],"e":"0202020202020202"}"#
    );
    insta::assert_snapshot!(
        select("metric_exp_histogram", "count, sum, scale, zero_count, zero_threshold, positive_offset, positive_counts, negative_offset, negative_counts").await,
        @r#"{"count":6,"sum":null,"scale":-2,"zero_count":1,"zero_threshold":0.5,"positive_offset":-3,"positive_counts":[2,0],"negative_offset":4,"negative_counts":[3]}"#
    );
    insta::assert_snapshot!(select("metric_summary", "count, sum, quantiles, quantile_values").await, @r#"{"count":9,"sum":10.5,"quantiles":[0.5],"quantile_values":[1.25]}"#);
    r.ingest.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_is_not_utf8_is_mended_not_refused() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let r = start(config(dir.path()), &store).await;
    let mut body = spans(0, 1).encode_to_vec();
    let at = body.windows(11).position(|w| w == b"GET /orders").unwrap();
    body[at] = 0xff;
    let response = r.post("/v1/traces", "application/x-protobuf", body).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.bytes().await.unwrap().len()), (200, 0));
    r.settled().await;
    let sql = format!("SELECT operation FROM {}", store.table("spans"));
    assert_eq!(store.rows::<String>(&sql).await.unwrap(), ["\u{fffd}ET /orders"]);
    r.ingest.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_can_be_queried_soon() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let defaults = headroom_ingest::IngestConfig::default();
    let config =
        headroom_ingest::IngestConfig { slice_max_age: defaults.slice_max_age, ..config(dir.path()) };
    let r = start(config, &store).await;
    for n in 0..5 {
        let begin = Instant::now();
        r.send(&spans(n, n + 1)).await;
        let acknowledged = begin.elapsed();
        while count(&store, "spans").await <= n {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        eprintln!("acknowledged after {acknowledged:?}, to be queried after {:?}", begin.elapsed());
    }
    r.ingest.drain().await;
}
