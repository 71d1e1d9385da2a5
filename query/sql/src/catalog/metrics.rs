//! Gauges and sums as one view.

use super::Kind::{Bool, Float, IntOrNull, Map, Text, TextOrNull, Time};
use super::{Branch, View, column};

pub(crate) static METRICS: View = View {
    name: "metrics",
    doc: "one row per point of a gauge or a sum",
    branches: &[
        Branch {
            table: "metric_gauge",
            newest: false,
            only: None,
            constants: &[("type", "'gauge'"), ("temporality", "''"), ("monotonic", "false")],
        },
        Branch { table: "metric_sum", newest: false, only: None, constants: &[("type", "'sum'")] },
    ],
    once_by: &[],
    columns: &[
        column("ts", "ts", Time, "when the point was taken"),
        column("start_ts", "start_ts", Time, "since when a sum counts"),
        column("name", "name", Text, "metric name"),
        column("type", "type", Text, "gauge or sum"),
        column("temporality", "temporality", TextOrNull, "of a sum: delta, cumulative or unspecified"),
        column("monotonic", "is_monotonic", Bool, "whether a sum only rises"),
        column("service", "service", Text, "service.name"),
        column("unit", "unit", TextOrNull, "unit"),
        column("value", "value", Float, "the value"),
        column("int_value", "int_value", IntOrNull, "the exact value, if it was sent as an integer"),
        column("attributes", "attributes", Map, "point attributes as JSON text; see attr()"),
        column("resource", "resource", Map, "resource attributes as JSON text; see attr()"),
    ],
};
