//! The wire contract of KEDA's external scalers, generated from `proto/externalscaler.proto`.

#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

include!("proto/externalscaler.rs");
