//! What can go wrong while a report is made.

use std::path::PathBuf;

use thiserror::Error;

/// The crate's result.
pub type Result<T> = std::result::Result<T, ReportError>;

/// An error of this crate.
#[derive(Debug, Error)]
pub enum ReportError {
    /// A file name whose ending names no format.
    #[error("cannot tell the format of {path}: name a file that ends in .html, .htm or .pdf")]
    Extension {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be written; what stood there before is untouched.
    #[error("could not write {path}: {source}; check that the folder exists and can be written to")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A chart could not be painted.
    #[error("could not paint the chart: {problem}; take it as SVG instead and report it as a defect")]
    Picture {
        /// What was refused.
        problem: String,
    },
    /// The PDF library refused the document.
    #[error("could not make the PDF: {0}; write it as .html instead and report this document as a defect")]
    Pdf(String),
}
