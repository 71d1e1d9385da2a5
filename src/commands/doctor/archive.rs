//! The check of the archive.

use crate::commands::archive::size;
use crate::config::Config;
use crate::node::archive;
use anyhow::Result;
use chrono::Utc;
use headroom_archive::{Standing, status};
use headroom_sql::{ARCHIVED_VIEWS, StoreSource};
use headroom_store::Store;
use headroom_store::doctor::{Check, Status};

/// How the archive stands, if there is one.
pub(super) async fn checks(config: &Config, store: &Store) -> Vec<Check> {
    if !config.archive.is_on() {
        return Vec::new();
    }
    match standings(config, store).await {
        Ok(standings) => vec![told(&standings)],
        Err(error) => vec![Check {
            name: "archive",
            status: Status::Fail,
            detail: error.to_string(),
            hint: "days expire without being archived: check [archive] url and its credentials".to_owned(),
        }],
    }
}

async fn standings(config: &Config, store: &Store) -> Result<Vec<Standing>> {
    let Some(place) = archive::place(config)? else { return Ok(Vec::new()) };
    let source = StoreSource::new(store.clone(), config.retention);
    Ok(status(&place, &ARCHIVED_VIEWS, Some((&source, &config.archive, Utc::now()))).await?)
}

fn told(standings: &[Standing]) -> Check {
    let days: usize = standings.iter().map(|one| one.days).sum();
    let bytes = size(standings.iter().map(|one| one.bytes).sum());
    let behind: usize = standings.iter().filter_map(|one| one.behind).sum();
    if behind == 0 {
        let detail = format!("{days} days, {bytes}");
        return Check { name: "archive", status: Status::Ok, detail, hint: String::new() };
    }
    Check {
        name: "archive",
        status: Status::Warn,
        detail: format!("{days} days, {bytes}; {behind} days are behind"),
        hint: "a node with the role alerts catches up each hour; its log says what holds it up".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_behind_is_a_warning() {
        let standing = |behind| Standing {
            view: "spans".to_owned(),
            tenant: "main".to_owned(),
            from: None,
            until: None,
            days: 3,
            rows: 9,
            bytes: 2048,
            behind: Some(behind),
        };
        assert_eq!(
            (told(&[standing(0)]).status, told(&[standing(0)]).detail.as_str()),
            (Status::Ok, "3 days, 2.0 KiB")
        );
        assert_eq!(told(&[standing(0), standing(2)]).status, Status::Warn);
    }
}
