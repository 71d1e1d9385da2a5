//! Single values: numbers that may be text, ids in hex, bytes in base64.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::schema::Kind;
use super::{JsonError, Rewrite};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

impl Rewrite<'_> {
    pub(super) fn scalar(&mut self, number: u32, kind: Kind) -> Result<(), JsonError> {
        match kind {
            Kind::Text => {
                let mut text = std::mem::take(&mut self.text);
                let read = self.cursor.string(&mut text);
                self.out.bytes(number, &text);
                self.text = text;
                read?;
            }
            Kind::Id(len) => self.id(number, len)?,
            Kind::Base64 => {
                let text = self.string()?;
                match decode_base64(&text) {
                    Some(bytes) => self.out.bytes(number, &bytes),
                    None => return Err(self.cursor.error("the text is not base64")),
                }
            }
            Kind::Bool => {
                let v = self.cursor.boolean()?;
                self.out.varint(number, u64::from(v));
            }
            Kind::Uint => {
                let v = self.unsigned()?;
                self.out.varint(number, v);
            }
            Kind::Int => {
                let v = self.signed()?;
                self.out.varint(number, v as u64);
            }
            Kind::Enum(names) => {
                let text = self.cursor.number_text()?;
                let v = match names.iter().position(|name| *name == text) {
                    Some(v) => v as i64,
                    None => self.signed_in(&text)?,
                };
                self.out.varint(number, v as u64);
            }
            Kind::Sint => {
                let v = self.signed()?;
                self.out.sint(number, v);
            }
            Kind::Fixed64 => {
                let v = self.unsigned()?;
                self.out.fixed64(number, v);
            }
            Kind::Sfixed64 => {
                let v = self.signed()?;
                self.out.fixed64(number, v as u64);
            }
            Kind::Fixed32 => {
                let v = self.unsigned()?;
                let v =
                    u32::try_from(v).map_err(|_| self.cursor.error(format!("{v} does not fit 32 bits")))?;
                self.out.fixed32(number, v);
            }
            Kind::Double => {
                let v = self.double()?;
                self.out.fixed64(number, v.to_bits());
            }
            Kind::One(_) | Kind::Many(_) | Kind::PackedFixed64 | Kind::PackedVarint | Kind::PackedDouble => {
                unreachable!("messages and packed fields are read by Rewrite::field")
            }
        }
        Ok(())
    }

    fn string(&mut self) -> Result<Vec<u8>, JsonError> {
        let mut text = Vec::new();
        self.cursor.string(&mut text)?;
        Ok(text)
    }

    /// An id of `len` bytes. A text that is neither hex nor base64 of the right length, or a
    /// number, is carried on with a length no id has: its record alone is rejected.
    fn id(&mut self, number: u32, len: usize) -> Result<(), JsonError> {
        if matches!(self.cursor.peek(), Some(b'0'..=b'9' | b'-')) {
            let mut text = self.cursor.number_text()?.into_bytes();
            if text.len() == len {
                text.push(b'?');
            }
            self.out.bytes(number, &text);
            return Ok(());
        }
        let mut text = self.string()?;
        if let Ok(bytes) = hex::decode(&text) {
            self.out.bytes(number, &bytes);
        } else if let Some(bytes) = decode_base64(&text).filter(|bytes| bytes.len() == len) {
            self.base64_ids += 1;
            self.out.bytes(number, &bytes);
        } else {
            if text.len() == len {
                text.push(b'?');
            }
            self.out.bytes(number, &text);
        }
        Ok(())
    }

    pub(super) fn unsigned(&mut self) -> Result<u64, JsonError> {
        let text = self.cursor.number_text()?;
        if let Ok(v) = text.parse::<u64>() {
            return Ok(v);
        }
        match whole(&text).filter(|v| (0.0..1.844_674_407_370_955_2e19).contains(v)) {
            Some(v) => Ok(v as u64),
            None => Err(self.cursor.error(format!("\"{text}\" is not an unsigned 64-bit integer"))),
        }
    }

    fn signed(&mut self) -> Result<i64, JsonError> {
        let text = self.cursor.number_text()?;
        self.signed_in(&text)
    }

    fn signed_in(&self, text: &str) -> Result<i64, JsonError> {
        if let Ok(v) = text.parse::<i64>() {
            return Ok(v);
        }
        match whole(text).filter(|v| (-9.223_372_036_854_776e18..9.223_372_036_854_776e18).contains(v)) {
            Some(v) => Ok(v as i64),
            None => Err(self.cursor.error(format!("\"{text}\" is not a signed 64-bit integer"))),
        }
    }

    pub(super) fn double(&mut self) -> Result<f64, JsonError> {
        let text = self.cursor.number_text()?;
        match text.as_str() {
            "NaN" => Ok(f64::NAN),
            "Infinity" => Ok(f64::INFINITY),
            "-Infinity" => Ok(f64::NEG_INFINITY),
            other => other.parse().map_err(|_| self.cursor.error(format!("\"{text}\" is not a number"))),
        }
    }
}

/// A number without a fraction written as a float, such as `1e3` or `5.0`.
fn whole(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|v| v.is_finite() && v.fract() == 0.0)
}

fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}
