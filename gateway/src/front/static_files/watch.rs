//! Notices changes in folders: the kernel queues an event for each (inotify(7)), so that one question, without waiting,
//! tells whether anything has changed at all.

use std::{
    collections::HashMap,
    mem::MaybeUninit,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};

/// Changes of what is in a file, or of its rights.
const CONTENT: WatchFlags = WatchFlags::MODIFY.union(WatchFlags::ATTRIB);

/// Changes of names.
const NAMES: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MOVE)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF);

/// So many folders are watched at most. What is in others is looked at each second, as is everything.
const MOST_FOLDERS: usize = 8192;

/// Folders, and how often something has changed in one of them.
pub(super) struct Watch {
    queue: Option<OwnedFd>,
    changes: AtomicU64,
    /// How often a name has come to stand for something else, or for nothing.
    moves: AtomicU64,
    /// The number of each folder's watch, and after how many moves it was set.
    folders: Mutex<HashMap<PathBuf, (i32, u64)>>,
}

impl Watch {
    pub(super) fn new() -> Self {
        let queue = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC);
        let queue = queue.map_err(|e| tracing::warn!("changes of files are noticed after a second: {e}")).ok();
        Self { queue, changes: AtomicU64::new(0), moves: AtomicU64::new(0), folders: Mutex::default() }
    }

    /// A number that is another one after each change.
    pub(super) fn changes(&self) -> u64 {
        let Some(queue) = &self.queue else { return 0 };
        let mut buffer = [const { MaybeUninit::uninit() }; 4096];
        let mut events = Reader::new(queue, &mut buffer);
        let (mut is_changed, mut is_moved) = (false, false);
        while let Ok(event) = events.next() {
            is_changed = true;
            is_moved |= !ReadFlags::from_bits_retain(CONTENT.bits()).contains(event.events());
        }
        // A folder's name may stand for another one, which has to be watched as well.
        if is_moved {
            self.moves.fetch_add(1, Ordering::AcqRel);
        }
        if is_changed {
            self.changes.fetch_add(1, Ordering::AcqRel);
        }
        self.changes.load(Ordering::Acquire)
    }

    /// Has changes noticed that are about a file below `root`: in its folder and in those above it.
    pub(super) fn look_after(&self, root: &Path, relative: &str) {
        let Some(queue) = &self.queue else { return };
        let moves = self.moves.load(Ordering::Acquire);
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut folder = root.join(relative);
        while folder.pop() && folder.starts_with(root) {
            let old = folders.get(&folder).copied();
            if old.is_some_and(|(_, since)| since == moves) {
                return;
            }
            let Ok(new) = inotify::add_watch(queue, &folder, CONTENT | NAMES | WatchFlags::ONLYDIR) else { return };
            folders.insert(folder.clone(), (new, moves));
            let unused = |number: i32| !folders.values().any(|(other, _)| *other == number);
            if let Some((old, _)) = old.filter(|(old, _)| *old != new && unused(*old)) {
                // It may be gone already, here and below.
                let _ = inotify::remove_watch(queue, old);
            }
        }
        if folders.len() > MOST_FOLDERS {
            for (_, (number, _)) in folders.drain() {
                let _ = inotify::remove_watch(queue, number);
            }
        }
    }
}
