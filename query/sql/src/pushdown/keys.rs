//! What rows may be grouped by: columns, attributes, steps of time.

use datafusion::arrow::datatypes::IntervalMonthDayNano;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;

use super::source::literal;
use crate::catalog::{Kind, View};
use crate::scan::{Key, Operand, Output, operand_of};

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;
/// The longest step that is pushed.
const LONGEST: i64 = 400 * DAY;
/// 1970-01-05, a Monday: weeks begin on Mondays.
const MONDAY: i64 = 4 * DAY;

/// The outputs that a question of groups needs, each once.
#[derive(Debug, Default)]
pub(super) struct Outputs(pub(super) Vec<Output>);

impl Outputs {
    /// Its place.
    pub(super) fn place(&mut self, output: Output) -> usize {
        self.0.iter().position(|one| *one == output).unwrap_or_else(|| {
            self.0.push(output);
            self.0.len() - 1
        })
    }

    /// The place of a column or an attribute, and what its values are.
    pub(super) fn value(&mut self, view: &'static View, expr: &Expr) -> Option<(usize, Kind)> {
        let column = |name: &str| view.columns.iter().find(|column| column.name == name);
        if let Expr::Column(wanted) = expr {
            let column = column(&wanted.name)?;
            return Some((self.place(Output::Column(column)), column.kind));
        }
        let (Operand::Attribute(column, key), kind) = operand_of(view, expr)? else { return None };
        Some((self.place(Output::Attribute(column, key)), kind))
    }
}

/// The key, if it is one that ClickHouse makes the same groups of.
pub(super) fn key(view: &'static View, expr: &Expr, outputs: &mut Outputs) -> Option<Key> {
    if let Some((of, kind)) = outputs.value(view, expr) {
        // Floats have two zeros and many NaN.
        return (!kind.is_float()).then_some(Key::Value(of));
    }
    let Expr::ScalarFunction(call) = expr else { return None };
    let (nanos, time, origin) = match (call.func.name(), call.args.as_slice()) {
        ("date_trunc", [unit, time]) => {
            let (nanos, origin) = unit_nanos(literal(unit)?)?;
            (nanos, time, origin)
        }
        ("date_bin", [width, time]) => (width_nanos(literal(width)?)?, time, 0),
        ("date_bin", [width, time, origin]) => {
            let ScalarValue::TimestampNanosecond(Some(origin), _) = literal(origin)? else { return None };
            (width_nanos(literal(width)?)?, time, *origin)
        }
        _ => return None,
    };
    // ClickHouse wraps around where DataFusion knows no step.
    if nanos > LONGEST || !(0..=i64::MAX / 2).contains(&origin) {
        return None;
    }
    let (of, kind) = outputs.value(view, time)?;
    matches!(kind, Kind::Time | Kind::CoarseTime | Kind::Earliest | Kind::Latest).then_some(Key::Step {
        of,
        nanos,
        origin,
    })
}

/// Units that are as long as any other of their kind. Months and years stay in DataFusion.
fn unit_nanos(unit: &ScalarValue) -> Option<(i64, i64)> {
    let unit = unit.try_as_str()??.to_ascii_lowercase();
    Some(match unit.as_str() {
        "second" => (SECOND, 0),
        "minute" => (60 * SECOND, 0),
        "hour" => (3600 * SECOND, 0),
        "day" => (DAY, 0),
        "week" => (7 * DAY, MONDAY),
        _ => return None,
    })
}

fn width_nanos(width: &ScalarValue) -> Option<i64> {
    let nanos = match width {
        ScalarValue::IntervalMonthDayNano(Some(IntervalMonthDayNano { months: 0, days, nanoseconds })) => {
            i64::from(*days).checked_mul(DAY)?.checked_add(*nanoseconds)?
        }
        ScalarValue::IntervalDayTime(Some(width)) => {
            let millis = i64::from(width.milliseconds).checked_mul(1_000_000)?;
            i64::from(width.days).checked_mul(DAY)?.checked_add(millis)?
        }
        _ => return None,
    };
    (nanos > 0).then_some(nanos)
}
