//! Names of fields: one spelling for files and for OpenTelemetry attributes.

/// The event's own id, in every source.
pub(crate) const EVENT_ID: &str = "event_id";
/// The event's name, in every source.
pub(crate) const EVENT_NAME: &str = "event_name";
/// The event's time, in every source, whatever the source calls it.
pub(crate) const TIME: &str = "time";

/// The name as this crate spells it: `customer.id` and `customer_id` are the same field.
pub fn canonical(name: &str) -> String {
    name.trim().replace('.', "_")
}

/// Whether a field holds an amount by its name: `amount`, `fee`, `settled_price`.
pub(crate) fn is_decimal(name: &str) -> bool {
    ["amount", "quantity", "price", "fee"]
        .iter()
        .any(|word| name.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with('_')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_and_underscores_are_one() {
        assert_eq!(canonical(" customer.id"), "customer_id");
        assert_eq!(canonical("zahlungs.größe"), "zahlungs_größe");
    }

    #[test]
    fn amounts_are_known_by_name() {
        for name in ["amount", "fee", "net_amount", "limit_price", "order_quantity"] {
            assert!(is_decimal(name), "{name}");
        }
        for name in ["coffee", "amount_id", "account", "version", "iban"] {
            assert!(!is_decimal(name), "{name}");
        }
    }
}
