//! Answers as files.

use crate::cached::tag_of;
use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use headroom_sql::Batches;
use serde::Deserialize;
use utoipa::ToSchema;

/// Says that there are more rows than the file has.
const TRUNCATED: HeaderName = HeaderName::from_static("headroom-truncated");

/// How an answer is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SqlForm {
    /// Columns, rows and how long it took.
    #[default]
    Json,
    /// With a header; NULL is nothing between two commas, as is a text without characters.
    Csv,
    /// An Arrow IPC stream.
    Arrow,
    /// Parquet.
    Parquet,
}

/// The answer as a file; none for JSON, which is no file.
pub(super) fn response(answer: &Batches, form: SqlForm) -> Result<Option<Response>, ArrowError> {
    let (bytes, kind, end) = match form {
        SqlForm::Json => return Ok(None),
        SqlForm::Csv => (csv(answer)?, "text/csv; charset=utf-8", "csv"),
        SqlForm::Arrow => (ipc(answer)?, "application/vnd.apache.arrow.stream", "arrows"),
        SqlForm::Parquet => (parquet(answer)?, "application/vnd.apache.parquet", "parquet"),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, attachment(end)),
        (header::ETAG, tag_of(&bytes)),
        (TRUNCATED, HeaderValue::from_static(if answer.truncated { "true" } else { "false" })),
    ];
    Ok(Some((headers, bytes).into_response()))
}

fn attachment(end: &str) -> HeaderValue {
    let text = format!("attachment; filename=\"answer.{end}\"");
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("attachment"))
}

fn csv(answer: &Batches) -> Result<Vec<u8>, ArrowError> {
    let mut bytes = Vec::new();
    let mut writer = arrow::csv::WriterBuilder::new().with_header(true).build(&mut bytes);
    // Without rows there is a header all the same.
    let empty = RecordBatch::new_empty(answer.schema.clone());
    for batch in std::iter::once(&empty).chain(&answer.batches) {
        writer.write(batch)?;
    }
    drop(writer);
    Ok(bytes)
}

fn ipc(answer: &Batches) -> Result<Vec<u8>, ArrowError> {
    let mut writer = arrow::ipc::writer::StreamWriter::try_new(Vec::new(), &answer.schema)?;
    for batch in &answer.batches {
        writer.write(batch)?;
    }
    writer.into_inner()
}

fn parquet(answer: &Batches) -> Result<Vec<u8>, ArrowError> {
    let mut writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), answer.schema.clone(), None)?;
    for batch in &answer.batches {
        writer.write(batch)?;
    }
    Ok(writer.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, StringArray};
    use arrow::datatypes::{DataType, Field, Schema};
    use std::sync::Arc;

    fn answer(rows: usize) -> Batches {
        let fields =
            vec![Field::new("service", DataType::Utf8, true), Field::new("n", DataType::Int64, false)];
        let schema = Arc::new(Schema::new(fields));
        let names: StringArray = [Some("a,\"b\""), None].into_iter().cycle().take(rows).collect();
        let numbers = Int64Array::from_iter_values(0..rows as i64);
        let batch =
            RecordBatch::try_new(schema.clone(), vec![Arc::new(names), Arc::new(numbers)]).expect("a batch");
        let batches = if rows == 0 { Vec::new() } else { vec![batch] };
        Batches { schema, batches, truncated: rows > 2 }
    }

    #[test]
    fn csv_has_a_header_and_quotes() {
        let text = |rows| String::from_utf8(csv(&answer(rows)).expect("csv")).expect("text");
        assert_eq!(text(0), "service,n\n");
        assert_eq!(text(2), "service,n\n\"a,\"\"b\"\"\",0\n,1\n");
    }

    #[test]
    fn arrow_and_parquet_are_read_again() {
        let told = answer(3);
        let bytes = ipc(&told).expect("ipc");
        let stream = arrow::ipc::reader::StreamReader::try_new(&*bytes, None).expect("a stream");
        assert_eq!(stream.map(|batch| batch.expect("a batch")).collect::<Vec<_>>(), told.batches);
        let bytes = bytes::Bytes::from(parquet(&told).expect("parquet"));
        let reader =
            parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(bytes, 10).expect("a file");
        assert_eq!(reader.map(|batch| batch.expect("a batch")).collect::<Vec<_>>(), told.batches);
    }

    #[test]
    fn a_file_says_its_kind_and_whether_it_is_all() {
        let file = response(&answer(3), SqlForm::Csv).expect("csv").expect("a file");
        assert_eq!(
            (&file.headers()["headroom-truncated"], &file.headers()["content-type"]),
            (&HeaderValue::from_static("true"), &HeaderValue::from_static("text/csv; charset=utf-8"))
        );
        assert!(file.headers().contains_key("etag"));
        assert!(response(&answer(0), SqlForm::Json).expect("none").is_none());
    }
}
