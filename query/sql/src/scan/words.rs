//! Texts that programs wrote for people: a log's message, why a call failed. E-mail addresses in them are masked as on
//! the pages: `jane@doe.com` is `j***@d***.com`. Whatever is asked of such a text is asked of the masked one, so that
//! nobody guesses an address letter by letter.

use headroom_store::literal;

use super::predicate::{Compare, Literal, Test};

/// An address: what begins the user and the host, and the last part of the host.
const ADDRESS: &str = r"([\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]*@([\p{L}\p{N}_%+-])(?:[\p{L}\p{N}._%+@-]*(\.[\p{L}\p{N}_%+-]+))?[\p{L}\p{N}._%+@-]*";

/// The text with its addresses masked.
pub(super) fn masked(raw: &str) -> String {
    let (address, mask) = (literal::string(ADDRESS), literal::string(r"\1***@\2***\3"));
    format!("if(position({raw}, '@') = 0, {raw}, replaceRegexpAll({raw}, {address}, {mask}))")
}

/// Whether the text as it is stored passes if and only if the masked one does: a mask has an `@`. So indexes are used.
pub(super) fn is_the_same_unmasked(test: &Test) -> bool {
    let plain = |one: &Literal| matches!(one, Literal::Text(text) if !text.is_empty() && !text.contains('@'));
    match test {
        Test::Compare(Compare::Eq, one) => plain(one),
        Test::In(literals) => literals.iter().all(plain),
        _ => false,
    }
}
