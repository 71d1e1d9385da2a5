//! Contracts of business events: what an event must carry, in which versions, and what happens
//! when it does not.
//!
//! A contract is a folder named like the event on the wire, with a file per version:
//! `order.placed/1.json`. Each file is a JSON Schema (draft 2020-12, the part of it that flat
//! OpenTelemetry attributes need) in which the properties are attributes. `docs/contracts.md`
//! is the guide for those who write them; the built-in ones lie in `schemas/`.
//!
//! **The way of an event.** [`Registry::judge`] runs once for every event that arrives. The name
//! (or an alias, such as `OrderPlaced`) finds the contract, the attribute `event.version` finds
//! the [`Schema`], and one walk over the attributes finds the faults. Nothing is allocated for
//! an event that is right. The answer is a [`Verdict`]: valid; no contract, which is allowed; or
//! a breach with its [`Fault`]s, each with the field, the rule and what was found, in words.
//! A version that nobody described is a breach: an event that cannot be read is kept aside and
//! not guessed at. Values of personal fields never appear in a fault.
//!
//! **The way of a change.** [`check`] reads a folder of contracts, names everything in it that
//! is no contract ([`Problem`]), and compares each version with those before it ([`compare`]).
//! What an [`Incompatibility`] is, depends on the [`Mode`]; events are kept for years and
//! replayed, so the default asks for both directions against every version. Given the folder as
//! it was, `check` also refuses versions that were changed after they were published.
//!
//! **The parts.** `source` finds files, `schema` reads one and judges by it, `catalog` is all
//! the contracts of a folder with the rules between files, `registry` is the catalogs in force,
//! `compat` compares two versions, `check` puts the report together. Nothing here does I/O but
//! `source`, and nothing knows OTLP: callers hand over borrowed [`Value`]s.

mod catalog;
mod check;
mod compat;
mod decimal;
mod error;
mod listing;
mod problem;
mod registry;
mod rule;
mod schema;
mod source;
mod value;
mod verdict;

pub use check::{CheckReport, check, check_built_in};
pub use compat::{Breaks, Incompatibility, Mode, UnknownMode, compare};
pub use error::{ContractsError, Result};
pub use listing::{BuiltIn, list_built_in};
pub use problem::Problem;
pub use registry::Registry;
pub use rule::Rule;
pub use schema::Schema;
pub use value::Value;
pub use verdict::{Fault, Verdict};
