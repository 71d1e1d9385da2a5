//! Texts that programs wrote for people: a log's message, why a call failed. E-mail addresses in them are masked as on
//! the pages: `jane@doe.com` is `j***@d***.com`. Whatever is asked of such a text is asked of the masked one, so that
//! nobody guesses an address letter by letter.

use headroom_store::literal;

/// An address: what begins the user and the host, and the last part of the host.
const ADDRESS: &str = r"([\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]*@([\p{L}\p{N}_%+-])(?:[\p{L}\p{N}._%+@-]*(\.[\p{L}\p{N}_%+-]+))?[\p{L}\p{N}._%+@-]*";

/// The text with its addresses masked.
pub(super) fn masked(raw: &str) -> String {
    let (address, mask) = (literal::string(ADDRESS), literal::string(r"\1***@\2***\3"));
    format!("if(position({raw}, '@') = 0, {raw}, replaceRegexpAll({raw}, {address}, {mask}))")
}
