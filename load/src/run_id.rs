//! The name of a run, which every record of it carries.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::LoadError;

/// The first eight bytes of every trace id of a run. Never zero, so that no id is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RunId(u64);

impl RunId {
    /// A run that was never made before.
    pub fn random() -> Self {
        Self(rand::random_range(1..=u64::MAX))
    }

    /// The eight bytes.
    pub fn bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for RunId {
    type Err = LoadError;

    /// Reads 16 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, LoadError> {
        let mut bytes = [0; 8];
        match hex::decode_to_slice(text, &mut bytes) {
            Ok(()) if bytes != [0; 8] => Ok(Self(u64::from_be_bytes(bytes))),
            _ => Err(LoadError::RunId(text.to_owned())),
        }
    }
}

impl From<RunId> for String {
    fn from(run: RunId) -> Self {
        run.to_string()
    }
}

impl TryFrom<String> for RunId {
    type Error = LoadError;

    fn try_from(text: String) -> Result<Self, LoadError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_digits_and_nothing_else() {
        let run: RunId = "00000000000000a7".parse().unwrap();
        assert_eq!((run.to_string().as_str(), run.bytes()[7]), ("00000000000000a7", 0xa7));
        for wrong in ["", "a7", "0000000000000000", "00000000000000g7", "00000000000000a700"] {
            assert!(wrong.parse::<RunId>().is_err(), "{wrong}");
        }
    }
}
