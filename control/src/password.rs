//! Passwords: argon2id for the web, a SCRAM verifier for the Postgres door.

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::{ControlError, Result, secret};

/// PBKDF2 rounds of new SCRAM verifiers; RFC 7677 asks for 4096 at least.
/// The Postgres front announces one number to every client, so it is fixed.
pub const SCRAM_ITERATIONS: u32 = 4096;

/// Fewest characters of a password.
pub const MIN_PASSWORD_CHARS: usize = 8;

/// Most bytes of a password: hashing cost must not be the caller's choice.
const MAX_PASSWORD_BYTES: usize = 1024;

/// What a SCRAM-SHA-256 server needs to check a proof (RFC 5802).
///
/// `salted_password` lets its holder log in as the user: treat as a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Scram {
    /// Random, 16 bytes.
    pub salt: Vec<u8>,
    /// PBKDF2 rounds.
    pub iterations: u32,
    /// `Hi(SASLprep(password), salt, iterations)`, 32 bytes.
    pub salted_password: Vec<u8>,
}

impl std::fmt::Debug for Scram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scram").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

impl Scram {
    /// Derives the verifier of a new password, with a fresh salt.
    pub fn derive(password: &str) -> Self {
        let salt = secret::random::<16>();
        Self {
            salt: salt.to_vec(),
            iterations: SCRAM_ITERATIONS,
            salted_password: salted_password(password, &salt, SCRAM_ITERATIONS).to_vec(),
        }
    }
}

/// `SaltedPassword` of RFC 5802, section 3. A password that SASLprep refuses is
/// used as it is, as PostgreSQL does on both ends.
pub fn salted_password(password: &str, salt: &[u8], iterations: u32) -> [u8; 32] {
    let prepared = stringprep::saslprep(password).unwrap_or(password.into());
    let keyed = Hmac::<Sha256>::new_from_slice(prepared.as_bytes())
        .expect("invariant: HMAC takes keys of any length");
    let mut block: [u8; 32] =
        keyed.clone().chain_update(salt).chain_update(1_u32.to_be_bytes()).finalize().into_bytes().into();
    let mut sum = block;
    for _ in 1..iterations {
        block = keyed.clone().chain_update(block).finalize().into_bytes().into();
        for (into, from) in sum.iter_mut().zip(block) {
            *into ^= from;
        }
    }
    sum
}

/// Refuses what is too short to protect anything or too long to hash.
pub(crate) fn check_acceptable(password: &str) -> Result<()> {
    if password.chars().count() < MIN_PASSWORD_CHARS {
        return Err(ControlError::Invalid(format!(
            "the password is shorter than {MIN_PASSWORD_CHARS} characters; choose a longer one"
        )));
    }
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(ControlError::Invalid(format!(
            "the password is longer than {MAX_PASSWORD_BYTES} bytes; choose a shorter one"
        )));
    }
    Ok(())
}

/// argon2id with the crate's recommended cost (19 MiB, two passes), as a PHC string.
pub(crate) fn hash(password: &str) -> Result<String> {
    let salt =
        SaltString::encode_b64(&secret::random::<16>()).map_err(|e| ControlError::Hash(e.to_string()))?;
    Argon2::default()
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|e| ControlError::Hash(e.to_string()))
}

/// Whether `password` has this hash. Over-long input is wrong without hashing.
pub(crate) fn matches(password: &str, phc: &str) -> Result<bool> {
    if password.len() > MAX_PASSWORD_BYTES {
        return Ok(false);
    }
    let hash = PasswordHash::new(phc).map_err(|e| ControlError::Hash(e.to_string()))?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Costs as much as [`matches`] does for a real user, so that the time of an
/// answer does not tell which names exist.
pub(crate) fn waste_time(password: &str) -> Result<()> {
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm8$\
                          AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    matches(password, NOBODY).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7677, section 3: user "user", password "pencil", 4096 rounds.
    #[test]
    fn rfc_7677_exchange_is_reproduced() {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        use sha2::Digest as _;
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").expect("base64");
        let salted = salted_password("pencil", &salt, 4096);
        let auth = "n=user,r=rOprNGfwEbeRWgbNEkqO,\
                    r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
                    c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let mac = |key: &[u8], text: &[u8]| -> [u8; 32] {
            Hmac::<Sha256>::new_from_slice(key)
                .expect("key")
                .chain_update(text)
                .finalize()
                .into_bytes()
                .into()
        };
        let client_key = mac(&salted, b"Client Key");
        let signature = mac(&Sha256::digest(client_key), auth.as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        assert_eq!(STANDARD.encode(proof), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let server = mac(&mac(&salted, b"Server Key"), auth.as_bytes());
        assert_eq!(STANDARD.encode(server), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    #[test]
    fn saslprep_makes_compatible_forms_one() {
        // U+FF21 is the full-width A; NFKC folds it.
        assert_eq!(salted_password("\u{ff21}bc", b"salt", 2), salted_password("Abc", b"salt", 2));
        assert_ne!(salted_password("abc", b"salt", 2), salted_password("Abc", b"salt", 2));
    }

    #[test]
    fn nobody_costs_a_real_hash() {
        let nobody = waste_time("whatever");
        assert!(nobody.is_ok(), "the placeholder hash must parse: {nobody:?}");
    }
}
