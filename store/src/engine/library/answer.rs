//! What the library gives back: results, streams and failures, each destroyed once.

use std::ffi::{CStr, c_char};

use super::api::{Api, Handle};
use super::connection::Connection;

/// A failure in the engine's own words (`Code: 60. DB::Exception: ...`).
#[derive(Debug, Clone)]
pub(crate) struct Failure(pub(crate) String);

/// A result of the library, destroyed on drop.
pub(super) struct Output {
    pub(super) api: &'static Api,
    pub(super) raw: Handle,
}

impl Output {
    pub(super) fn error(&self) -> Option<Failure> {
        if self.raw.is_null() {
            return Some(Failure("the engine gave no answer".to_owned()));
        }
        // SAFETY: a live result; the text is copied at once.
        unsafe { words((self.api.result_error)(self.raw)) }
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>, Failure> {
        if let Some(failure) = self.error() {
            return Err(failure);
        }
        // SAFETY: a live result; its buffer holds `length` bytes until it is destroyed.
        unsafe {
            let buffer = (self.api.result_buffer)(self.raw);
            let length = (self.api.result_length)(self.raw);
            if buffer.is_null() || length == 0 {
                return Ok(Vec::new());
            }
            Ok(std::slice::from_raw_parts(buffer.cast::<u8>(), length).to_vec())
        }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: owned, destroyed once.
            unsafe { (self.api.result_destroy)(self.raw) };
        }
    }
}

/// A SELECT that is under way. Cancelled when dropped before its end: an open stream
/// would make the connection's next statement come out empty.
pub(crate) struct Chunks<'c> {
    pub(super) connection: &'c Connection,
    pub(super) output: Output,
    pub(super) ended: bool,
}

impl Chunks<'_> {
    /// The next chunk; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let api = self.connection.api;
        // SAFETY: connection and stream are live.
        let raw = unsafe { (api.stream_fetch)(self.connection.handle(), self.output.raw) };
        let chunk = Output { api, raw }.bytes();
        match chunk {
            Ok(bytes) if bytes.is_empty() => {
                self.ended = true;
                Ok(None)
            }
            Ok(bytes) => Ok(Some(bytes)),
            Err(failure) => {
                self.ended = true;
                Err(failure)
            }
        }
    }
}

impl Drop for Chunks<'_> {
    fn drop(&mut self) {
        if !self.ended {
            // SAFETY: connection and stream are live.
            unsafe {
                (self.connection.api.stream_cancel)(self.connection.handle(), self.output.raw);
            }
        }
    }
}

/// An insert stream, destroyed (and cancelled when unfinished) on drop.
pub(super) struct Insert {
    pub(super) api: &'static Api,
    pub(super) raw: Handle,
}

impl Insert {
    pub(super) fn error(&self) -> Option<Failure> {
        // SAFETY: never null by the header; the text is copied at once.
        unsafe { words((self.api.insert_error)(self.raw)) }
    }
}

impl Drop for Insert {
    fn drop(&mut self) {
        // SAFETY: owned, destroyed once.
        unsafe { (self.api.insert_destroy)(self.raw) };
    }
}

/// # Safety
/// `text` is null or a string that ends with NUL and lives through the call.
unsafe fn words(text: *const c_char) -> Option<Failure> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
    (!text.is_empty()).then_some(Failure(text))
}
