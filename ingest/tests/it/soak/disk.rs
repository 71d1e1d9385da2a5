//! A small disk for the log, which can be filled up.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The disk's size. A journal takes some of it, and the log's own bound is far below the rest.
const BYTES: u64 = 64 << 20;

/// A folder on a disk of its own, if one can be mounted; else on the disk of the others.
#[derive(Debug)]
pub(super) struct Disk {
    folder: TempDir,
    mounted: bool,
}

impl Disk {
    /// Mounts an ext4 from a file, or else a tmpfs. Both need root; without it the folder is an
    /// ordinary one, and loud about that.
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("disk")).unwrap();
        let mut disk = Self { folder, mounted: false };
        disk.mounted = disk.mount_file() || disk.mount_memory();
        if !disk.mounted {
            eprintln!(
                "SKIPPED: the full disk. Nothing can be mounted here (run as root for it); only the log's own bound is reached"
            );
        }
        disk
    }

    fn mount_file(&self) -> bool {
        let image = self.folder.path().join("image");
        File::create(&image).unwrap().set_len(BYTES).unwrap();
        runs(Command::new("mkfs.ext4").args(["-q", "-m", "0"]).arg(&image))
            && runs(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(self.path()))
    }

    fn mount_memory(&self) -> bool {
        let size = format!("size={BYTES}");
        runs(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(self.path()))
    }

    /// Whether it can be filled up.
    pub(super) fn is_small(&self) -> bool {
        self.mounted
    }

    /// The folder.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }

    /// Takes every byte that is free now.
    pub(super) fn fill(&self) {
        assert!(self.mounted, "the disk of the others is not filled up");
        let mut file = File::options().create(true).append(true).open(self.ballast()).unwrap();
        for piece in [1 << 20, 64 << 10, 4 << 10, 1] {
            let zeros = vec![0_u8; piece];
            while file.write_all(&zeros).is_ok() {}
        }
    }

    /// Gives back what was taken.
    pub(super) fn free(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            runs(Command::new("umount").arg("--lazy").arg(self.path()));
        }
    }
}

fn runs(command: &mut Command) -> bool {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
