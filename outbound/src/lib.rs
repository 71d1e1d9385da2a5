//! HTTP to addresses that people wrote into a configuration: receivers of webhooks, feeds of calendars, what is probed.
//!
//! Headroom stands inside the network, and such an address may name anything in it. [`client`] makes a client that
//! knocks only where [`guard`] allows, follows no redirect and uses no proxy (both would lead past the guard), and gives
//! up in time. Check a URL with [`guard::check_literal`] before each request: a host that is written as an address
//! never meets the resolver. Public addresses may be reached, and of the others those of the [`Networks`] that stand
//! beside the address; what tells a machine its credentials (cloud metadata) never. [`reason`] tells why a request failed without the address, which may hold a secret.

pub mod guard;
mod networks;

use std::sync::Arc;
use std::time::Duration;

use guard::GuardedResolver;

pub use networks::Networks;

/// A client that reaches public addresses, and those private ones that are `allowed`; an answer must be there, whole,
/// within `timeout`.
///
/// # Errors
/// The TLS library cannot be set up.
pub fn client(allowed: &Networks, timeout: Duration) -> Result<reqwest::Client, reqwest::Error> {
    builder(allowed).timeout(timeout).build()
}

/// The beginnings of such a client, for those who have more to say.
pub fn builder(allowed: &Networks) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .dns_resolver(Arc::new(GuardedResolver { allowed: allowed.clone() }))
        .redirect(reqwest::redirect::Policy::none())
        // A proxy would resolve names itself, past the guard.
        .no_proxy()
        .user_agent(concat!("headroom/", env!("CARGO_PKG_VERSION")))
}

/// All causes of a failed request in one line, without the address (it may hold a secret).
pub fn reason(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
