//! Notices that files of the configuration have changed. Folders are watched, not files: an editor that writes a new file
//! and renames it, or a link that is pointed elsewhere, is a change of the folder.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};

use crate::config::{self, Inputs};

/// Changes come in rows; after the last one it has to be quiet for so long.
const QUIET: Duration = Duration::from_millis(200);

/// But nobody waits longer than this.
const LONGEST: Duration = Duration::from_secs(2);

/// Now and then it is looked without an event: a folder may not have been there to be watched, or be behind a link.
const PATROL: Duration = Duration::from_secs(5);

/// Waits for changes.
pub struct Watcher {
    main: PathBuf,
    notify: Option<RecommendedWatcher>,
    events: mpsc::Receiver<()>,
    /// Those that are watched, with device and inode: another folder of that name is not.
    folders: BTreeMap<PathBuf, (u64, u64)>,
    seen: Vec<Trace>,
}

/// What tells one version of a file from another.
#[derive(Debug, PartialEq, Eq)]
struct Trace {
    path: PathBuf,
    /// Device, inode, size and time of change (also of its mode); none if it is not there.
    version: Option<(u64, u64, u64, i64, i64)>,
}

impl Watcher {
    /// Watches the configuration whose main file is `main`.
    #[must_use]
    pub fn new(main: &Path) -> Self {
        let (sender, events) = mpsc::channel(1);
        let heard = move |event: notify::Result<notify::Event>| {
            // One that waits to be heard is enough. Reading is no change.
            if !matches!(event, Ok(notify::Event { kind: EventKind::Access(_), .. })) {
                let _ = sender.try_send(());
            }
        };
        let notify = notify::recommended_watcher(heard);
        let notify = notify.map_err(|e| tracing::warn!("changes of files go unnoticed: {e}; reload by hand")).ok();
        let mut watcher = Self { main: main.to_owned(), notify, events, folders: BTreeMap::new(), seen: Vec::new() };
        watcher.look();
        watcher
    }

    /// Waits until something has changed since it was last looked at.
    pub async fn changed(&mut self) {
        loop {
            if let Ok(Some(())) = timeout(PATROL, self.events.recv()).await {
                let end = Instant::now() + LONGEST;
                while let Ok(Some(())) = timeout_at(end.min(Instant::now() + QUIET), self.events.recv()).await {}
            }
            if self.look() {
                return;
            }
        }
    }

    /// Looks at all files, and watches their folders. Returns whether anything is different.
    pub(super) fn look(&mut self) -> bool {
        let inputs = config::inputs(&self.main);
        // In this order: what changes in between makes one more event.
        self.watch(&inputs);
        let seen = traces(&inputs);
        let different = seen != self.seen;
        self.seen = seen;
        different
    }

    fn watch(&mut self, inputs: &Inputs) {
        let parents = inputs.files.iter().filter_map(|file| file.parent());
        let folders = parents.chain(inputs.folders.iter().map(|folder| folder.path.as_path())).map(named);
        let found: BTreeMap<PathBuf, (u64, u64)> = folders.filter_map(|folder| identified(&folder)).collect();
        let Some(notify) = &mut self.notify else { return };
        self.folders.retain(|folder, identity| {
            let kept = found.get(folder) == Some(identity);
            if !kept {
                // It may not be there any more.
                let _ = notify.unwatch(folder);
            }
            kept
        });
        for (folder, identity) in found {
            if self.folders.contains_key(&folder) {
                continue;
            }
            match notify.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => drop(self.folders.insert(folder, identity)),
                Err(e) => tracing::warn!("changes in {} are noticed late: {e}", folder.display()),
            }
        }
    }
}

/// A folder with its device and inode; `None` if there is none.
fn identified(folder: &Path) -> Option<(PathBuf, (u64, u64))> {
    let found = fs::metadata(folder).ok()?;
    Some((folder.to_owned(), (found.dev(), found.ino())))
}

/// The folder by a name that is not empty.
fn named(folder: &Path) -> PathBuf {
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
}

fn traces(inputs: &Inputs) -> Vec<Trace> {
    let listed = inputs.folders.iter().flat_map(|folder| {
        let entries = fs::read_dir(named(&folder.path)).into_iter().flatten().flatten();
        entries.filter(|entry| folder.counts(&entry.file_name().to_string_lossy())).map(|entry| entry.path())
    });
    let paths: BTreeSet<PathBuf> = inputs.files.iter().cloned().chain(listed).collect();
    let version = |path: &Path| {
        let found = fs::metadata(path).ok()?;
        Some((found.dev(), found.ino(), found.size(), found.ctime(), found.ctime_nsec()))
    };
    paths.into_iter().map(|path| Trace { version: version(&path), path }).collect()
}
