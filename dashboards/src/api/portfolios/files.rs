//! Positions as files.

use super::args::FileForm;
use crate::error::ApiError;
use arrow::array::{ArrayRef, Decimal128Array, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use headroom_portfolio::book::{PLACES, Position, units};
use headroom_query::portfolio::Portfolio;
use rust_decimal::Decimal;
use std::sync::Arc;

type Figure = fn(&Position) -> Option<Decimal>;

const FIGURES: [(&str, Figure); 10] = [
    ("quantity", |position| position.quantity),
    ("average_cost", |position| position.average_cost),
    ("cost_basis", |position| position.cost_basis),
    ("price", |position| position.price),
    ("market_value", |position| position.market_value),
    ("unrealised", |position| position.unrealised),
    ("realised", |position| position.realised),
    ("closed_cost", |position| position.closed_cost),
    ("income", |position| position.income),
    ("fees", |position| position.fees),
];

/// The positions in a file named after the portfolio.
pub(super) fn positions(portfolio: &Portfolio, form: FileForm) -> Result<Response, ApiError> {
    let batch = batch(&portfolio.valuation.positions).map_err(|error| ApiError::internal(&error))?;
    let (bytes, kind, end) = match form {
        FileForm::Csv => {
            (csv(&batch).map_err(|error| ApiError::internal(&error))?, "text/csv; charset=utf-8", "csv")
        }
        FileForm::Parquet => (
            parquet(&batch).map_err(|error| ApiError::internal(&error))?,
            "application/vnd.apache.parquet",
            "parquet",
        ),
    };
    // A name may hold anything; a header may not.
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = portfolio.portfolio_id.chars().map(safe).collect();
    let disposition = format!("attachment; filename=\"positions-{name}.{end}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response())
}

fn batch(positions: &[Position]) -> Result<RecordBatch, arrow::error::ArrowError> {
    let text = |of: fn(&Position) -> Option<String>| -> ArrayRef {
        Arc::new(positions.iter().map(of).collect::<StringArray>())
    };
    let mut fields = vec![Field::new("symbol", DataType::Utf8, true)];
    let mut columns = vec![text(|position| Some(position.symbol.clone()))];
    for (name, figure) in FIGURES {
        let units = positions.iter().map(|position| figure(position).map(units)).collect::<Decimal128Array>();
        columns.push(Arc::new(units.with_precision_and_scale(38, PLACES as i8)?));
        fields.push(Field::new(name, DataType::Decimal128(38, PLACES as i8), true));
    }
    let at = positions.iter().map(|position| position.price_at.map(|at| at.timestamp_millis()));
    columns.push(Arc::new(at.collect::<TimestampMillisecondArray>().with_timezone("UTC")));
    fields.push(Field::new("price_at", DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())), true));
    columns.push(text(|position| Some(position.currency.clone())));
    columns.push(text(|position| position.unavailable.clone()));
    fields.push(Field::new("currency", DataType::Utf8, true));
    fields.push(Field::new("unavailable", DataType::Utf8, true));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

fn csv(batch: &RecordBatch) -> Result<Vec<u8>, arrow::error::ArrowError> {
    let mut bytes = Vec::new();
    arrow::csv::WriterBuilder::new().with_header(true).build(&mut bytes).write(batch)?;
    Ok(bytes)
}

fn parquet(batch: &RecordBatch) -> Result<Vec<u8>, parquet::errors::ParquetError> {
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None)?;
    writer.write(batch)?;
    writer.close()?;
    Ok(bytes)
}
