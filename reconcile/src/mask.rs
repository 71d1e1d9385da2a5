//! What may be shown of a value: reports travel further than stores.

use std::collections::BTreeSet;

use headroom_query::lookup;
use headroom_store::schema::PERSONAL_KEYS;

use crate::field::canonical;

/// Masks values of personal fields.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mask {
    /// Fields that are personal here, beside those that are personal everywhere.
    pub(crate) more: BTreeSet<String>,
}

impl Mask {
    /// Whether values of the field must not be shown.
    pub(crate) fn hides(&self, field: &str) -> bool {
        self.more.contains(field) || personal_key(field).is_some()
    }

    /// The value, or what may be shown of it.
    pub(crate) fn shown(&self, field: &str, text: &str) -> String {
        match personal_key(field) {
            Some(key) => lookup::shown(key, text.to_owned()),
            None if self.more.contains(field) => "***".to_owned(),
            None => text.to_owned(),
        }
    }
}

fn personal_key(field: &str) -> Option<&'static str> {
    PERSONAL_KEYS.into_iter().find(|key| canonical(key) == field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_values_are_masked_under_either_spelling() {
        let mask = Mask { more: BTreeSet::from(["iban".to_owned()]) };
        assert_eq!(mask.shown("customer_email", "jane@doe.com"), "j***@d***.com");
        assert_eq!(mask.shown("iban", "DE89 3704"), "***");
        assert_eq!(mask.shown("amount", "10"), "10");
        assert!(mask.hides("user_full_name") && !mask.hides("currency"));
    }
}
