//! The contracts that come with Headroom, compiled in.

use std::borrow::Cow;

use super::{Document, Folder};

/// The files of `schemas/`, by event and version.
macro_rules! schemas {
    ($($event:literal $version:literal)*) => {
        [$(($event, $version, include_str!(concat!("../../schemas/", $event, "/", $version, ".json")))),*]
    };
}

pub(crate) const SCHEMAS: [(&str, u32, &str); 49] = schemas! {
    "booking.cancelled" 1
    "booking.corrected" 1
    "customer.registered" 1
    "customer.registered" 2
    "deployment.failed" 1
    "deployment.finished" 1
    "deployment.finished" 2
    "deployment.rolled_back" 1
    "deployment.rolled_back" 2
    "deployment.started" 1
    "deployment.started" 2
    "deposit.completed" 1
    "deposit.completed" 2
    "deposit.failed" 1
    "deposit.initiated" 1
    "dividend.paid" 1
    "dividend.paid" 2
    "fee.charged" 1
    "fee.charged" 2
    "fx.updated" 1
    "interest.paid" 1
    "invoice.issued" 1
    "invoice.paid" 1
    "kyc.approved" 1
    "kyc.completed" 1
    "kyc.rejected" 1
    "kyc.submitted" 1
    "order.accepted" 1
    "order.cancelled" 1
    "order.filled" 1
    "order.filled" 2
    "order.partially_filled" 1
    "order.partially_filled" 2
    "order.placed" 1
    "order.rejected" 1
    "price.updated" 1
    "price.updated" 2
    "risk.checked" 1
    "session.started" 1
    "split.applied" 1
    "symbol.changed" 1
    "tax.withheld" 1
    "trade.executed" 1
    "transaction.created" 1
    "transaction.failed" 1
    "withdrawal.completed" 1
    "withdrawal.completed" 2
    "withdrawal.failed" 1
    "withdrawal.initiated" 1
};

/// The built-in contracts, like a folder that was read.
pub(crate) fn built_in() -> Folder {
    let document = |(event, version, text): (&str, u32, &'static str)| Document {
        event: event.to_owned(),
        version,
        text: Cow::Borrowed(text),
    };
    Folder { documents: SCHEMAS.map(document).into(), problems: Vec::new() }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_is_compiled_in() {
        let folder = super::super::folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")).unwrap();
        assert_eq!(folder.problems, []);
        let key = |folder: &Folder| -> Vec<(String, u32, String)> {
            folder.documents.iter().map(|d| (d.event.clone(), d.version, d.text.to_string())).collect()
        };
        assert_eq!(key(&folder), key(&built_in()));
    }
}
