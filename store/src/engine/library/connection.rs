//! A connection to the engine.

use std::ffi::CString;
use std::path::Path;

use super::answer::{Chunks, Failure, Insert, Output};
use super::api::{Analysis, Api, Handle, QueryN};

/// Bytes of rows that are handed to the library at once.
const INSERT_CHUNK: usize = 4 << 20;

/// One connection: one statement at a time, from the thread that opened it.
pub(crate) struct Connection {
    pub(super) api: &'static Api,
    cell: *mut Handle,
}

impl Connection {
    /// Connects to the engine on `data`; the first one of the process starts it.
    pub(crate) fn open(api: &'static Api, data: &Path) -> Result<Self, Failure> {
        let text = |value: String| {
            CString::new(value).map_err(|_| Failure("a path cannot hold a NUL byte".to_owned()))
        };
        let args = [text("headroom-engine".to_owned())?, text(format!("--path={}", data.display()))?];
        let mut pointers: Vec<_> = args.iter().map(|arg| arg.as_ptr().cast_mut()).collect();
        // SAFETY: two pointers to strings that outlive the call.
        let cell = unsafe { (api.connect)(pointers.len() as std::ffi::c_int, pointers.as_mut_ptr()) };
        // SAFETY: a cell that is not null points at the connection.
        if cell.is_null() || unsafe { *cell }.is_null() {
            return Err(Failure(format!(
                "the engine refused to open {}: the folder cannot be written, or is in use",
                data.display()
            )));
        }
        Ok(Self { api, cell })
    }

    pub(super) fn handle(&self) -> Handle {
        // SAFETY: checked in `open`; the cell lives until drop.
        unsafe { *self.cell }
    }

    fn call(&self, function: QueryN, sql: &[u8], format: &str) -> Handle {
        // SAFETY: pointers and lengths of live buffers; the interface is length-based.
        unsafe {
            function(self.handle(), sql.as_ptr().cast(), sql.len(), format.as_ptr().cast(), format.len())
        }
    }

    /// Runs a statement and gives its whole answer.
    pub(crate) fn query(&self, sql: &[u8], format: &str) -> Result<Vec<u8>, Failure> {
        Output { api: self.api, raw: self.call(self.api.query, sql, format) }.bytes()
    }

    /// Starts a SELECT whose answer comes in chunks.
    pub(crate) fn stream(&self, sql: &[u8], format: &str) -> Result<Chunks<'_>, Failure> {
        let raw = self.call(self.api.stream_query, sql, format);
        let output = Output { api: self.api, raw };
        output.error().map_or(Ok(()), Err)?;
        Ok(Chunks { connection: self, output, ended: false })
    }

    /// Inserts `data`, in `format`, by an INSERT without a FORMAT clause.
    pub(crate) fn insert(&self, sql: &[u8], format: &str, data: &[u8]) -> Result<(), Failure> {
        let api = self.api;
        let stream = Insert { api, raw: self.call(api.insert, sql, format) };
        stream.error().map_or(Ok(()), Err)?;
        for chunk in data.chunks(INSERT_CHUNK) {
            // SAFETY: the stream is live, the chunk is copied by the library.
            let state = unsafe { (api.insert_append)(stream.raw, chunk.as_ptr().cast(), chunk.len()) };
            if state != 0 {
                let unknown = || Failure("the engine refused a part of the insert".to_owned());
                return Err(stream.error().unwrap_or_else(unknown));
            }
        }
        // SAFETY: the stream is live; the result is owned by `Output`.
        let output = Output { api, raw: unsafe { (api.insert_done)(stream.raw) } };
        output.bytes()?;
        stream.error().map_or(Ok(()), Err)
    }

    /// Asks ClickHouse's parser about a text.
    pub(crate) fn classify(&self, sql: &[u8]) -> Analysis {
        let mut analysis =
            Analysis { struct_size: size_of::<Analysis>() as u32, class: 4, ..Analysis::default() };
        // SAFETY: live buffer with its length; no database; a struct of the stated size.
        unsafe {
            (self.api.classify)(
                self.handle(),
                sql.as_ptr().cast(),
                sql.len(),
                std::ptr::null(),
                0,
                &raw mut analysis,
            );
        }
        analysis
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: opened in `open`, closed once, here.
        unsafe { (self.api.close)(self.cell) };
    }
}
