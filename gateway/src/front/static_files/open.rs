//! Opens files beneath a folder. Nothing outside it can be reached: not by `..`, which a path no longer has, and not by a
//! symbolic link: the kernel follows links within the folder alone, or none at all (openat2 with `RESOLVE_BENEATH`).

use std::{
    fs::{self, File, Metadata},
    io,
    os::{
        fd::AsRawFd as _,
        unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    },
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

use arc_swap::ArcSwap;
use cap_std::{
    ambient_authority,
    fs::{Dir, OpenOptions, OpenOptionsExt as _},
};
use http::StatusCode;
use rustix::{
    fs::{Mode, OFlags, ResolveFlags, fstatfs, openat, openat2},
    io::Errno,
};

use super::version::Version;
use crate::{front::clock, webapp::WebError};

/// Without `NONBLOCK`, opening a FIFO would wait for a writer.
const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// Whether the folder's path still leads to it is looked at after each change that is told, and after so many milliseconds.
const PATROL: u64 = 100;

/// File systems that tell of every change: what is changed elsewhere is not theirs (`statfs`, `f_type`).
const TELLING: [u32; 7] = [
    0x0000_ef53, // ext2, ext3, ext4
    0x5846_5342, // XFS
    0x9123_683e, // Btrfs
    0x0102_1994, // tmpfs
    0xf2f5_2010, // F2FS
    0x2fc1_2fc1, // ZFS
    0x794c_7630, // overlayfs
];

/// How often the kernel is asked again when a rename came in between.
const ATTEMPTS: usize = 8;

/// A folder that files are served from.
pub(in crate::front) struct Folder {
    path: PathBuf,
    /// Whether symbolic links in it are followed.
    links: bool,
    held: ArcSwap<Held>,
    /// When it was looked at last, and after how many changes.
    checked: AtomicU64,
    changes: AtomicU64,
}

/// The folder that was found by that path, held open, with its device and inode.
struct Held(Dir, (u64, u64));

/// A regular file, open for reading.
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) metadata: Metadata,
    /// Its path below the folder.
    pub(super) relative: String,
}

impl Folder {
    /// Opens it.
    ///
    /// # Errors
    /// If it can't be opened.
    pub(in crate::front) fn open(path: PathBuf, links: bool) -> io::Result<Self> {
        let held = ArcSwap::from_pointee(Held::open(&path)?);
        Ok(Self { path, links, held, checked: AtomicU64::new(0), changes: AtomicU64::new(0) })
    }

    /// Its path, as the operator wrote it.
    pub(in crate::front) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens what stands there now, which is never a device or a FIFO; `None` is a folder.
    pub(super) fn entry(&self, relative: &str) -> Result<Option<Opened>, WebError> {
        let opened = || {
            let file = self.open_beneath(relative)?;
            let metadata = file.metadata()?;
            Ok((file, metadata))
        };
        let (file, metadata) = opened().map_err(|e| problem(&e, relative))?;
        match metadata.file_type() {
            kind if kind.is_dir() => Ok(None),
            kind if kind.is_file() => Ok(Some(Opened { file, metadata, relative: relative.to_owned() })),
            _ => Err(nothing()),
        }
    }

    /// Opens a regular file.
    pub(super) fn file(&self, relative: &str) -> Result<Opened, WebError> {
        self.entry(relative)?.ok_or_else(nothing)
    }

    /// The version of what stands under a name, without opening it: enough to tell whether something has changed, but not
    /// whether it may be sent.
    ///
    /// # Errors
    /// If there is no telling at the moment.
    pub(super) fn version(&self, relative: &str) -> Result<Option<Version>, WebError> {
        let found = self.open_with(relative, OFlags::PATH | OFlags::CLOEXEC).and_then(|file| file.metadata());
        match found {
            Ok(metadata) => Ok(Some(Version::of(&metadata))),
            Err(error) => match problem(&error, relative) {
                error if error.status().is_server_error() => Err(error),
                _ => Ok(None),
            },
        }
    }

    /// Whether a change of a file is told to those who watch its folder: on a file system that does, if it has no other name,
    /// and no link is on the way to it.
    pub(super) fn tells(&self, opened: &Opened) -> bool {
        let is_local = || fstatfs(&opened.file).is_ok_and(|found| TELLING.contains(&(found.f_type as u32)));
        let is_there = || {
            let real = fs::read_link(format!("/proc/self/fd/{}", opened.file.as_raw_fd())).ok()?;
            Some(real == std::path::absolute(&self.path).ok()?.join(&opened.relative))
        };
        opened.metadata.nlink() == 1 && is_local() && is_there() == Some(true)
    }

    /// Opens it whatever it is, within the folder.
    pub(super) fn open_beneath(&self, relative: &str) -> io::Result<File> {
        self.open_with(relative, FLAGS)
    }

    fn open_with(&self, relative: &str, flags: OFlags) -> io::Result<File> {
        static OPENAT2_IS_MISSING: AtomicBool = AtomicBool::new(false);
        let held = self.held.load();
        let relative = if relative.is_empty() { "." } else { relative };
        if !OPENAT2_IS_MISSING.load(Relaxed) {
            match self.by_kernel(&held.0, relative, flags) {
                // Kernels before 5.6, and sandboxes that know no better.
                Err(Errno::NOSYS) => OPENAT2_IS_MISSING.store(true, Relaxed),
                Err(Errno::PERM) => {}
                opened => return Ok(opened?),
            }
        }
        self.step_by_step(&held.0, relative)
    }

    fn by_kernel(&self, dir: &Dir, relative: &str, flags: OFlags) -> Result<File, Errno> {
        let links = if self.links { ResolveFlags::empty() } else { ResolveFlags::NO_SYMLINKS };
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | links;
        let attempt = |_| openat2(dir, relative, flags, Mode::empty(), resolve);
        let opened = (0..ATTEMPTS).map(attempt).find(|opened| !matches!(opened, Err(Errno::AGAIN)));
        opened.unwrap_or(Err(Errno::AGAIN)).map(File::from)
    }

    /// The same without openat2.
    fn step_by_step(&self, dir: &Dir, relative: &str) -> io::Result<File> {
        if self.links {
            let mut options = OpenOptions::new();
            options.read(true).custom_flags(FLAGS.bits().cast_signed());
            return Ok(dir.open_with(relative, &options)?.into_std());
        }
        let mut file = dir.try_clone()?.into_std_file();
        for name in relative.split('/') {
            file = openat(&file, name, FLAGS | OFlags::NOFOLLOW, Mode::empty())?.into();
        }
        Ok(file)
    }

    /// Opens the folder that stands there now, if it is another one of that name, as after a deployment.
    pub(super) fn refresh(&self, changes: u64) {
        let now = clock::ticks();
        if self.changes.load(Relaxed) == changes && now.saturating_sub(self.checked.load(Relaxed)) < PATROL {
            return;
        }
        self.checked.store(now, Relaxed);
        self.changes.store(changes, Relaxed);
        let found = fs::metadata(&self.path).map(|now| (now.dev(), now.ino()));
        // If there is none, whatever is left of the old one is as good as any.
        if found.is_ok_and(|found| found != self.held.load().1)
            && let Ok(new) = Held::open(&self.path)
        {
            self.held.store(Arc::new(new));
        }
    }
}

impl Held {
    fn open(path: &Path) -> io::Result<Self> {
        let dir = Dir::open_ambient_dir(path, ambient_authority())?;
        let found = dir.try_clone()?.into_std_file().metadata()?;
        Ok(Self(dir, (found.dev(), found.ino())))
    }
}

/// Opens a file that a plugin names: any regular file that the gateway may read.
pub(super) fn chosen(path: &Path) -> Result<Opened, WebError> {
    let open = || {
        let flags = FLAGS.bits().cast_signed();
        let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let metadata = file.metadata()?;
        Ok((file, metadata))
    };
    let (file, metadata) = open().map_err(|e| problem(&e, &path.to_string_lossy()))?;
    let relative = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if metadata.is_file() { Ok(Opened { file, metadata, relative }) } else { Err(nothing()) }
}

/// 404.
pub(super) fn nothing() -> WebError {
    WebError::not_found("there is no such file")
}

fn problem(error: &io::Error, relative: &str) -> WebError {
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        // It is there, but the gateway may not read it. A link that leaves the root is refused by other numbers, or by none.
        Some(Errno::ACCESS) => {
            tracing::warn!(file = relative, "the gateway's user may not read this file, or enter its folder");
            WebError::new(StatusCode::FORBIDDEN, "this file can't be read")
        }
        Some(Errno::MFILE | Errno::NFILE) => {
            tracing::error!("too many open files; raise the limit of the process (`ulimit -n`, `LimitNOFILE`)");
            WebError::new(StatusCode::SERVICE_UNAVAILABLE, "the server has too many open files; try again later")
        }
        Some(Errno::IO) => {
            tracing::error!(file = relative, "the file can't be read: {error}");
            WebError::internal()
        }
        Some(Errno::AGAIN | Errno::NOMEM | Errno::STALE) => {
            tracing::error!(file = relative, "the file can't be opened at the moment: {error}");
            WebError::new(StatusCode::SERVICE_UNAVAILABLE, "the file can't be opened at the moment; try again")
        }
        _ => nothing(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Both ways to open a file allow and refuse the same.
    #[test]
    fn it_works_without_openat2() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("www");
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/b/c"), "inside").unwrap();
        fs::write(dir.path().join("secret"), "outside").unwrap();
        for (target, link) in [
            ("a/b/c", "within"),
            ("b", "a/dir"),
            ("../secret", "up"),
            ("..", "a/b/above"),
            ("/", "top"),
            ("loop", "loop"),
        ] {
            symlink(target, root.join(link)).unwrap();
        }
        let names = [
            "a/b/c",
            "a/b",
            "",
            "none",
            "a/b/c/d",
            "within",
            "a/dir/c",
            "up",
            "a/b/above/b/c",
            "top/etc/passwd",
            "loop",
        ];
        for links in [true, false] {
            let folder = Folder::open(root.clone(), links).unwrap();
            let held = folder.held.load();
            for name in names {
                let name = if name.is_empty() { "." } else { name };
                let kernel = folder.by_kernel(&held.0, name, FLAGS).map_err(io::Error::from);
                let steps = folder.step_by_step(&held.0, name);
                let told =
                    |opened: io::Result<File>| opened.and_then(|file| file.metadata()).ok().map(|found| found.ino());
                assert_eq!(told(kernel), told(steps), "{name}, links {links}");
            }
        }
    }
}
