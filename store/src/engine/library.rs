//! `libchdb.so`: finding it, and its C interface behind safe types.
//!
//! Everything unsafe of the engine is in this file. The prototypes are those of `chdb.h`
//! of chdb-core 26.7.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::{Path, PathBuf};

use libloading::Library;

use crate::error::{Result, StoreError};

/// The version of libchdb this program is made for.
pub const LIBCHDB_VERSION: &str = "26.7.3-stable.1";

type Handle = *mut c_void;
type QueryN = unsafe extern "C" fn(Handle, *const c_char, usize, *const c_char, usize) -> Handle;
type One = unsafe extern "C" fn(Handle) -> Handle;
type Free = unsafe extern "C" fn(Handle);
type Text = unsafe extern "C" fn(Handle) -> *const c_char;
type Two = unsafe extern "C" fn(Handle, Handle) -> Handle;

/// The functions used, all from one library that is never unloaded.
pub(crate) struct Api {
    connect: unsafe extern "C" fn(c_int, *mut *mut c_char) -> *mut Handle,
    close: unsafe extern "C" fn(*mut Handle),
    shutdown: unsafe extern "C" fn() -> c_int,
    signal_handlers: unsafe extern "C" fn(c_int),
    query: QueryN,
    stream_query: QueryN,
    stream_fetch: Two,
    stream_cancel: unsafe extern "C" fn(Handle, Handle),
    insert: QueryN,
    insert_append: unsafe extern "C" fn(Handle, *const c_void, usize) -> c_int,
    insert_done: One,
    insert_error: Text,
    insert_destroy: Free,
    classify: unsafe extern "C" fn(
        Handle,
        *const c_char,
        usize,
        *const c_char,
        usize,
        *mut Analysis,
    ) -> c_int,
    result_buffer: Text,
    result_length: unsafe extern "C" fn(Handle) -> usize,
    result_error: Text,
    result_destroy: Free,
}

/// What ClickHouse's parser says about a statement (`chdb_query_analysis_v1`).
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Analysis {
    struct_size: u32,
    /// Statements in the text, 0 when it does not parse.
    pub(crate) statements: u32,
    flags: u32,
    /// 0 reads only, 1 and 2 change something, 3 controls, 4 unknown.
    pub(crate) class: u32,
}

/// Where the library may be, best first: only where it was named, if it was named.
pub fn candidates(configured: Option<&Path>) -> Vec<PathBuf> {
    let named = configured.map(Path::to_path_buf);
    if let Some(place) = named.or_else(|| std::env::var_os("HEADROOM_LIBCHDB").map(PathBuf::from)) {
        return vec![place];
    }
    let mut places = Vec::new();
    if let Some(dir) = std::env::current_exe().ok().as_deref().and_then(Path::parent) {
        places.push(dir.join("libchdb.so"));
    }
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    places.extend(
        cache.map(|dir| dir.join("headroom/libchdb").join(LIBCHDB_VERSION).join("libchdb.so")),
    );
    places.push(PathBuf::from("/usr/lib/libchdb.so"));
    places.push(PathBuf::from("/usr/local/lib/libchdb.so"));
    places
}

/// The library file, or a sentence that says where it was looked for.
pub fn find(configured: Option<&Path>) -> Result<PathBuf> {
    let places = candidates(configured);
    places.iter().find(|place| place.is_file()).cloned().ok_or_else(|| {
        let looked: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
        StoreError::Library(format!(
            "libchdb.so (the embedded ClickHouse) was not found in {}: run `make libchdb`, or name the file in HEADROOM_LIBCHDB",
            looked.join(", ")
        ))
    })
}

impl Api {
    /// Loads the library for the rest of the process.
    pub(crate) fn load(path: &Path) -> Result<&'static Self> {
        let fail = |error: &dyn std::fmt::Display| {
            StoreError::Library(format!(
                "libchdb {} cannot be loaded: {error}: run `make libchdb` for version {LIBCHDB_VERSION}",
                path.display()
            ))
        };
        // SAFETY: loading runs the library's initialisers, which are made for that; the
        // symbols have the types of chdb.h, and the library stays loaded forever.
        unsafe {
            let library: &'static Library =
                Box::leak(Box::new(Library::new(path).map_err(|error| fail(&error))?));
            macro_rules! symbol {
                ($name:literal) => {
                    *library.get($name).map_err(|error| fail(&error))?
                };
            }
            let api = Self {
                connect: symbol!(b"chdb_connect\0"),
                close: symbol!(b"chdb_close_conn\0"),
                shutdown: symbol!(b"chdb_shutdown\0"),
                signal_handlers: symbol!(b"chdb_set_signal_handlers_enabled\0"),
                query: symbol!(b"chdb_query_n\0"),
                stream_query: symbol!(b"chdb_stream_query_n\0"),
                stream_fetch: symbol!(b"chdb_stream_fetch_result\0"),
                stream_cancel: symbol!(b"chdb_stream_cancel_query\0"),
                insert: symbol!(b"chdb_stream_insert_n\0"),
                insert_append: symbol!(b"chdb_stream_append\0"),
                insert_done: symbol!(b"chdb_stream_done\0"),
                insert_error: symbol!(b"chdb_stream_insert_error\0"),
                insert_destroy: symbol!(b"chdb_destroy_insert_stream\0"),
                classify: symbol!(b"chdb_classify_query_n\0"),
                result_buffer: symbol!(b"chdb_result_buffer\0"),
                result_length: symbol!(b"chdb_result_length\0"),
                result_error: symbol!(b"chdb_result_error\0"),
                result_destroy: symbol!(b"chdb_destroy_query_result\0"),
            };
            // The engine's handlers would hide a crash from the supervisor.
            (api.signal_handlers)(0);
            Ok(Box::leak(Box::new(api)))
        }
    }

    /// Joins the engine's threads. All connections must be closed.
    pub(crate) fn shutdown(&self) {
        // SAFETY: no arguments; it refuses by itself while a connection is open.
        unsafe { (self.shutdown)() };
    }
}

/// A failure in the engine's own words (`Code: 60. DB::Exception: ...`).
#[derive(Debug, Clone)]
pub(crate) struct Failure(pub(crate) String);

/// One connection: one statement at a time, from the thread that opened it.
pub(crate) struct Connection {
    api: &'static Api,
    cell: *mut Handle,
}

impl Connection {
    /// Connects to the engine on `data`; the first one of the process starts it.
    pub(crate) fn open(api: &'static Api, data: &Path) -> Result<Self, Failure> {
        let text = |value: String| {
            CString::new(value).map_err(|_| Failure("a path cannot hold a NUL byte".to_owned()))
        };
        let args = [
            text("headroom-engine".to_owned())?,
            text(format!("--path={}", data.display()))?,
        ];
        let mut pointers: Vec<_> = args.iter().map(|arg| arg.as_ptr().cast_mut()).collect();
        // SAFETY: two pointers to strings that outlive the call.
        let cell = unsafe { (api.connect)(pointers.len() as c_int, pointers.as_mut_ptr()) };
        // SAFETY: a cell that is not null points at the connection.
        if cell.is_null() || unsafe { *cell }.is_null() {
            return Err(Failure(format!(
                "the engine refused to open {}: the folder cannot be written, or is in use",
                data.display()
            )));
        }
        Ok(Self { api, cell })
    }

    fn handle(&self) -> Handle {
        // SAFETY: checked in `open`; the cell lives until drop.
        unsafe { *self.cell }
    }

    fn call(&self, function: QueryN, sql: &[u8], format: &str) -> Handle {
        // SAFETY: pointers and lengths of live buffers; the interface is length-based.
        unsafe {
            function(
                self.handle(),
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
            )
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
            let state =
                unsafe { (api.insert_append)(stream.raw, chunk.as_ptr().cast(), chunk.len()) };
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
        let mut analysis = Analysis {
            struct_size: size_of::<Analysis>() as u32,
            class: 4,
            ..Analysis::default()
        };
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

const INSERT_CHUNK: usize = 4 << 20;

/// A result of the library, destroyed on drop.
struct Output {
    api: &'static Api,
    raw: Handle,
}

impl Output {
    fn error(&self) -> Option<Failure> {
        if self.raw.is_null() {
            return Some(Failure("the engine gave no answer".to_owned()));
        }
        // SAFETY: a live result; the text is copied at once.
        unsafe { words((self.api.result_error)(self.raw)) }
    }

    fn bytes(&self) -> Result<Vec<u8>, Failure> {
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
    connection: &'c Connection,
    output: Output,
    ended: bool,
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
struct Insert {
    api: &'static Api,
    raw: Handle,
}

impl Insert {
    fn error(&self) -> Option<Failure> {
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
