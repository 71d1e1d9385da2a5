//! Bytes of what waits in partitions: lengths before contents, nothing else.

/// Appends bytes with their length.
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("events of more than 4 MiB are refused before");
    out.extend(length.to_le_bytes());
    out.extend(bytes);
}

/// Appends bytes that may be absent.
pub(crate) fn put_optional(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    out.push(u8::from(bytes.is_some()));
    if let Some(bytes) = bytes {
        put_bytes(out, bytes);
    }
}

/// Bytes that are not what was appended.
#[derive(Debug)]
pub(crate) struct Damaged;

/// Takes apart what was appended. Every method gives `None` at damaged bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.rest.is_empty()
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub(crate) fn number(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    pub(crate) fn time(&mut self) -> Option<i64> {
        Some(i64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = u32::from_le_bytes(self.take(4)?.try_into().ok()?);
        self.take(length as usize)
    }

    /// What may be absent, as `read` makes it out of the bytes.
    pub(crate) fn optional<T>(
        &mut self,
        read: impl FnOnce(&'a [u8]) -> Option<T>,
    ) -> Result<Option<T>, Damaged> {
        if self.byte().ok_or(Damaged)? == 0 {
            return Ok(None);
        }
        let bytes = self.bytes().ok_or(Damaged)?;
        read(bytes).map(Some).ok_or(Damaged)
    }

    /// All the texts in it, one after the other.
    pub(crate) fn texts(mut self) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        while !self.is_empty() {
            texts.push(String::from_utf8(self.bytes()?.to_vec()).ok()?);
        }
        Some(texts)
    }
}
