//! What was published stays as it was.

use serde_json::Value as Json;

use crate::problem::{Problem, step};
use crate::schema::file;
use crate::source::{Document, Folder};

/// Versions of `published` that are gone from `now`, or say something else there.
pub(super) fn changes(published: &Folder, now: &Folder) -> Vec<Problem> {
    let mut changes: Vec<Problem> = published.problems.iter().cloned().map(of_published).collect();
    for old in &published.documents {
        let file = file(&old.event, old.version);
        let same = |new: &&Document| new.event == old.event && new.version == old.version;
        let Some(new) = now.documents.iter().find(same) else {
            let detail = "was published and is gone: stored events of this version need it";
            changes.push(Problem::with(file, detail));
            continue;
        };
        match (serde_json::from_str(&old.text), serde_json::from_str(&new.text)) {
            (Ok(old), Ok(new)) => {
                let mut pointers = Vec::new();
                differ(&rules(old), &rules(new), String::new(), &mut pointers);
                changes.extend(pointers.into_iter().map(|pointer| {
                    let detail = "was changed after it was published: put it back, and add a version";
                    Problem { pointer, ..Problem::with(file.clone(), detail) }
                }));
            }
            (Err(error), _) => {
                changes.push(of_published(Problem::syntax(&file, &error)));
            }
            // The check of the folder itself says so.
            (Ok(_), Err(_)) => {}
        }
    }
    changes
}

fn of_published(problem: Problem) -> Problem {
    Problem { file: format!("published {}", problem.file), ..problem }
}

/// A contract without what may be reworded at any time. An attribute may be called
/// `description`; only the keyword goes.
fn rules(mut json: Json) -> Json {
    let reword = |json: &mut Json| {
        if let Json::Object(object) = json {
            object.remove("description");
            object.remove("examples");
        }
    };
    reword(&mut json);
    if let Some(Json::Object(properties)) = json.get_mut("properties") {
        properties.values_mut().for_each(reword);
    }
    json
}

/// Appends where two JSON values differ; a list counts as one.
fn differ(old: &Json, new: &Json, pointer: String, found: &mut Vec<String>) {
    match (old, new) {
        (Json::Object(old), Json::Object(new)) => {
            for (key, value) in old {
                differ(value, new.get(key).unwrap_or(&Json::Null), step(&pointer, key), found);
            }
            let added = new.keys().filter(|key| !old.contains_key(*key));
            found.extend(added.map(|key| step(&pointer, key)));
        }
        _ if old == new => {}
        _ => found.push(pointer),
    }
}
