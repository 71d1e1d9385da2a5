//! Random secrets and their hashes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore as _;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// `N` bytes from the operating system's generator.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// 256 random bits as 43 characters of base64url.
pub fn random_text() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

/// What is stored of a secret of full entropy (tokens, cookies).
pub(crate) fn sha256(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Compares without telling by its running time where two secrets differ.
/// Inputs of different lengths are unequal.
///
/// ```
/// assert!(headroom_control::same_secret(b"abc", b"abc"));
/// assert!(!headroom_control::same_secret(b"abc", b"abd"));
/// ```
pub fn same_secret(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_only_when_every_byte_is() {
        assert!(same_secret(b"", b""));
        assert!(same_secret(b"token", b"token"));
        assert!(!same_secret(b"token", b"tokeN"));
        assert!(!same_secret(b"Xoken", b"token"));
        assert!(!same_secret(b"token", b"token "));
    }

    #[test]
    fn random_text_is_43_url_safe_characters_and_never_repeats() {
        let (one, two) = (random_text(), random_text());
        assert_eq!(one.len(), 43);
        assert!(one.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        assert_ne!(one, two);
    }
}
