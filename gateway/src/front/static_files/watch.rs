//! Notices changes in folders: the kernel queues an event for each (inotify(7)), so that one question, without waiting,
//! tells whether anything has changed at all.

use std::{
    collections::HashSet,
    mem::MaybeUninit,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};

/// So many folders are watched at most. What is in others is looked at each second, as is everything.
const MOST_FOLDERS: usize = 8192;

/// Folders, and how often something has changed in one of them.
pub(super) struct Watch {
    queue: Option<OwnedFd>,
    changes: AtomicU64,
    folders: Mutex<HashSet<PathBuf>>,
}

impl Watch {
    pub(super) fn new() -> Self {
        let queue = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC);
        let queue = queue.map_err(|e| tracing::warn!("changes of files are noticed after a second: {e}")).ok();
        Self { queue, changes: AtomicU64::new(0), folders: Mutex::default() }
    }

    /// A number that is another one after each change.
    pub(super) fn changes(&self) -> u64 {
        let Some(queue) = &self.queue else { return 0 };
        let mut buffer = [const { MaybeUninit::uninit() }; 4096];
        let mut events = Reader::new(queue, &mut buffer);
        let mut is_changed = false;
        while let Ok(event) = events.next() {
            is_changed = true;
            // A folder is gone, or events were lost.
            if event.events().intersects(ReadFlags::IGNORED | ReadFlags::QUEUE_OVERFLOW) {
                self.folders.lock().unwrap_or_else(PoisonError::into_inner).clear();
            }
        }
        if is_changed {
            self.changes.fetch_add(1, Ordering::AcqRel);
        }
        self.changes.load(Ordering::Acquire)
    }

    /// Has changes noticed that are about a file below `root`: in its folder and in those above it.
    pub(super) fn look_after(&self, root: &Path, relative: &str) {
        let Some(queue) = &self.queue else { return };
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut folder = root.join(relative);
        while folder.pop() && folder.starts_with(root) {
            if folders.len() >= MOST_FOLDERS || folders.contains(&folder) {
                return;
            }
            let flags = WatchFlags::MODIFY
                | WatchFlags::ATTRIB
                | WatchFlags::CREATE
                | WatchFlags::DELETE
                | WatchFlags::MOVE
                | WatchFlags::DELETE_SELF
                | WatchFlags::MOVE_SELF
                | WatchFlags::ONLYDIR;
            if inotify::add_watch(queue, &folder, flags).is_ok() {
                folders.insert(folder.clone());
            }
        }
    }
}
