//! Hot files of a site, held in memory within a limit. To find one by the path that a client asks for takes no lock and, as
//! long as nothing has changed, no look at the file.

use std::sync::{
    Arc, Mutex, Weak,
    atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};

use bytes::Bytes;
use papaya::HashMap;

use super::{
    Folder,
    asset::{Asset, EMPTY, LARGEST},
    version::Versions,
    watch::Watch,
};
use crate::front::{clock, coding::Coding};

/// What is known of a path holds so long without another look, in milliseconds: a change that nobody tells of is seen within a
/// second. Where all changes are told, it is looked all the same, but now and then.
const FRESH: u64 = 900;
const TOLD: u64 = 10_000;

/// So many paths are known at most, and no longer ones.
const MOST_PATHS: usize = 32_768;
const LONGEST_PATH: usize = 256;

/// The hot files of a site.
pub(in crate::front) struct Shelf {
    /// By the path as it is sent.
    paths: HashMap<Box<str>, Known>,
    /// By what they are: folder, rule and path below the folder.
    assets: HashMap<Box<str>, Arc<Asset>>,
    /// What they take together, in bytes, or more; and what they may.
    used: AtomicUsize,
    limit: usize,
    sweeping: Mutex<()>,
    watch: Arc<Watch>,
}

/// Where a path led when that was looked at last.
struct Known {
    asset: Weak<Asset>,
    /// Whether the path is that of the file, so that no other file can take its place.
    is_direct: bool,
    holds: u64,
    checked: AtomicU64,
    changes: AtomicU64,
}

/// When somebody began to look at a file: what changes from then on will be noticed.
#[derive(Clone, Copy)]
pub(super) struct Since {
    now: u64,
    pub(super) changes: u64,
}

impl Shelf {
    /// A shelf for so many bytes; 0: nothing is held.
    pub(in crate::front) fn new(limit: usize, watch: Arc<Watch>) -> Self {
        Self {
            paths: HashMap::new(),
            assets: HashMap::new(),
            used: AtomicUsize::new(0),
            limit,
            sweeping: Mutex::default(),
            watch,
        }
    }

    /// Whether it has room for a file of that size.
    pub(super) fn takes(&self, length: u64) -> bool {
        length <= LARGEST && length as usize + EMPTY <= self.limit
    }

    /// Begins to look at a file.
    pub(super) fn since(&self) -> Since {
        Since { now: clock::ticks(), changes: self.watch.changes() }
    }

    /// What is held for a path, if it is known to be current.
    pub(in crate::front) fn fresh(&self, path: &str) -> Option<Arc<Asset>> {
        let paths = self.paths.pin();
        let known = paths.get(path)?;
        let asset = known.asset.upgrade()?;
        let since = self.since();
        if !known.is_fresh(since) && !self.is_current(known, &asset, since) {
            return None;
        }
        // Written to only if need be: all threads share it.
        if !asset.used.load(Relaxed) {
            asset.used.store(true, Relaxed);
        }
        Some(asset)
    }

    /// Looks whether a path still leads to what it led to.
    fn is_current(&self, known: &Known, asset: &Asset, since: Since) -> bool {
        asset.folder.refresh(since.changes);
        let is_watched = self.look_after(&asset.folder, &asset.relative);
        // Of names that come and go in a folder that is watched, it would have been told.
        let is_quiet = is_watched && known.changes.load(Relaxed) == since.changes;
        let is_current = known.is_direct && (is_watched || known.holds == FRESH) && asset.is_current(!is_quiet);
        if is_current {
            known.confirm(since);
        }
        is_current
    }

    /// Has changes noticed of a file, and of the folder that it is below; returns whether they will be.
    pub(super) fn look_after(&self, folder: &Folder, relative: &str) -> bool {
        self.limit > 0 && self.watch.look_after(folder.path(), relative)
    }

    /// What is held under a name, if it is what was found just now.
    pub(super) fn get(&self, name: &str, versions: &Versions) -> Option<Arc<Asset>> {
        self.assets.pin().get(name).filter(|asset| asset.is(versions)).cloned()
    }

    /// Holds an asset under a name.
    pub(super) fn put(&self, name: &str, asset: Arc<Asset>) {
        let weight = asset.weight.load(Relaxed);
        self.assets.pin().insert(name.into(), asset);
        self.grow(weight);
    }

    /// Remembers that a path leads to an asset, and whether its folder is watched.
    pub(super) fn remember(&self, path: &str, asset: &Arc<Asset>, since: Since, is_watched: bool) {
        if path.len() > LONGEST_PATH {
            return;
        }
        let paths = self.paths.pin();
        if paths.len() >= MOST_PATHS {
            paths.clear();
        }
        let is_direct = path.strip_prefix('/') == Some(&asset.relative);
        let known = Known {
            asset: Arc::downgrade(asset),
            is_direct,
            holds: if is_direct && is_watched && asset.is_told { TOLD } else { FRESH },
            checked: AtomicU64::new(0),
            changes: AtomicU64::new(0),
        };
        known.confirm(since);
        paths.insert(path.into(), known);
    }

    /// A coded form of an asset, made the first time.
    pub(super) async fn coded<'a>(&self, asset: &'a Asset, coding: Coding) -> Option<&'a Bytes> {
        if let Some(form) = asset.form(Some(coding)) {
            return Some(form);
        }
        let form = asset.coded(coding).await?;
        self.add(asset, form.len());
        Some(form)
    }

    /// An asset takes so much more.
    pub(in crate::front) fn add(&self, asset: &Asset, size: usize) {
        asset.weight.fetch_add(size, Relaxed);
        self.grow(size);
    }

    fn grow(&self, size: usize) {
        if self.used.fetch_add(size, Relaxed) + size > self.limit {
            self.sweep();
        }
    }

    /// Counts what there is, and makes room: what was not asked for since the last time goes first.
    fn sweep(&self) {
        let Ok(_sweeping) = self.sweeping.try_lock() else { return };
        let (assets, goal) = (self.assets.pin(), self.limit / 8 * 7);
        let mut used = assets.values().map(|asset| asset.weight.load(Relaxed)).sum::<usize>();
        let rounds = if used > self.limit { 2 } else { 0 };
        for _ in 0..rounds {
            for (name, asset) in &assets {
                if used <= goal {
                    break;
                }
                if !asset.used.swap(false, Relaxed) {
                    used = used.saturating_sub(asset.weight.load(Relaxed));
                    assets.remove(name);
                }
            }
        }
        self.used.store(used, Relaxed);
    }
}

impl Known {
    fn is_fresh(&self, since: Since) -> bool {
        self.changes.load(Relaxed) == since.changes && since.now.saturating_sub(self.checked.load(Relaxed)) < self.holds
    }

    fn confirm(&self, since: Since) {
        self.changes.store(since.changes, Relaxed);
        self.checked.store(since.now, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use http::HeaderValue;

    use super::{super::respond::About, *};

    async fn asset(folder: &Arc<Folder>, name: &str) -> Arc<Asset> {
        let opened = folder.file(name).unwrap();
        let about = About::only(HeaderValue::from_static("text/plain"));
        Asset::read(&opened, Versions::alone(&opened), &about, folder).await.unwrap().unwrap().into()
    }

    fn weigh(shelf: &Shelf) -> usize {
        shelf.assets.pin().values().map(|asset| asset.weight.load(Relaxed)).sum()
    }

    #[tokio::test]
    async fn there_is_never_more_than_fits_and_what_is_asked_for_stays() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), [7; 9_000]).unwrap();
        let folder = Arc::new(Folder::open(dir.path().to_owned(), true).unwrap());
        let shelf = Shelf::new(100_000, Arc::default());
        let hot = asset(&folder, "a").await;
        shelf.put("hot", hot.clone());
        for number in 0..200 {
            hot.used.store(true, Relaxed);
            shelf.put(&format!("cold {number}"), asset(&folder, "a").await);
            assert!(weigh(&shelf) <= 100_000, "{number}: {}", weigh(&shelf));
            assert!(shelf.assets.pin().get("hot").is_some(), "{number}");
        }
        // What grows has to make room as well, and what is too large for all of it is not taken.
        shelf.add(&hot, 95_000);
        assert!(weigh(&shelf) <= 100_000, "{}", weigh(&shelf));
        assert!(shelf.takes(90_000) && !shelf.takes(99_500));
    }

    #[tokio::test]
    async fn paths_are_forgotten_before_there_are_too_many() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), "x").unwrap();
        let folder = Arc::new(Folder::open(dir.path().to_owned(), true).unwrap());
        let shelf = Shelf::new(100_000, Arc::default());
        let asset = asset(&folder, "a").await;
        for number in 0..MOST_PATHS + 10 {
            shelf.remember(&format!("/{number}"), &asset, shelf.since(), true);
        }
        shelf.remember(&format!("/{}", "x".repeat(LONGEST_PATH)), &asset, shelf.since(), true);
        assert_eq!(shelf.paths.pin().len(), 10);
        assert!(shelf.fresh("/32770").is_some() && shelf.fresh("/1").is_none());
        // Nothing keeps what is not on the shelf.
        drop(asset);
        assert!(shelf.fresh("/32770").is_none());
    }
}
