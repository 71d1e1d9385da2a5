//! Sign-ins at a provider that runs in the test and signs real tokens.
#![allow(clippy::unwrap_used, missing_docs)]

mod issuer;
mod sign_in;
