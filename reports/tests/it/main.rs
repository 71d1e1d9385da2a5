//! Reports as those see them who are handed one.
#![allow(clippy::unwrap_used)]

mod charts;
mod files;
mod html;
mod make;
mod pdf;
mod pdf_reader;
