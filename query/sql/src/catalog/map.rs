//! Who calls whom.

use super::Kind::{CoarseTime, FloatOrNull, Text, Unsigned};
use super::facts::facts;
use super::{View, column};

pub(crate) static SERVICE_MAP: View = facts(
    "service_map",
    "calls from one service to another, or to a database, topic or other host, one row per hour; from a sample of traces scaled to what was counted; of the last 24 hours unless conditions on hour ask for others, 72 at most",
    &[
        column("hour", "hour", CoarseTime, "start of the hour; the one that is on is told as far as it is"),
        column("caller", "caller", Text, "who calls; of a message that is processed its topic"),
        column("caller_kind", "caller_kind", Text, "service or topic"),
        column("callee", "callee", Text, "who is called"),
        column(
            "callee_kind",
            "callee_kind",
            Text,
            "service, database, topic, or upstream: a host that sends no spans",
        ),
        column("requests", "requests", Unsigned, "calls in the hour, of either outcome"),
        column("requests_low", "requests_low", Unsigned, "at least so many, with 95 % confidence"),
        column("requests_high", "requests_high", Unsigned, "at most so many"),
        column("errors", "errors", Unsigned, "of the calls, those that failed as the caller saw it"),
        column("error_rate", "error_rate", FloatOrNull, "share of failed calls, 0 to 1"),
        column(
            "p50_ns",
            "p50_ns",
            FloatOrNull,
            "median as the caller saw it, in nanoseconds; NULL where too few calls were seen to have bounds",
        ),
        column("p50_low_ns", "p50_low_ns", FloatOrNull, "it lies above this, with 95 % confidence"),
        column("p50_high_ns", "p50_high_ns", FloatOrNull, "and not above this"),
        column("p95_ns", "p95_ns", FloatOrNull, "19 of 20 were no slower"),
        column("p95_low_ns", "p95_low_ns", FloatOrNull, "lower bound"),
        column("p95_high_ns", "p95_high_ns", FloatOrNull, "upper bound"),
        column("p99_ns", "p99_ns", FloatOrNull, "99 of 100 were no slower"),
        column("p99_low_ns", "p99_low_ns", FloatOrNull, "lower bound"),
        column("p99_high_ns", "p99_high_ns", FloatOrNull, "upper bound"),
        column("sampled", "sampled", Unsigned, "calls in the sample"),
        column(
            "answered",
            "answered",
            Unsigned,
            "of those, the ones whose callee's span was found; the others by address",
        ),
    ],
);
