//! What a valuation is made of, from the store: bookings, what became of instruments, prices and rates.
//!
//! Bookings of a portfolio lie side by side in `bookings`, whatever their time; splits and symbol changes belong to no
//! portfolio and are few; prices and rates come from the last quotes of each day and minute, and only within
//! the minute that is asked for from the events themselves.

mod bookings;
mod instruments;
mod quotes;

pub(super) use bookings::{Books, MOST_BOOKINGS, Owner, all_bookings, bookings};
pub(super) use instruments::{about, instruments, symbols_of, with_events};
pub(super) use quotes::{Quotes, closing, last};
