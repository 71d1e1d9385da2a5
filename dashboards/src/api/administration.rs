//! What administrators see and do: accounts, tokens and sessions of their own tenant, and how the node is set up.

pub(crate) mod accounts;
pub(crate) mod node;
pub(crate) mod sessions;
pub(crate) mod tokens;
