//! Signed notes and checkpoints, in the formats that transparency logs share (C2SP `signed-note`, `tlog-checkpoint`).
//!
//! A note is text, an empty line, and lines `— NAME SIGNATURE`: base64 of four bytes that name the key and of an
//! Ed25519 signature of the text. A checkpoint's text is the log's origin, its size, and its root in base64; here a
//! fourth line says when it was signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, SecondsFormat, Utc};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

use crate::merkle::Hash;
use crate::{ControlError, Result, secret};

/// The byte that says Ed25519, before a key.
const ALGORITHM: u8 = 1;
/// What each line with a signature begins with: an em dash and a space.
const SIGNED_BY: &str = "\u{2014} ";
/// What a private key begins with, so that it is noticed where it should not be.
const PRIVATE: &str = "PRIVATE+KEY+";

/// What signs: a name and an Ed25519 key. Its text form is that of `golang.org/x/mod/sumdb/note`.
pub struct NoteKey {
    public: PublicKey,
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

/// What a signature is verified with; written `NAME+ID+KEY`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    key: [u8; 32],
}

/// The signed head of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log it is of.
    pub origin: String,
    /// Rows that it covers, from the first on.
    pub size: u64,
    /// The root of the Merkle tree over them.
    pub root: Hash,
    /// When it was signed, if it says so.
    pub at: Option<DateTime<Utc>>,
}

impl NoteKey {
    /// A new key.
    ///
    /// # Errors
    /// The name cannot be in a note.
    pub fn generate(name: &str) -> Result<Self> {
        Self::from_seed(name, secret::random())
    }

    fn from_seed(name: &str, seed: [u8; 32]) -> Result<Self> {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+') {
            return Err(ControlError::Invalid(format!(
                "{name:?} cannot name a key: use characters other than spaces and '+'"
            )));
        }
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed)
            .map_err(|error| ControlError::Invalid(format!("the audit key is unusable: {error}")))?;
        let key = pair.public_key().as_ref().try_into().expect("an Ed25519 key has 32 bytes");
        Ok(Self { public: PublicKey { name: name.to_owned(), key }, seed, pair })
    }

    /// What verifies its signatures.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The key with its secret, for a file that only its owner can read.
    pub fn secret_text(&self) -> String {
        let PublicKey { name, .. } = &self.public;
        format!("{PRIVATE}{name}+{:08x}+{}", self.public.id(), encoded(&self.seed))
    }

    /// `text` as a signed note. The text must end with a line's end.
    pub fn sign(&self, text: &str) -> String {
        let mut signature = self.public.id().to_be_bytes().to_vec();
        signature.extend_from_slice(self.pair.sign(text.as_bytes()).as_ref());
        format!("{text}\n{SIGNED_BY}{} {}\n", self.public.name, BASE64.encode(signature))
    }
}

impl FromStr for NoteKey {
    type Err = ControlError;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || ControlError::Invalid("this is not a private key of an audit log".to_owned());
        let (name, id, seed) =
            parts(text.trim().strip_prefix(PRIVATE).ok_or_else(wrong)?).ok_or_else(wrong)?;
        let key = Self::from_seed(name, seed)?;
        if key.public.id() == id { Ok(key) } else { Err(wrong()) }
    }
}

impl fmt::Debug for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NoteKey").field(&self.public.name).finish()
    }
}

impl PublicKey {
    /// The name, which for a log is its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's four bytes in a signature.
    fn id(&self) -> u32 {
        let hash = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ALGORITHM])
            .chain_update(self.key)
            .finalize();
        u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
    }

    /// The text of a note that this key has signed.
    ///
    /// # Errors
    /// It is no signed note, or not signed by this key.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str> {
        let invalid = ControlError::Invalid;
        let split = note.rfind("\n\n").ok_or_else(|| invalid("this is not a signed note".to_owned()))?;
        let (text, signatures) = (&note[..=split], &note[split + 2..]);
        let signed = |line: &str| {
            let (name, signature) = line.strip_prefix(SIGNED_BY)?.split_once(' ')?;
            let signature = BASE64.decode(signature).ok()?;
            let (id, signature) = signature.split_at_checked(4)?;
            let own = name == self.name && id == self.id().to_be_bytes();
            own.then(|| UnparsedPublicKey::new(&ED25519, self.key).verify(text.as_bytes(), signature).is_ok())
        };
        match signatures.lines().find_map(signed) {
            Some(true) => Ok(text),
            Some(false) => Err(invalid(format!("the signature of {} does not fit its text", self.name))),
            None => Err(invalid(format!("it is not signed by the key {self}"))),
        }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}+{}", self.name, self.id(), encoded(&self.key))
    }
}

impl FromStr for PublicKey {
    type Err = ControlError;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            ControlError::Invalid(format!(
                "{text:?} is not a public key: it is written NAME+ID+KEY, as `headroom audit key` prints it"
            ))
        };
        let (name, id, key) = parts(text.trim()).ok_or_else(wrong)?;
        let key = Self { name: name.to_owned(), key };
        if key.id() == id { Ok(key) } else { Err(wrong()) }
    }
}

/// The notes of a text that has one after the other.
pub(super) fn split_notes(text: &str) -> Vec<String> {
    let mut notes = Vec::<String>::new();
    let mut signed = true;
    for line in text.split_inclusive('\n') {
        let signature = line.starts_with(SIGNED_BY);
        if signed && !signature {
            notes.push(String::new());
        }
        signed = signature;
        if let Some(note) = notes.last_mut() {
            note.push_str(line);
        }
    }
    notes
}

fn encoded(key: &[u8; 32]) -> String {
    BASE64.encode([&[ALGORITHM], &key[..]].concat())
}

/// Name, id and 32 bytes of `NAME+ID+KEY`. The key itself may contain a plus.
fn parts(text: &str) -> Option<(&str, u32, [u8; 32])> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let key = BASE64.decode(key).ok()?;
    let (ALGORITHM, key) = key.split_first().map(|(algorithm, key)| (*algorithm, key))? else { return None };
    Some((name, u32::from_str_radix(id, 16).ok()?, key.try_into().ok()?))
}

impl Checkpoint {
    /// The text that is signed.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root));
        if let Some(at) = self.at {
            text += &format!("{}\n", at.to_rfc3339_opts(SecondsFormat::Secs, true));
        }
        text
    }

    /// Reads a note's text.
    ///
    /// # Errors
    /// It is no checkpoint.
    pub fn read(text: &str) -> Result<Self> {
        let read = || {
            let mut lines = text.lines();
            let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
            let canonical = size == "0" || !size.starts_with('0');
            let size = size.parse().ok().filter(|_| canonical && !origin.is_empty())?;
            let root = BASE64.decode(root).ok()?.try_into().ok()?;
            let at = lines.find_map(|line| line.parse().ok());
            Some(Self { origin: origin.to_owned(), size, root, at })
        };
        read().ok_or_else(|| ControlError::Invalid(format!("{text:?} is not a checkpoint")))
    }
}

/// Which checkpoint it is, in words.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "the checkpoint of {} over {} rows", at.format("%F %T UTC"), self.size),
            None => write!(f, "the checkpoint over {} rows", self.size),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of `golang.org/x/mod/sumdb/note`.
    const GO_KEY: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const GO_PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const GO_TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const GO_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn keys_and_notes_are_those_of_the_go_library() {
        let key: NoteKey = GO_KEY.parse().unwrap();
        assert_eq!(key.public().to_string(), GO_PUBLIC);
        assert_eq!(key.secret_text(), GO_KEY);
        assert_eq!(key.sign(GO_TEXT), GO_NOTE);
        assert_eq!(GO_PUBLIC.parse::<PublicKey>().unwrap().open(GO_NOTE).unwrap(), GO_TEXT);
    }

    #[test]
    fn what_the_key_did_not_sign_is_refused() {
        let (key, other) = (NoteKey::generate("log").unwrap(), NoteKey::generate("log").unwrap());
        let note = key.sign("a\n\nb\n");
        assert_eq!(key.public().open(&note).unwrap(), "a\n\nb\n", "an empty line may be in the text");
        assert!(other.public().open(&note).unwrap_err().to_string().contains("not signed by the key"));
        let forged = note.replacen('b', "c", 1);
        assert!(key.public().open(&forged).unwrap_err().to_string().contains("does not fit"));
        for text in ["", "a\n", "a\n\n\u{2014} log \n", "a\n\n\u{2014} log AAAA\n"] {
            assert!(key.public().open(text).is_err(), "{text:?}");
        }
        assert!(NoteKey::generate("two words").is_err() && NoteKey::generate("a+b").is_err());
        assert!("log+00000000+AAAA".parse::<PublicKey>().is_err());
    }

    #[test]
    fn notes_one_after_the_other_are_told_apart() {
        let key = NoteKey::generate("log").unwrap();
        let notes = [key.sign("a\n1\n"), key.sign("b\n"), key.sign("c\n\nd\n")];
        assert_eq!(split_notes(&notes.concat()), notes);
        assert_eq!(split_notes(""), [""; 0]);
    }

    #[test]
    fn checkpoints_are_read_as_they_are_written() {
        let at = DateTime::from_timestamp(1_780_000_000, 0);
        let checkpoint = Checkpoint { origin: "headroom/main".to_owned(), size: 20, root: [7; 32], at };
        assert_eq!(Checkpoint::read(&checkpoint.text()).unwrap(), checkpoint);
        let without = Checkpoint { at: None, ..checkpoint };
        assert_eq!(without.text(), "headroom/main\n20\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n");
        assert_eq!(Checkpoint::read(&without.text()).unwrap(), without);
        for text in ["", "log\n020\nBwc=\n", "log\n20\nBwc=\n", "log\n-1\n"] {
            assert!(Checkpoint::read(text).is_err(), "{text:?}");
        }
    }
}
