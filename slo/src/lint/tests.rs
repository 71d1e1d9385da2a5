#![allow(clippy::unwrap_used)]

use std::path::Path;

use proptest::prelude::*;

use super::*;

/// Name and text of the files of a folder of this crate, by name.
fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn linted(files: &[(String, String)]) -> Findings {
    lint(files.iter().map(|(name, text)| (name.as_str(), text.as_str())), &[])
}

#[test]
fn whatever_the_specification_allows_has_no_fault() {
    let found = linted(&files("src/lint/files/valid"));
    assert_eq!(found.faults, []);
    insta::assert_snapshot!("valid", found.to_string());
}

#[test]
fn every_fault_of_a_file_is_told() {
    for (name, text) in files("src/lint/files/invalid") {
        let found = linted(&[(name.clone(), text)]);
        assert!(!found.faults.is_empty());
        insta::assert_snapshot!(name.trim_end_matches(".yaml"), found.to_string());
    }
}

#[test]
fn the_sample_platform_has_nothing_to_be_told() {
    let files = files("../sample-data/slos");
    assert!(files.len() >= 4);
    assert_eq!(linted(&files), Findings::default());
}

#[test]
fn a_slip_anywhere_is_a_fault_there() {
    let slip = |text: &str, word: &str| -> Option<(usize, usize)> {
        let at = text.find(&format!("{word}:"))?;
        let before = &text[..at];
        let line = before.matches('\n').count() + 1;
        Some((line, at - before.rfind('\n').map_or(0, |n| n + 1) + 1))
    };
    let text = &files("src/lint/files/valid").into_iter().find(|(name, _)| name == "slos.yaml").unwrap().1;
    for word in
        ["service", "indicatorRef", "timeWindow", "duration", "isRolling", "budgetingMethod", "target"]
    {
        let (line, column) = slip(text, word).unwrap();
        let wrong = text.replacen(&format!("{word}:"), &format!("x{word}:"), 1);
        let found = lint([("slos.yaml", wrong.as_str())], &[]);
        let fault = found.faults.iter().find(|fault| fault.path.ends_with(&format!("x{word}"))).unwrap();
        assert_eq!((fault.line, fault.column), (line, column), "{fault}");
    }
}

proptest! {
    /// Whatever becomes of a file, it is read to its end, and what is told has a place in it.
    #[test]
    fn any_text_has_an_answer(
        name in prop::sample::select(vec!["slos.yaml", "slis.yaml", "alerting.yaml", "sources.yaml", "list.yaml"]),
        cuts in prop::collection::vec((0.0_f64..1.0, 0_usize..40, "[ \\-:{}\\[\\]&*!|>'\"#a-z0-9\n\tµ]{0,6}"), 1..4),
    ) {
        let text = files("src/lint/files/valid").into_iter().find(|(file, _)| file == name).unwrap().1;
        let mut letters: Vec<char> = text.chars().collect();
        for (at, length, inserted) in cuts {
            let from = (at * letters.len() as f64) as usize;
            let to = (from + length).min(letters.len());
            letters.splice(from..to, inserted.chars());
        }
        let text: String = letters.into_iter().collect();
        let found = lint([(name, text.as_str())], &[]);
        let lines = text.lines().count() + 1;
        for finding in found.faults.iter().chain(&found.notes) {
            prop_assert!((1..=lines).contains(&finding.line) && finding.column >= 1, "{finding}");
        }
        prop_assert_eq!(found.faults.is_empty(), crate::SloSet::parse([(name, text.as_str())]).is_ok());
    }
}
