//! How many connections may be open: in all, of one tenant, and of one user, so that nobody can take all places.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::SqlConfig;

/// Whose places are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Owner {
    All,
    Tenant(String),
    User(String),
}

/// The open connections of those who have logged in.
#[derive(Debug)]
pub(crate) struct Places {
    all: usize,
    tenant: usize,
    user: usize,
    taken: Mutex<HashMap<Owner, usize>>,
}

impl Places {
    pub(crate) fn new(config: &SqlConfig) -> Self {
        let all = config.connections.max(1);
        // Whatever is configured, one place is left for others.
        let tenant = config.connections_per_tenant.min(all - 1).max(1);
        let user = config.connections_per_user.min(tenant).max(1);
        Self { all, tenant, user, taken: Mutex::default() }
    }

    /// A place for a user, or why there is none.
    pub(crate) fn take(self: &Arc<Self>, tenant: &str, user: &str) -> Result<Place, String> {
        let owners = [Owner::User(user.to_owned()), Owner::Tenant(tenant.to_owned()), Owner::All];
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        for owner in &owners {
            let (most, whose) = match owner {
                Owner::User(user) => (self.user, format!("user {user:?} has")),
                Owner::Tenant(_) => (self.tenant, "your tenant has".to_owned()),
                Owner::All => (self.all, "there are".to_owned()),
            };
            if taken.get(owner).is_some_and(|open| *open >= most) {
                return Err(format!("too many connections: {whose} {most} already"));
            }
        }
        for owner in &owners {
            *taken.entry(owner.clone()).or_default() += 1;
        }
        Ok(Place { places: Arc::clone(self), owners })
    }
}

/// One open connection's place; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    owners: [Owner; 3],
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        for owner in &self.owners {
            if let Some(open) = taken.get_mut(owner) {
                *open -= 1;
                if *open == 0 {
                    taken.remove(owner);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_all_places() {
        let config = SqlConfig {
            connections: 4,
            connections_per_tenant: 3,
            connections_per_user: 2,
            ..SqlConfig::default()
        };
        let places = Arc::new(Places::new(&config));
        let ada = [places.take("acme", "ada"), places.take("acme", "ada")];
        assert_eq!(
            places.take("acme", "ada").unwrap_err(),
            "too many connections: user \"ada\" has 2 already"
        );
        let bob = places.take("acme", "bob").expect("a place");
        let full = places.take("acme", "eve").unwrap_err();
        assert_eq!(full, "too many connections: your tenant has 3 already");
        let other = places.take("other", "zoe").expect("a place");
        let full = places.take("other", "yan").unwrap_err();
        assert_eq!(full, "too many connections: there are 4 already");
        drop(ada);
        let again = places.take("other", "yan").expect("a place");
        drop((bob, other, again));
        assert!(places.taken.lock().expect("not poisoned").is_empty());

        let wide = SqlConfig { connections: 2, ..SqlConfig::default() };
        let places = Arc::new(Places::new(&wide));
        let _ada = places.take("acme", "ada").expect("a place");
        assert!(places.take("acme", "bob").is_err(), "the last place is for another tenant");
        assert!(places.take("other", "zoe").is_ok());
    }
}
