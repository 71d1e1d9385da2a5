//! Compressing filled bodies.

use std::io::{self, Write as _};

use bytes::Bytes;
use flate2::write::GzEncoder;

use crate::body::PREFIX;
use crate::options::Compression;

/// The framed message with its request compressed, frame adjusted.
pub(crate) fn compress(compression: Compression, message: &Bytes) -> io::Result<Bytes> {
    let request = &message[PREFIX..];
    // Telemetry shrinks to a tenth or so.
    let mut out = Vec::with_capacity(request.len() / 8);
    out.resize(PREFIX, 0);
    match compression {
        Compression::None => return Ok(message.clone()),
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(out, flate2::Compression::default());
            encoder.write_all(request)?;
            out = encoder.finish()?;
        }
        Compression::Zstd => zstd::stream::copy_encode(request, &mut out, zstd::DEFAULT_COMPRESSION_LEVEL)?,
    }
    let length = (out.len() - PREFIX) as u32;
    out[0] = 1;
    out[1..PREFIX].copy_from_slice(&length.to_be_bytes());
    Ok(out.into())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_is_compressed_comes_back() {
        let message = Bytes::from([b"\0\0\0\x03\xe8".to_vec(), b"0123456789".repeat(100)].concat());
        assert_eq!(compress(Compression::None, &message).unwrap(), message);
        let gzip = compress(Compression::Gzip, &message).unwrap();
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&gzip[PREFIX..]).read_to_end(&mut plain).unwrap();
        assert_eq!(plain, message[PREFIX..]);
        let zstd = compress(Compression::Zstd, &message).unwrap();
        assert_eq!(zstd::decode_all(&zstd[PREFIX..]).unwrap(), message[PREFIX..]);
        for framed in [gzip, zstd] {
            assert_eq!((framed[0], &framed[1..PREFIX]), (1, &(framed.len() as u32 - 5).to_be_bytes()[..]));
        }
    }
}
