//! The five metric tables.

use headroom_store::native::{Array, Block, Clear, Fixed, Nullable, Numbers, Strings, Words};

use crate::decode::columns::{TextMap, WordMap, columns, nanos, text, typed_pairs, word, words_of};
use crate::decode::points::{Common, Totals};
use crate::decode::{
    Exemplar, ExpHistogramPoint, HistogramPoint, Metric, Number, NumberPoint, Origin, SummaryPoint,
};

columns! {
    /// What all metric tables have.
    Head {
        tenant: Words = Words::new(),
        service: Words = Words::new(),
        name: Words = Words::new(),
        unit: Words = Words::new(),
        description: Strings = Strings::new(),
        ts: Numbers<i64> = Numbers::nanoseconds(),
        start_ts: Numbers<i64> = Numbers::nanoseconds(),
        flags: Numbers<u32> = Numbers::new(),
        resource: WordMap = WordMap::default(),
        attributes: TextMap = TextMap::default(),
        attribute_types: WordMap = WordMap::default(),
        scope_name: Words = Words::new(),
        scope_version: Words = Words::new(),
        received_at: Numbers<i64> = Numbers::milliseconds(),
    }
}

columns! {
    /// Exemplars, in all metric tables but summaries.
    Exemplars {
        exemplars_ts: Array<Numbers<i64>> = Array::new(Numbers::nanoseconds()),
        exemplars_value: Array<Numbers<f64>> = Array::default(),
        exemplars_trace_id: Array<Fixed<16>> = Array::default(),
        exemplars_span_id: Array<Fixed<8>> = Array::default(),
    }
}

columns! {
    /// The values of gauges.
    Gauges {
        value: Numbers<f64> = Numbers::new(),
        int_value: Nullable<Numbers<i64>> = Nullable::default(),
    }
}

columns! {
    /// The values of sums.
    Sums {
        value: Numbers<f64> = Numbers::new(),
        int_value: Nullable<Numbers<i64>> = Nullable::default(),
        temporality: Words = Words::new(),
        is_monotonic: Numbers<u8> = Numbers::booleans(),
    }
}

columns! {
    /// The values of histograms.
    Histograms {
        temporality: Words = Words::new(),
        count: Numbers<u64> = Numbers::new(),
        sum: Nullable<Numbers<f64>> = Nullable::default(),
        min: Nullable<Numbers<f64>> = Nullable::default(),
        max: Nullable<Numbers<f64>> = Nullable::default(),
        bounds: Array<Numbers<f64>> = Array::default(),
        counts: Array<Numbers<u64>> = Array::default(),
    }
}

columns! {
    /// The values of exponential histograms.
    ExpHistograms {
        temporality: Words = Words::new(),
        count: Numbers<u64> = Numbers::new(),
        sum: Nullable<Numbers<f64>> = Nullable::default(),
        min: Nullable<Numbers<f64>> = Nullable::default(),
        max: Nullable<Numbers<f64>> = Nullable::default(),
        scale: Numbers<i32> = Numbers::new(),
        zero_count: Numbers<u64> = Numbers::new(),
        zero_threshold: Numbers<f64> = Numbers::new(),
        positive_offset: Numbers<i32> = Numbers::new(),
        positive_counts: Array<Numbers<u64>> = Array::default(),
        negative_offset: Numbers<i32> = Numbers::new(),
        negative_counts: Array<Numbers<u64>> = Array::default(),
    }
}

columns! {
    /// The values of summaries.
    Summaries {
        count: Numbers<u64> = Numbers::new(),
        sum: Numbers<f64> = Numbers::new(),
        quantiles: Array<Numbers<f64>> = Array::default(),
        quantile_values: Array<Numbers<f64>> = Array::default(),
    }
}

/// The tenant, and when the request was received in milliseconds.
type Received<'a> = (&'a str, i64);

/// The columns of all metric tables.
#[derive(Debug, Default)]
pub(super) struct MetricTables {
    gauges: (Head, Exemplars, Gauges),
    sums: (Head, Exemplars, Sums),
    histograms: (Head, Exemplars, Histograms),
    exp_histograms: (Head, Exemplars, ExpHistograms),
    summaries: (Head, Summaries),
}

impl MetricTables {
    pub(super) fn blocks<'a>(&'a self, blocks: &mut Vec<(&'static str, Block<'a>)>) {
        let (head, exemplars, values) = &self.gauges;
        blocks.push(("metric_gauge", values.onto(exemplars.onto(head.onto(Block::new())))));
        let (head, exemplars, values) = &self.sums;
        blocks.push(("metric_sum", values.onto(exemplars.onto(head.onto(Block::new())))));
        let (head, exemplars, values) = &self.histograms;
        blocks.push(("metric_histogram", values.onto(exemplars.onto(head.onto(Block::new())))));
        let (head, exemplars, values) = &self.exp_histograms;
        blocks.push(("metric_exp_histogram", values.onto(exemplars.onto(head.onto(Block::new())))));
        let (head, values) = &self.summaries;
        blocks.push(("metric_summary", values.onto(head.onto(Block::new()))));
    }

    pub(super) fn clear(&mut self) {
        fn all(columns: &mut [&mut dyn Clear]) {
            columns.iter_mut().for_each(|columns| columns.clear());
        }
        let (head, exemplars, values) = &mut self.gauges;
        all(&mut [head, exemplars, values]);
        let (head, exemplars, values) = &mut self.sums;
        all(&mut [head, exemplars, values]);
        let (head, exemplars, values) = &mut self.histograms;
        all(&mut [head, exemplars, values]);
        let (head, exemplars, values) = &mut self.exp_histograms;
        all(&mut [head, exemplars, values]);
        let (head, values) = &mut self.summaries;
        all(&mut [head, values]);
    }

    pub(super) fn number(
        &mut self,
        received: Received<'_>,
        origin: &Origin<'_>,
        metric: &Metric<'_>,
        point: &NumberPoint<'_>,
    ) {
        let value = point.value.map_or(f64::NAN, Number::as_f64);
        let int_value = point.value.and_then(Number::as_int);
        if metric.is_sum {
            let (head, exemplars, c) = &mut self.sums;
            head.push(received, origin, metric, &point.common);
            exemplars.push(&point.common.exemplars);
            c.value.push(value);
            c.int_value.push(int_value);
            c.temporality.push(metric.temporality.name());
            c.is_monotonic.push(u8::from(metric.is_monotonic));
        } else {
            let (head, exemplars, c) = &mut self.gauges;
            head.push(received, origin, metric, &point.common);
            exemplars.push(&point.common.exemplars);
            c.value.push(value);
            c.int_value.push(int_value);
        }
    }

    pub(super) fn histogram(
        &mut self,
        received: Received<'_>,
        origin: &Origin<'_>,
        metric: &Metric<'_>,
        point: &HistogramPoint<'_>,
    ) {
        let (head, exemplars, c) = &mut self.histograms;
        head.push(received, origin, metric, &point.common);
        exemplars.push(&point.common.exemplars);
        c.temporality.push(metric.temporality.name());
        let Totals { count, sum, min, max } = point.totals;
        c.count.push(count);
        c.sum.push(sum);
        c.min.push(min);
        c.max.push(max);
        c.bounds.push(&point.bounds);
        c.counts.push(&point.counts);
    }

    pub(super) fn exp_histogram(
        &mut self,
        received: Received<'_>,
        origin: &Origin<'_>,
        metric: &Metric<'_>,
        point: &ExpHistogramPoint<'_>,
    ) {
        let (head, exemplars, c) = &mut self.exp_histograms;
        head.push(received, origin, metric, &point.common);
        exemplars.push(&point.common.exemplars);
        c.temporality.push(metric.temporality.name());
        let Totals { count, sum, min, max } = point.totals;
        c.count.push(count);
        c.sum.push(sum);
        c.min.push(min);
        c.max.push(max);
        c.scale.push(point.scale);
        c.zero_count.push(point.zero_count);
        c.zero_threshold.push(point.zero_threshold);
        c.positive_offset.push(point.positive.offset);
        c.positive_counts.push(&point.positive.counts);
        c.negative_offset.push(point.negative.offset);
        c.negative_counts.push(&point.negative.counts);
    }

    pub(super) fn summary(
        &mut self,
        received: Received<'_>,
        origin: &Origin<'_>,
        metric: &Metric<'_>,
        point: &SummaryPoint<'_>,
    ) {
        let (head, c) = &mut self.summaries;
        head.push(received, origin, metric, &point.common);
        c.count.push(point.count);
        c.sum.push(point.sum);
        c.quantiles.push(&point.quantiles);
        c.quantile_values.push(&point.values);
    }
}

impl Head {
    fn push(
        &mut self,
        (tenant, received_ms): Received<'_>,
        origin: &Origin<'_>,
        metric: &Metric<'_>,
        point: &Common<'_>,
    ) {
        self.tenant.push(tenant);
        word(&mut self.service, &origin.resource.service);
        word(&mut self.name, metric.name);
        word(&mut self.unit, metric.unit);
        text(&mut self.description, metric.description);
        self.ts.push(nanos(point.time));
        self.start_ts.push(nanos(point.start));
        self.flags.push(point.flags);
        words_of(&mut self.resource, &origin.resource, false);
        typed_pairs(&mut self.attributes, &mut self.attribute_types, &point.attributes, |_, _, _| {});
        word(&mut self.scope_name, origin.scope_name);
        word(&mut self.scope_version, origin.scope_version);
        self.received_at.push(received_ms);
    }
}

impl Exemplars {
    fn push(&mut self, exemplars: &[Exemplar]) {
        for exemplar in exemplars {
            self.exemplars_ts.inner.push(nanos(exemplar.time));
            self.exemplars_value.inner.push(exemplar.value);
            self.exemplars_trace_id.inner.push(&exemplar.trace_id);
            self.exemplars_span_id.inner.push(&exemplar.span_id);
        }
        self.exemplars_ts.end_row();
        self.exemplars_value.end_row();
        self.exemplars_trace_id.end_row();
        self.exemplars_span_id.end_row();
    }
}
