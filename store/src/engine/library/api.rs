//! The library's functions, with their types.

use std::ffi::{c_char, c_int, c_void};
use std::path::Path;

use libloading::Library;

use super::LIBCHDB_VERSION;
use crate::error::{Result, StoreError};

pub(super) type Handle = *mut c_void;
pub(super) type QueryN = unsafe extern "C" fn(Handle, *const c_char, usize, *const c_char, usize) -> Handle;
type One = unsafe extern "C" fn(Handle) -> Handle;
type Free = unsafe extern "C" fn(Handle);
type Text = unsafe extern "C" fn(Handle) -> *const c_char;
type Two = unsafe extern "C" fn(Handle, Handle) -> Handle;

/// The functions used, all from one library that is never unloaded.
pub(crate) struct Api {
    pub(super) connect: unsafe extern "C" fn(c_int, *mut *mut c_char) -> *mut Handle,
    pub(super) close: unsafe extern "C" fn(*mut Handle),
    shutdown: unsafe extern "C" fn() -> c_int,
    signal_handlers: unsafe extern "C" fn(c_int),
    pub(super) query: QueryN,
    pub(super) stream_query: QueryN,
    pub(super) stream_fetch: Two,
    pub(super) stream_cancel: unsafe extern "C" fn(Handle, Handle),
    pub(super) insert: QueryN,
    pub(super) insert_append: unsafe extern "C" fn(Handle, *const c_void, usize) -> c_int,
    pub(super) insert_done: One,
    pub(super) insert_error: Text,
    pub(super) insert_destroy: Free,
    pub(super) classify:
        unsafe extern "C" fn(Handle, *const c_char, usize, *const c_char, usize, *mut Analysis) -> c_int,
    pub(super) result_buffer: Text,
    pub(super) result_length: unsafe extern "C" fn(Handle) -> usize,
    pub(super) result_error: Text,
    pub(super) result_destroy: Free,
}

/// What ClickHouse's parser says about a statement (`chdb_query_analysis_v1`).
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Analysis {
    /// Bytes of this struct, by which the library knows its version.
    pub(super) struct_size: u32,
    /// Statements in the text, 0 when it does not parse.
    pub(crate) statements: u32,
    pub(super) flags: u32,
    /// 0 reads only, 1 and 2 change something, 3 controls, 4 unknown.
    pub(crate) class: u32,
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
