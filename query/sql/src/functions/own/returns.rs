//! Returns: `xirr(ts, amount)` of payments, `twr(ts, value, inflow, outflow)` of a portfolio's days.

use chrono::NaiveDate;
use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, TimeUnit};
use datafusion::common::Result;
use datafusion::logical_expr::AggregateUDF;
use headroom_portfolio::returns::{Day, DayCount, Payment, daily, xirr as rate_of};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::gather::{Gather, aggregate, days};
use crate::catalog::DECIMAL;

const MONEY: DataType = DataType::Decimal128(DECIMAL.0, DECIMAL.1);

fn time() -> DataType {
    DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))
}

/// The yearly rate at which payments balance (negative is paid in), days in UTC over 365 as in spreadsheets: 0.1 is 10 %.
/// NULL where there is none.
pub(super) fn xirr() -> AggregateUDF {
    aggregate::<Payments>("xirr", vec![time(), MONEY])
}

/// The time-weighted return of days: their values at the close, what was put in at their start and taken out at their end.
/// 0.1 is 10 %, not annualised. NULL where a value is missing that it depends on.
pub(super) fn twr() -> AggregateUDF {
    aggregate::<Days>("twr", vec![time(), MONEY, MONEY, MONEY])
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Payments(Vec<Payment>);

impl Gather for Payments {
    fn rows(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let rows = days(&columns[0]).zip(amounts(&columns[1]));
        self.0.extend(rows.filter_map(|(date, amount)| Some(Payment { date: date?, amount: amount? })));
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn answer(&self) -> Option<f64> {
        rate_of(&self.0, DayCount::default()).ok().map(|found| found.rate)
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Days(Vec<Day>);

impl Gather for Days {
    fn rows(&mut self, columns: &[ArrayRef]) -> Result<()> {
        let [values, inflows, outflows] = [1, 2, 3].map(|n| amounts(&columns[n]).collect::<Vec<_>>());
        let day = |(row, date): (usize, Option<NaiveDate>)| {
            let of = |flows: &[Option<Decimal>]| flows[row].unwrap_or_default();
            Some(Day { date: date?, value: values[row], inflow: of(&inflows), outflow: of(&outflows) })
        };
        self.0.extend(days(&columns[0]).enumerate().filter_map(day));
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn answer(&self) -> Option<f64> {
        daily(&self.0).ok().map(|found| found.total)
    }
}

/// The amounts of a column; NULL, and what has more digits than a decimal, is none.
fn amounts(column: &ArrayRef) -> impl Iterator<Item = Option<Decimal>> {
    let values = column.as_primitive::<Decimal128Type>();
    (0..values.len()).map(|row| {
        let value = (!values.is_null(row)).then(|| values.value(row))?;
        Decimal::try_from_i128_with_scale(value, u32::from(DECIMAL.1.unsigned_abs())).ok()
    })
}
