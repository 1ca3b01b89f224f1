//! Notices that files of the configuration have changed. Folders are watched, not files: an editor that writes a new file
//! and renames it, or a link that is pointed elsewhere, is a change of the folder.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout_at},
};

use crate::config::{self, Inputs};

/// Changes come in rows; after the last one it has to be quiet for so long.
const QUIET: Duration = Duration::from_millis(200);

/// But nobody waits longer than this.
const LONGEST: Duration = Duration::from_secs(2);

/// Waits for changes.
pub(super) struct Watcher {
    main: PathBuf,
    notify: Option<RecommendedWatcher>,
    events: mpsc::Receiver<()>,
    folders: BTreeSet<PathBuf>,
    seen: Vec<Trace>,
}

/// What tells one version of a file from another.
#[derive(Debug, PartialEq, Eq)]
struct Trace {
    path: PathBuf,
    /// Device, inode, size and time of change; none if it is not there.
    version: Option<(u64, u64, u64, i64, i64)>,
}

impl Watcher {
    /// Watches the configuration whose main file is `main`.
    pub(super) fn new(main: &Path) -> Self {
        let (sender, events) = mpsc::channel(1);
        let heard = move |event: notify::Result<notify::Event>| {
            // One that waits to be heard is enough. Reading is no change.
            if !matches!(event, Ok(notify::Event { kind: EventKind::Access(_), .. })) {
                let _ = sender.try_send(());
            }
        };
        let notify = notify::recommended_watcher(heard);
        let notify = notify.map_err(|e| tracing::warn!("changes of files go unnoticed: {e}; reload by hand")).ok();
        let mut watcher = Self { main: main.to_owned(), notify, events, folders: BTreeSet::new(), seen: Vec::new() };
        watcher.look();
        watcher
    }

    /// Waits until something has changed since it was last looked at.
    pub(super) async fn changed(&mut self) {
        loop {
            if self.events.recv().await.is_none() {
                return std::future::pending().await;
            }
            let end = Instant::now() + LONGEST;
            while let Ok(Some(())) = timeout_at(end.min(Instant::now() + QUIET), self.events.recv()).await {}
            if self.look() {
                return;
            }
        }
    }

    /// Looks at all files, and watches their folders. Returns whether anything is different.
    pub(super) fn look(&mut self) -> bool {
        let inputs = config::inputs(&self.main);
        let seen = traces(&inputs);
        self.watch(&inputs);
        let different = seen != self.seen;
        self.seen = seen;
        different
    }

    fn watch(&mut self, inputs: &Inputs) {
        let parents = inputs.files.iter().filter_map(|file| file.parent());
        let folders: BTreeSet<PathBuf> =
            parents.chain(inputs.folders.iter().map(PathBuf::as_path)).map(named).collect();
        let Some(notify) = &mut self.notify else { return };
        for gone in self.folders.difference(&folders) {
            // It may not be there any more.
            let _ = notify.unwatch(gone);
        }
        for new in folders.difference(&self.folders) {
            if let Err(e) = notify.watch(new, RecursiveMode::NonRecursive) {
                tracing::warn!("changes in {} go unnoticed: {e}", new.display());
            }
        }
        self.folders = folders;
    }
}

/// The folder by a name that is not empty.
fn named(folder: &Path) -> PathBuf {
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
}

fn traces(inputs: &Inputs) -> Vec<Trace> {
    let listed = inputs.folders.iter().filter_map(|folder| fs::read_dir(named(folder)).ok()).flatten();
    let listed = listed.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let paths: BTreeSet<PathBuf> = inputs.files.iter().cloned().chain(listed).collect();
    let version = |path: &Path| {
        let found = fs::metadata(path).ok()?;
        Some((found.dev(), found.ino(), found.size(), found.mtime(), found.mtime_nsec()))
    };
    paths.into_iter().map(|path| Trace { version: version(&path), path }).collect()
}
