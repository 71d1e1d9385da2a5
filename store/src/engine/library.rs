//! `libchdb.so`: finding it, and its C interface behind safe types.
//!
//! Everything unsafe of the interface is below this module: `api` loads the functions,
//! `connection` runs statements, `answer` owns what they give back. The prototypes are
//! those of `chdb.h` of chdb-core 26.7.

mod answer;
mod api;
mod connection;

use std::path::{Path, PathBuf};

pub(crate) use answer::Failure;
pub(crate) use api::Api;
pub(crate) use connection::Connection;

use crate::error::{Result, StoreError};

/// The version of libchdb this program is made for.
pub const LIBCHDB_VERSION: &str = "26.7.3-stable.1";

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
    places.extend(cache.map(|dir| dir.join("headroom/libchdb").join(LIBCHDB_VERSION).join("libchdb.so")));
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
