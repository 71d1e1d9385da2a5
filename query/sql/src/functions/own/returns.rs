//! Returns: `xirr(ts, amount)` of payments, `twr(ts, value, inflow, outflow)` of a portfolio's days.

use std::fmt::Debug;

use chrono::NaiveDate;
use datafusion::arrow::array::{ArrayRef, AsArray as _};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, TimeUnit};
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::AggregateUDF;
use headroom_portfolio::returns::{Day, DayCount, Payment, daily, xirr as rate_of};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::gather::{Gather, aggregate, days};
use crate::catalog::DECIMAL;
use crate::error::SqlError;

const MONEY: DataType = DataType::Decimal128(DECIMAL.0, DECIMAL.1);

fn time() -> DataType {
    DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))
}

/// The yearly rate at which payments balance (negative is paid in), days in UTC over 365 as in spreadsheets: 0.1 is 10 %.
/// NULL where there is none.
pub(super) fn xirr() -> AggregateUDF {
    aggregate::<All<Payment>>("xirr", vec![time(), MONEY])
}

/// The time-weighted return of days: their values at the close, what was put in at their start and taken out at their end.
/// 0.1 is 10 %, not annualised. NULL where a value is missing that it depends on.
pub(super) fn twr() -> AggregateUDF {
    aggregate::<All<Day>>("twr", vec![time(), MONEY, MONEY, MONEY])
}

/// What a row says, of which a return is made.
trait Told: Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    fn of(columns: &[ArrayRef]) -> Result<Vec<Self>>;
    fn answer(all: &[Self]) -> Option<f64>;
}

/// All rows of a group.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "")]
struct All<T: Told>(Vec<T>);

impl<T: Told> Default for All<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Told> Gather for All<T> {
    fn rows(&mut self, columns: &[ArrayRef]) -> Result<()> {
        self.0.extend(T::of(columns)?);
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.0.extend(other.0);
        Ok(())
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn answer(&self) -> Option<f64> {
        T::answer(&self.0)
    }
}

impl Told for Payment {
    fn of(columns: &[ArrayRef]) -> Result<Vec<Self>> {
        let rows = days(&columns[0]).zip(amounts(&columns[1])?);
        Ok(rows.filter_map(|(date, amount)| Some(Self { date: date?, amount: amount? })).collect())
    }

    fn answer(all: &[Self]) -> Option<f64> {
        rate_of(all, DayCount::default()).ok().map(|found| found.rate)
    }
}

impl Told for Day {
    fn of(columns: &[ArrayRef]) -> Result<Vec<Self>> {
        let (values, inflows, outflows) =
            (amounts(&columns[1])?, amounts(&columns[2])?, amounts(&columns[3])?);
        let day = |(row, date): (usize, Option<NaiveDate>)| {
            let of = |flows: &[Option<Decimal>]| flows[row].unwrap_or_default();
            Some(Self { date: date?, value: values[row], inflow: of(&inflows), outflow: of(&outflows) })
        };
        Ok(days(&columns[0]).enumerate().filter_map(day).collect())
    }

    fn answer(all: &[Self]) -> Option<f64> {
        daily(all).ok().map(|found| found.total)
    }
}

/// The amounts of a column; NULL is none.
fn amounts(column: &ArrayRef) -> Result<Vec<Option<Decimal>>> {
    let amount = |units: i128| {
        let scale = u32::from(DECIMAL.1.unsigned_abs());
        Decimal::try_from_i128_with_scale(units, scale).map_err(|_| {
            let words = format!("an amount of {} has more than 28 digits", units / 10_i128.pow(scale));
            DataFusionError::External(Box::new(SqlError::Overflow(words)))
        })
    };
    column.as_primitive::<Decimal128Type>().iter().map(|units| units.map(amount).transpose()).collect()
}
