//! Signing in at an OpenID provider: the authorization code flow with PKCE, by OpenID Connect Core 1.0 and RFC 9700.
//!
//! The way of a sign-in: [`Provider::begin`] makes an address at the provider and what must be remembered
//! ([`Pending`]), which the browser keeps in a cookie -> the person signs in there -> the provider sends the browser
//! back with a code -> [`Provider::finish`] holds the answer against what is remembered, takes the code to the
//! provider's token endpoint, judges the ID token ([`token`]), and says who it is ([`Identity`]) by the configuration's
//! map of roles.
//!
//! - [`config`]: the table `[auth.oidc]`, and which account the claims are.
//! - [`token`]: an ID token judged; no network, no clock.
//! - `keys`: the provider's keys as its JWKS has them, and signatures held against them.
//! - `discovery`: what the provider says of itself, and fetching its keys: cached, and fetched anew for a key that is
//!   not known, once a minute at most.
//! - `pending`: state, nonce and verifier, from the one request to the other.
//!
//! # Invariants
//!
//! - A token is judged by the algorithm of the *key*: RS256, ES256 or EdDSA. `none` and HMAC are no such algorithm.
//! - No request goes where `headroom-outbound` does not allow it, and the provider is spoken to by HTTPS, or in plain
//!   text only at an address of `allow_networks`.
//! - A state is taken once.

pub mod config;
mod discovery;
mod error;
mod keys;
mod pending;
mod provider;
pub mod token;

pub use config::{Identity, OidcConfig};
pub use error::{OidcError, Result};
pub use pending::{PENDING_FOR, Pending};
pub use provider::{Answer, Provider};
