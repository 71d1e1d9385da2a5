//! What `make test-tools` installed for the tests.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The Python that has what `tests/sdk/python/{list}.txt` names, if it is installed. `root` is the project's.
pub(crate) fn python(root: &Path, list: &str) -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))?
        .join("headroom");
    let list = root.join(format!("tests/sdk/python/{list}.txt"));
    let listed = Command::new("sha256sum").arg(list).output().ok()?;
    let hash = String::from_utf8(listed.stdout).ok()?;
    let python = cache.join(format!("python-{}", &hash[..16])).join("bin/python");
    python.exists().then_some(python)
}
