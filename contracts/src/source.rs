//! Where contracts come from: the built-in files, or a folder.

mod built_in;

pub(crate) use built_in::{SCHEMAS, built_in};

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use crate::error::{ContractsError, Result};
use crate::problem::Problem;

/// A file that claims to be a version of a contract.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) event: String,
    pub(crate) version: u32,
    pub(crate) text: Cow<'static, str>,
}

/// What a folder holds: documents by event and version, and files that are none.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    pub(crate) documents: Vec<Document>,
    pub(crate) problems: Vec<Problem>,
}

/// Reads `dir/<event>/<version>.json`. Files beside the events' folders that are no JSON
/// (a README, a licence) are nobody's business; hidden ones neither.
pub(crate) fn folder(dir: &Path) -> Result<Folder> {
    let mut folder = Folder::default();
    for (name, is_dir) in entries(dir)? {
        if !is_dir {
            if has_json_name(&name) {
                let detail = "must lie in a folder with the event's name, as <event>/<version>.json";
                folder.problems.push(Problem::with(name, detail));
            }
            continue;
        }
        if !is_event_name(&name) {
            let detail = "is no name for an event: letters, digits, '.', '_' and '-', a letter first";
            folder.problems.push(Problem::with(name, detail));
            continue;
        }
        event(dir, &name, &mut folder)?;
    }
    folder.documents.sort_by(|a, b| (&a.event, a.version).cmp(&(&b.event, b.version)));
    Ok(folder)
}

fn event(dir: &Path, event: &str, folder: &mut Folder) -> Result<()> {
    let inside = dir.join(event);
    let before = folder.documents.len();
    for (name, is_dir) in entries(&inside)? {
        let file = format!("{event}/{name}");
        let Some(version) = version(&name).filter(|_| !is_dir) else {
            let detail = "must be named by its version, 1.json, 2.json and so on";
            folder.problems.push(Problem::with(file, detail));
            continue;
        };
        let path = inside.join(&name);
        let bytes = fs::read(&path).map_err(|source| ContractsError::Read { path, source })?;
        match String::from_utf8(bytes) {
            Ok(text) => {
                let text = Cow::Owned(text);
                folder.documents.push(Document { event: event.to_owned(), version, text });
            }
            Err(error) => folder.problems.push(Problem::with(file, format!("is no text: {error}"))),
        }
    }
    if folder.documents.len() == before {
        folder.problems.push(Problem::with(event, "holds no version that can be read"));
    }
    Ok(())
}

/// Names and whether they are folders, without hidden ones, in order.
fn entries(dir: &Path) -> Result<Vec<(String, bool)>> {
    let read = || -> std::io::Result<Vec<(String, bool)>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // Follows links, as opening the file will.
            let is_dir = fs::metadata(entry.path())?.is_dir();
            entries.push((name, is_dir));
        }
        entries.retain(|(name, _)| !name.starts_with('.'));
        entries.sort();
        Ok(entries)
    };
    read().map_err(|source| ContractsError::Read { path: dir.to_owned(), source })
}

/// The version of `7.json`; none of `07.json`, `0.json` or `v7.json`.
fn version(name: &str) -> Option<u32> {
    let digits = name.strip_suffix(".json")?;
    let version = digits.parse().ok().filter(|version| *version > 0)?;
    (u32::to_string(&version) == digits).then_some(version)
}

fn has_json_name(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

fn is_event_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}
