//! What the program knows itself: its rows are in no table of the store, see [`crate::facts`].

use super::Kind::{
    CoarseTime, Decimal, Float, FloatOrNull, IntOrNull, Json, Text, TextOrNull, TimeOrNull, Unsigned,
};
use super::{Column, View, column};

pub(crate) static SLOS: View = facts(
    "slos",
    "one row per objective as it stands now",
    &[
        column("slo", "slo", Text, "its name in slo_slices and alerts"),
        column("display_name", "display_name", Text, "the name people read"),
        column("service", "service", Text, "the service it is promised for"),
        column("objective", "objective", Text, "the promise in one sentence"),
        column("target", "target", Float, "the share that must be good, 0 to 1"),
        column("window", "window", Text, "such as 30d"),
        column(
            "budgeting_method",
            "budgeting_method",
            Text,
            "Occurrences, Timeslices, RatioTimeslices or Composite",
        ),
        column("status", "status", FloatOrNull, "the share that was good in the window"),
        column(
            "budget_remaining",
            "budget_remaining",
            FloatOrNull,
            "share of the budget left: 1 untouched, 0 spent, below 0 overspent",
        ),
        column("good", "good", FloatOrNull, "good events, or time slices, in the window"),
        column("total", "total", FloatOrNull, "all of them"),
        column("coverage", "coverage", FloatOrNull, "share of the window's minutes that were seen"),
        column(
            "exhausts_at",
            "exhausts_at",
            TimeOrNull,
            "when the budget is gone at the pace of the last hour",
        ),
        column("burn", "burn", Json, "how many times too fast the budget burns, by window, as JSON"),
        column("unavailable", "unavailable", TextOrNull, "why there are no figures"),
        column("sentence", "sentence", Text, "how it stands, in words"),
    ],
);

pub(crate) static ALERTS: View = facts(
    "alerts",
    "one row per alert, from its start to its end",
    &[
        column("ts", "ts", CoarseTime, "when it began"),
        column("id", "id", Text, "the same through its life"),
        column("slo", "slo", Text, "the objective that burns"),
        column("service", "service", TextOrNull, "the service it is about"),
        column("severity", "severity", Text, "such as page or ticket"),
        column("state", "state", Text, "firing or resolved"),
        column("resolved_at", "resolved_at", TimeOrNull, "when it ended"),
        column("acknowledged_at", "acknowledged_at", TimeOrNull, "when somebody took it"),
        column("acknowledged_by", "acknowledged_by", TextOrNull, "who took it"),
        column("summary", "summary", Text, "one sentence for a person"),
        column("detail", "detail", Json, "the figures behind it, as JSON"),
    ],
);

pub(crate) static DEPLOYMENTS: View = facts(
    "deployments",
    "one row per version that began to serve, seen in spans or told; of the last 90 days unless conditions on ts ask for other days",
    &[
        column("ts", "ts", CoarseTime, "when it began to serve"),
        column("service", "service", Text, "service.name"),
        column("version", "version", Text, "service.version"),
        column(
            "status",
            "status",
            TextOrNull,
            "started, finished, rolled_back or failed; NULL where it was only seen",
        ),
        column("reason", "reason", TextOrNull, "fix or incident, where it was not planned"),
        column("url", "url", TextOrNull, "the job that did it"),
    ],
);

pub(crate) static WALLS: View = facts(
    "walls",
    "what is full at which growth: one row per wall of a service, the nearest first",
    &[
        column("id", "id", Text, "such as order/connections/orders"),
        column("service", "service", TextOrNull, "whose; of a shared one, who uses most of it"),
        column(
            "kind",
            "kind",
            Text,
            "cpu, memory, connections, event_loop, contention, rate, partitions or database",
        ),
        column("resource", "resource", TextOrNull, "name of the pool, upstream, topic or database"),
        column("utilisation", "utilisation", Float, "share in use at today's peak"),
        column("knee_factor", "knee_factor", Float, "times today's peak at which waiting begins"),
        column("knee_low", "knee_low", Float, "lower end of its 95 % interval"),
        column("knee_high", "knee_high", Float, "upper end"),
        column("limit_factor", "limit_factor", Float, "times today's peak at which it breaks"),
        column("reached_on", "reached_on", TimeOrNull, "day on which the trend reaches the knee"),
        column("strength", "strength", Text, "good, or weak where it is an indication only"),
        column("sentence", "sentence", Text, "what fills up, when, and what is seen then"),
    ],
);

pub(crate) static COSTS: View = facts(
    "costs",
    "what each service cost, one row per service, currency and period that is billed",
    &[
        column("service", "service", Text, "service.name"),
        column("currency", "currency", Text, "ISO 4217"),
        column("period_from", "period_from", CoarseTime, "start of the period"),
        column("period_to", "period_to", CoarseTime, "its end, exclusive"),
        column("cost", "cost", Decimal, "effective cost, exact"),
        column("transactions", "transactions", IntOrNull, "transactions counted"),
        column("per_transaction", "per_transaction", Decimal, "cost of one; NULL where it cannot be had"),
        column("per_customer", "per_customer", Decimal, "cost of one customer; NULL where it cannot be had"),
    ],
);

pub(crate) static AUDIT: View = facts(
    "audit",
    "who did what, when and why: the audit trail; for administrators",
    &[
        column("ts", "ts", CoarseTime, "when it was done"),
        column("seq", "seq", Unsigned, "place in the chain, from 1 without gaps"),
        column("actor", "actor", Text, "who"),
        column("action", "action", Text, "what, such as customer.reveal"),
        column("subject", "subject", TextOrNull, "to whom or what"),
        column("reason", "reason", TextOrNull, "why, in the actor's words"),
        column("detail", "detail", Json, "anything more, as JSON"),
        column("hash", "hash", Text, "hash of the row, 64 hex digits"),
    ],
);

/// A view of rows that are in no table.
pub(super) const fn facts(name: &'static str, doc: &'static str, columns: &'static [Column]) -> View {
    View { name, doc, branches: &[], once_by: &[], columns }
}
