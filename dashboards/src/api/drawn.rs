//! Documents as answers.

use crate::error::ApiError;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use headroom_reports::Document;
use serde::Deserialize;
use utoipa::ToSchema;

/// A report's file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ReportForm {
    /// A page of its own.
    Html,
    /// For printing.
    Pdf,
}

/// A document in a format, HTML by default; a PDF is a download called `name`. Drawing takes a processor for a while:
/// it holds up no other work.
pub(super) async fn drawn(
    document: Document,
    form: Option<ReportForm>,
    name: &str,
) -> Result<Response, ApiError> {
    if form != Some(ReportForm::Pdf) {
        let html = tokio::task::spawn_blocking(move || document.to_html()).await;
        let html = html.map_err(|error| ApiError::internal(&error))?;
        return Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response());
    }
    let pdf = tokio::task::spawn_blocking(move || document.to_pdf()).await;
    let pdf = pdf.map_err(|error| ApiError::internal(&error))?.map_err(|error| ApiError::internal(&error))?;
    let kept = format!("attachment; filename=\"{name}.pdf\"");
    let headers = [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, kept)];
    Ok((headers, pdf).into_response())
}
