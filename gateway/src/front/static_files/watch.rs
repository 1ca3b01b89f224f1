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

/// Folders of all sites, and how often something has changed in one of them.
pub struct Watch {
    queue: Option<OwnedFd>,
    changes: AtomicU64,
    /// How often a name has come to stand for something else, or for nothing.
    moves: AtomicU64,
    /// The number of each folder's watch, and after how many moves it was set.
    folders: Mutex<HashMap<PathBuf, (i32, u64)>>,
}

impl Default for Watch {
    fn default() -> Self {
        let queue = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC);
        let queue = queue.map_err(|e| tracing::warn!("changes of files are noticed after a second: {e}")).ok();
        Self { queue, changes: AtomicU64::new(0), moves: AtomicU64::new(0), folders: Mutex::default() }
    }
}

impl Watch {
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

    /// Has changes noticed that are about a file below `root`: in its folder and in those above it, and whether another folder
    /// takes the place of the root. Returns whether they will be noticed.
    pub(super) fn look_after(&self, root: &Path, relative: &str) -> bool {
        let moves = self.moves.load(Ordering::Acquire);
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut folder = root.join(relative);
        let mut is_watched = true;
        while folder.pop() && folder.starts_with(root) {
            if folders.get(&folder).is_some_and(|(_, since)| *since == moves) {
                return is_watched;
            }
            is_watched &= self.add(&mut folders, &folder, CONTENT | NAMES, moves);
        }
        // What else is written there is none of our business.
        let parent = root.parent().filter(|parent| !parent.as_os_str().is_empty());
        self.add(&mut folders, parent.unwrap_or(Path::new(".")), NAMES, moves);
        is_watched
    }

    /// Watches a folder, if that is possible.
    fn add(&self, folders: &mut HashMap<PathBuf, (i32, u64)>, folder: &Path, flags: WatchFlags, moves: u64) -> bool {
        let Some(queue) = &self.queue else { return false };
        if folders.len() >= MOST_FOLDERS && !folders.contains_key(folder) {
            return false;
        }
        // One folder may have two names, and be wanted for more by one of them.
        let flags = flags | WatchFlags::ONLYDIR | WatchFlags::MASK_ADD;
        let Ok(new) = inotify::add_watch(queue, folder, flags) else { return false };
        let old = folders.insert(folder.to_owned(), (new, moves));
        let is_unused = |number: i32| !folders.values().any(|(other, _)| *other == number);
        if let Some((old, _)) = old.filter(|(old, _)| *old != new && is_unused(*old)) {
            // It may be gone already.
            let _ = inotify::remove_watch(queue, old);
        }
        true
    }
}
