//! Links to a verdict that expire: signed, so that nobody can make one or change it.
//!
//! A link holds its tenant, what was looked up, who gave it and until when it is good, and a keyed BLAKE3 hash of them.
//! It holds no personal data: an e-mail address is not shared, the customer's id is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What the key is derived for; never the same for anything else.
const CONTEXT: &str = "headroom 2026-11-28 links to verdicts of the customer lookup";

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) tenant: String,
    /// What was looked up.
    pub(crate) q: String,
    /// Who gave it.
    pub(crate) by: String,
    /// Until when it is good.
    pub(crate) until: DateTime<Utc>,
}

impl Link {
    /// The link as text, of letters that stand in any address.
    pub(crate) fn sign(&self, key: &str) -> Result<String, serde_json::Error> {
        let said = serde_json::to_vec(self)?;
        let mark = marked(key, &said);
        Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(&said), URL_SAFE_NO_PAD.encode(mark.as_bytes())))
    }

    /// What a text says; `None` when it was not signed with the key, or is not good any more.
    pub(crate) fn open(text: &str, key: &str, now: DateTime<Utc>) -> Option<Self> {
        let (said, mark) = text.split_once('.')?;
        let said = URL_SAFE_NO_PAD.decode(said).ok()?;
        let mark: [u8; 32] = URL_SAFE_NO_PAD.decode(mark).ok()?.try_into().ok()?;
        // Hashes are compared in constant time.
        if marked(key, &said) != blake3::Hash::from_bytes(mark) {
            return None;
        }
        serde_json::from_slice(&said).ok().filter(|link: &Self| now < link.until)
    }
}

fn marked(key: &str, said: &[u8]) -> blake3::Hash {
    blake3::keyed_hash(&blake3::derive_key(CONTEXT, key.as_bytes()), said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_link_is_good_as_it_was_given_and_until_its_time() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let link = Link {
            tenant: "acme".to_owned(),
            q: "ord-1".to_owned(),
            by: "jo".to_owned(),
            until: now + TimeDelta::hours(1),
        };
        let text = link.sign("key").expect("JSON");
        assert!(text.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c)), "{text}");
        assert_eq!(Link::open(&text, "key", now), Some(link.clone()));
        assert_eq!(Link::open(&text, "key", link.until), None, "it is over");
        assert_eq!(Link::open(&text, "another key", now), None);
        let other = Link { q: "ord-2".to_owned(), ..link.clone() }.sign("key").expect("JSON");
        let mixed = format!(
            "{}.{}",
            other.split_once('.').expect("a mark").0,
            text.split_once('.').expect("a mark").1
        );
        assert_eq!(Link::open(&mixed, "key", now), None, "it says something else");
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            let opened = Link::open(&changed, "key", now);
            // The last letter of base64 has bits that mean nothing.
            assert!(opened.is_none() || opened == Some(link.clone()), "{at}");
        }
        for nonsense in ["", ".", "a.b", "no link at all"] {
            assert_eq!(Link::open(nonsense, "key", now), None);
        }
    }
}
