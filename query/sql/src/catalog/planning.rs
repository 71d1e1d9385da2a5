//! Measured objectives, forecasts and plans.

use super::Kind::{CoarseTime, Float, Int, Json, Text};
use super::{Branch, View, column};

pub(crate) static SLO_SLICES: View = View {
    name: "slo_slices",
    doc: "good and total events of every objective, per minute; the newest measurement of each",
    branches: &[Branch::newest("slo_slices")],
    once_by: &[],
    columns: &[
        column("slo", "slo", Text, "name of the objective"),
        column("generation", "generation", Text, "hash of its definition"),
        column("objective", "objective", Int, "which objective of the definition, from 0"),
        column("slice", "slice", CoarseTime, "start of the minute"),
        column("good", "good", Int, "good events"),
        column("total", "total", Int, "all events"),
        column("coverage", "coverage", Float, "share of the minute that was measured, 0 to 1"),
        column("measured_at", "measured_at", CoarseTime, "when it was measured"),
    ],
};

pub(crate) static FORECASTS: View = View {
    name: "forecasts",
    doc: "forecast demand with its quantiles; the newest forecast of each moment",
    branches: &[Branch::newest("forecasts")],
    once_by: &[],
    columns: &[
        column("metric", "metric", Text, "what is forecast, such as requests_per_minute"),
        column("service", "service", Text, "of which service"),
        column("ts", "ts", CoarseTime, "the moment forecast"),
        column("made_at", "made_at", CoarseTime, "when it was made"),
        column("q50", "q50", Float, "as likely above as below"),
        column("q80", "q80", Float, "8 of 10 stay below"),
        column("q90", "q90", Float, "9 of 10 stay below"),
        column("q95", "q95", Float, "19 of 20 stay below"),
        column("q99", "q99", Float, "99 of 100 stay below"),
        column("q999", "q999", Float, "999 of 1,000 stay below"),
        column("events", "events", Json, "calendar events that lift it, as a JSON array"),
        column("model", "model", Text, "which forecaster made it"),
    ],
};

pub(crate) static PLANS: View = View {
    name: "plans",
    doc: "planned replicas; the newest plan of each moment",
    branches: &[Branch::newest("plans")],
    once_by: &[],
    columns: &[
        column("service", "service", Text, "service"),
        column("ts", "ts", CoarseTime, "from when on"),
        column("made_at", "made_at", CoarseTime, "when it was planned"),
        column("replicas", "replicas", Int, "replicas planned"),
        column("reactive", "reactive", Int, "replicas that reactive scaling would ask for"),
        column("reason", "reason", Text, "why"),
    ],
};
