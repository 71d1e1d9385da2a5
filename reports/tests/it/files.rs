//! Reports as files.

use std::fs;

use headroom_reports::ReportError;

use crate::make::document;

#[test]
fn the_ending_chooses_the_format_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let report = document("Files", vec![]);
    for (name, start) in [("a.html", "<!doctype html>"), ("b.HTM", "<!doctype html>"), ("c.pdf", "%PDF-1.7")]
    {
        let path = folder.path().join(name);
        fs::write(&path, "before").unwrap();
        report.write(&path).unwrap();
        assert!(fs::read(&path).unwrap().starts_with(start.as_bytes()), "{name}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "no temporary file stays");
}

#[test]
fn other_endings_and_other_places_are_refused_with_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let report = document("Files", vec![]);
    for name in ["report.docx", "report", ".pdf"] {
        let error = report.write(folder.path().join(name)).unwrap_err();
        assert!(matches!(error, ReportError::Extension { .. }), "{error}");
        assert!(error.to_string().contains(".html, .htm or .pdf"), "{error}");
    }
    let error = report.write(folder.path().join("no/such/folder/a.pdf")).unwrap_err();
    assert!(matches!(error, ReportError::Write { .. }) && error.to_string().contains("a.pdf"), "{error}");
    let taken = folder.path().join("taken.html");
    fs::create_dir(&taken).unwrap();
    assert!(report.write(&taken).is_err());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
}
