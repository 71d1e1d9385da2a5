//! A report as a file: whole or not at all.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::document::Document;
use crate::error::{ReportError, Result};

impl Document {
    /// Writes the report in the format of the file name's ending: `.html`, `.htm` or `.pdf`, in any case.
    ///
    /// What stood there before is replaced at once, when the new file is complete and on disk. Errors: another
    /// ending, a folder that does not exist or cannot be written to, and those of [`Document::to_pdf`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let bytes = match Format::of(path)? {
            Format::Html => self.to_html().into_bytes(),
            Format::Pdf => self.to_pdf()?,
        };
        write_bytes(path, &bytes)
    }
}

/// A report's file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A page of its own.
    Html,
    /// For printing.
    Pdf,
}

impl Format {
    /// The format of a file name's ending: `.html`, `.htm` or `.pdf`, in any case.
    pub fn of(path: &Path) -> Result<Self> {
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        match ending.as_str() {
            "html" | "htm" => Ok(Self::Html),
            "pdf" => Ok(Self::Pdf),
            _ => Err(ReportError::Extension { path: path.to_owned() }),
        }
    }

    /// `html` or `pdf`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Pdf => "pdf",
        }
    }
}

/// Writes a report that is made already, as [`Document::write`] does: what stood there is replaced at once.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, bytes).map_err(|source| ReportError::Write { path: path.to_owned(), source })
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let (mut file, temporary) = beside(path, folder)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&temporary, path))
        // The rename itself is on disk when the folder is.
        .and_then(|()| File::open(folder)?.sync_all());
    if written.is_err() {
        // The first error is the one to tell.
        fs::remove_file(&temporary).ok();
    }
    written
}

/// A new file in the same folder, by a name that no other has.
fn beside(path: &Path, folder: &Path) -> std::io::Result<(File, PathBuf)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut last = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
    for n in 0..100 {
        let temporary = folder.join(format!(".{name}.{}.{n}.tmp", std::process::id()));
        match File::options().write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((file, temporary)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}
