#![allow(missing_docs)]

mod objective;
mod prober;
mod server;
mod steps;
mod wording;
