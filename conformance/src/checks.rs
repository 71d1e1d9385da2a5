//! The list of all checks, by subject.

mod access;
mod compression;
mod connections;
mod json;
mod limits;
mod malformed;
mod partial;
mod protobuf;
mod routes;
mod rpc;
pub(crate) mod shapes;
mod success;
mod values;

use crate::check::Check;
use crate::fixture::Fixture;

/// What checks need to know of the run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// The receiver's limit, if it was told.
    pub(crate) max_body: Option<usize>,
    /// Whether a token was given.
    pub(crate) has_token: bool,
}

/// Every check, in the order they run.
pub(crate) fn all(fixture: &Fixture, setting: Setting) -> Vec<Check> {
    let mut checks = success::checks(fixture);
    checks.extend(compression::checks(fixture));
    checks.extend(limits::checks(fixture, setting));
    checks.extend(partial::checks(fixture, setting));
    checks.extend(malformed::checks(fixture, setting));
    checks.extend(routes::checks(fixture));
    checks.extend(rpc::checks(fixture));
    checks.extend(json::checks(fixture));
    checks.extend(values::checks(fixture));
    checks.extend(shapes::checks(fixture));
    checks.extend(protobuf::checks(fixture));
    checks.extend(connections::checks(fixture));
    checks.extend(access::checks(fixture, setting));
    checks
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::duty::DUTIES;

    #[test]
    fn ids_are_kebab_case_and_unique_and_duties_exist() {
        let checks = all(&Fixture::new(), Setting { max_body: None, has_token: false });
        let mut seen = HashSet::new();
        for check in &checks {
            assert!(
                check.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{}",
                check.id
            );
            assert!(check.id.starts_with(check.wire.id()) || check.id.starts_with("http-"), "{}", check.id);
            assert!(seen.insert(check.id.clone()), "{} is there twice", check.id);
            assert!((1..=DUTIES.len()).contains(&usize::from(check.duty)), "{}", check.id);
        }
        for duty in DUTIES.iter().filter(|duty| duty.number != 7) {
            assert_eq!(DUTIES[usize::from(duty.number) - 1].title, duty.title);
            assert!(checks.iter().any(|c| c.duty == duty.number), "no check of duty {}", duty.number);
        }
    }
}
