//! Contracts as their users meet them: the built-in ones, folders of one's own, events.
#![allow(missing_docs)]

mod allocations;
mod folders;
mod judge;
mod sample;

use std::path::{Path, PathBuf};

/// A folder of `tests/data`.
fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// A complete and right `order.placed` of version 1.
const PLACED: [(&str, headroom_contracts::Value<'_>); 11] = {
    use headroom_contracts::Value::{Int, Text};
    [
        ("event.id", Text("evt_1")),
        ("customer.id", Text("cus_104233")),
        ("order.id", Text("ord_5f0c9a12be")),
        ("account.id", Text("acc_104233")),
        ("portfolio.id", Text("pf_104233")),
        ("symbol", Text("AAPL")),
        ("side", Text("buy")),
        ("quantity", Int(10)),
        ("price", Text("187.25")),
        ("currency", Text("USD")),
        ("order.type", Text("limit")),
    ]
};
