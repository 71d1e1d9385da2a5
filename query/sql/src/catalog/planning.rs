//! Measured objectives, forecasts with what is found beside them, and plans.

use super::Kind::{Bool, CoarseTime, Float, FloatOrNull, Int, Json, Text, TextOrNull, Unsigned};
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
        column("good", "good", Unsigned, "good events"),
        column("total", "total", Unsigned, "all events"),
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
        column("service", "service", Text, "of which service; empty for a series of none"),
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

pub(crate) static ANOMALIES: View = View {
    name: "anomalies",
    doc: "where demand was not what had been forecast at the midnight before",
    branches: &[Branch::newest("anomalies")],
    once_by: &[],
    columns: &[
        column("metric", "metric", Text, "what was forecast, such as requests_per_minute"),
        column("service", "service", Text, "of which service; empty for a series of none"),
        column("ts", "ts", CoarseTime, "the minute that made it certain"),
        column("since", "since", CoarseTime, "since when it lasts"),
        column(
            "kind",
            "kind",
            Text,
            "point, run (many a little out), shape (an hour of another course) or level",
        ),
        column("side", "side", Text, "above or below what was expected"),
        column("value", "value", Float, "demand in the minute"),
        column("expected", "expected", Float, "the median forecast for it"),
        column("score", "score", Float, "how far out, in half widths of the band up to the 99.9 % quantile"),
        column("tail", "tail", Float, "the probability of a minute so far out"),
        column("event", "event", TextOrNull, "the calendar event that is on"),
        column("reason", "reason", Text, "what was seen, in a sentence"),
        column("detected_at", "detected_at", CoarseTime, "when it was found"),
    ],
};

pub(crate) static FORECAST_SKILL: View = View {
    name: "forecast_skill",
    doc: "what the back-tests found by which each service's forecaster was chosen, one day ahead",
    branches: &[Branch::newest("forecast_skill")],
    once_by: &[],
    columns: &[
        column("metric", "metric", Text, "what is forecast, such as requests_per_minute"),
        column("service", "service", Text, "of which service; empty for a series of none"),
        column("made_at", "made_at", CoarseTime, "when they were made"),
        column("model", "model", Text, "which forecaster was tried"),
        column("chosen", "chosen", Bool, "whether it was chosen"),
        column(
            "kind",
            "kind",
            Text,
            "which steps were scored: all, those of an event, or those so far ahead (lead)",
        ),
        column("part", "part", Text, "all; the class of event, or ordinary; how far ahead"),
        column("points", "points", Int, "steps scored"),
        column("pinball90", "pinball90", Float, "pinball loss of the 90 % quantile over the mean demand"),
        column("coverage90", "coverage90", Float, "share of steps at or below the 90 % quantile"),
        column(
            "relative_mae",
            "relative_mae",
            FloatOrNull,
            "the median's absolute error over that of the day before",
        ),
        column(
            "relative_wql",
            "relative_wql",
            FloatOrNull,
            "loss over all quantiles over that of the day before",
        ),
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
        column("mode", "mode", TextOrNull, "whether it was acted on: act, or shadow where it was only shown"),
    ],
};
