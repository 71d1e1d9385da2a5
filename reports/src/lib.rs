//! Documents with charts, as HTML and PDF.
