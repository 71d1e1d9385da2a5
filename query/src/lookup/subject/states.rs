//! States that travel in an attribute instead of an event's name: OrdStatus (39) of FIX, and payment states of
//! ISO 20022, from `data/states.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Flow, Stage, flow};
use crate::events::Event;

/// A state in words.
#[derive(Debug, Deserialize)]
pub(in crate::lookup) struct State {
    pub(in crate::lookup) title: String,
    pub(in crate::lookup) stage: Stage,
}

#[derive(Debug, Deserialize)]
struct States {
    order: BTreeMap<String, State>,
    payment: BTreeMap<String, State>,
}

static STATES: LazyLock<States> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../data/states.json"))
        .expect("invariant: data/states.json is read in a test")
});

/// The state that an event's `order.status` or `payment.status` names, if it is one of the standard's.
pub(in crate::lookup) fn state(event: &Event) -> Option<&'static State> {
    let (states, key) = match flow(&event.name)? {
        Flow::Order => (&STATES.order, "order.status"),
        Flow::Deposit | Flow::Withdrawal => (&STATES.payment, "payment.status"),
        Flow::Kyc => return None,
    };
    states.get(&event.attribute(key)?.trim().to_ascii_lowercase())
}
