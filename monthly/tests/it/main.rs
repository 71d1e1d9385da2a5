//! Reports about a month with a known outage and missing hours, over a real store and control state.
#![allow(clippy::unwrap_used, missing_docs)]

mod bodies;
mod documents;
mod month;
#[allow(dead_code, reason = "it is the reader of the crate that writes PDFs")]
#[path = "../../../reports/tests/it/pdf_reader.rs"]
mod pdf_reader;
