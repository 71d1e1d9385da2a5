//! The built-in contracts, to be looked at.

use serde::Serialize;

use crate::schema::Schema;
use crate::source;

/// One version of a built-in contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BuiltIn {
    /// The event's name on the wire: `order.placed`.
    pub event: &'static str,
    /// The version, from 1.
    pub version: u32,
    /// The event's name among people: `OrderPlaced`.
    pub title: String,
    /// Other names that the event may be sent under.
    pub aliases: Vec<String>,
    /// The file, as it was written.
    #[serde(skip)]
    pub text: &'static str,
}

/// The contracts that come with Headroom, by event and version.
pub fn list_built_in() -> Vec<BuiltIn> {
    let read = |(event, version, text)| {
        // A test reads them all.
        let schema = Schema::parse(event, version, text).expect("invariant: built-in contracts are right");
        let title = schema.title().to_owned();
        BuiltIn { event, version, title, aliases: schema.aliases, text }
    };
    source::SCHEMAS.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_listed_in_order_with_their_names() {
        let all = list_built_in();
        assert!(all.is_sorted_by_key(|one| (one.event, one.version)));
        let placed = all.iter().find(|one| one.event == "order.placed").unwrap();
        assert_eq!((placed.version, placed.title.as_str()), (1, "OrderPlaced"));
        assert_eq!(placed.aliases, ["OrderPlaced"]);
        assert!(placed.text.starts_with('{'));
    }
}
