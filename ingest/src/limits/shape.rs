//! Where in OTLP's messages attributes, bodies and data points are.

use crate::signal::Signal;

/// What a field is to the limits.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// A message with such fields inside.
    Inside(&'static Shape),
    /// The same, around log records: of the resource (0) or of the scope (1).
    Around(usize, &'static Shape),
    /// A log record.
    Log(&'static Shape),
    /// A `KeyValue` that is dropped when its key has no place, and whose value may be cut.
    Attribute,
    /// A `KeyValue` that is part of what a series is: its value may be cut.
    Label,
    /// An `AnyValue` that may be cut.
    Body,
    /// A string that may be cut.
    Text,
    /// A metric.
    Metric,
}

/// The fields of a message that the limits look at, and where it counts dropped attributes.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) parts: &'static [(u32, Part)],
    pub(super) dropped: u32,
}

const fn shape(parts: &'static [(u32, Part)], dropped: u32) -> Shape {
    Shape { parts, dropped }
}

/// No message has this field.
const NONE: u32 = 0;

static RESOURCE: Shape = shape(&[(1, Part::Attribute)], 2);
static LABELLED_RESOURCE: Shape = shape(&[(1, Part::Label)], NONE);
static STATUS: Shape = shape(&[(2, Part::Text)], NONE);
static EVENT: Shape = shape(&[(3, Part::Attribute)], 4);
static LINK: Shape = shape(&[(4, Part::Attribute)], 5);
static SPAN: Shape = shape(
    &[
        (9, Part::Attribute),
        (11, Part::Inside(&EVENT)),
        (13, Part::Inside(&LINK)),
        (15, Part::Inside(&STATUS)),
    ],
    10,
);
static LOG: Shape = shape(&[(5, Part::Body), (6, Part::Attribute)], 7);
static NUMBER_OR_SUMMARY: Shape = shape(&[(7, Part::Label)], NONE);
static HISTOGRAM: Shape = shape(&[(9, Part::Label)], NONE);
static EXP_HISTOGRAM: Shape = shape(&[(1, Part::Label)], NONE);
static SPANS: Shape = shape(&[(2, Part::Inside(&SPAN))], NONE);
static LOGS: Shape = shape(&[(2, Part::Log(&LOG))], NONE);
static METRICS: Shape = shape(&[(2, Part::Metric)], NONE);
static OF_TRACES: Shape = shape(&[(1, Part::Inside(&RESOURCE)), (2, Part::Inside(&SPANS))], NONE);
static OF_LOGS: Shape = shape(&[(1, Part::Inside(&RESOURCE)), (2, Part::Around(1, &LOGS))], NONE);
static OF_METRICS: Shape = shape(&[(1, Part::Inside(&LABELLED_RESOURCE)), (2, Part::Inside(&METRICS))], NONE);
static TRACES_REQUEST: Shape = shape(&[(1, Part::Inside(&OF_TRACES))], NONE);
static LOGS_REQUEST: Shape = shape(&[(1, Part::Around(0, &OF_LOGS))], NONE);
static METRICS_REQUEST: Shape = shape(&[(1, Part::Inside(&OF_METRICS))], NONE);

/// The request of a signal.
pub(super) fn request(signal: Signal) -> &'static Shape {
    match signal {
        Signal::Traces => &TRACES_REQUEST,
        Signal::Logs => &LOGS_REQUEST,
        Signal::Metrics => &METRICS_REQUEST,
    }
}

/// The data points in a metric's field of this number, if it holds some.
pub(super) fn points(number: u32) -> Option<&'static Shape> {
    match number {
        5 | 7 | 11 => Some(&NUMBER_OR_SUMMARY),
        9 => Some(&HISTOGRAM),
        10 => Some(&EXP_HISTOGRAM),
        _ => None,
    }
}
