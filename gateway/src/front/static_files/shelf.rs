//! Hot files of a site, held in memory within a limit, by the path that clients ask for. To find one takes no lock and, as
//! long as nothing has changed, no look at the file.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use bytes::Bytes;
use papaya::HashMap;

use super::{
    asset::{Asset, Versions},
    watch::Watch,
};
use crate::front::{clock, coding::Coding};

/// The hot files of a site.
pub(in crate::front) struct Shelf {
    assets: HashMap<Box<str>, Arc<Asset>>,
    /// What they take together, in bytes, and what they may.
    used: AtomicUsize,
    limit: usize,
    sweeping: Mutex<()>,
    watch: Watch,
}

/// When somebody began to look at a file: what changes from then on will be noticed.
#[derive(Clone, Copy)]
pub(super) struct Since {
    now: u64,
    changes: u64,
}

impl Shelf {
    /// A shelf for so many bytes; 0: nothing is held.
    pub(in crate::front) fn new(limit: usize) -> Self {
        Self {
            assets: HashMap::new(),
            used: AtomicUsize::new(0),
            limit,
            sweeping: Mutex::default(),
            watch: Watch::new(),
        }
    }

    /// What is held for a path, if it is known to be current.
    pub(in crate::front) fn fresh(&self, key: &str) -> Option<Arc<Asset>> {
        let assets = self.assets.pin();
        let asset = assets.get(key)?;
        let since = self.since();
        if !asset.is_fresh(since.now, since.changes) {
            let is_direct = key.strip_prefix('/') == Some(asset.relative());
            if !is_direct || !asset.is_unchanged() {
                return None;
            }
            asset.confirm(since.now, since.changes);
        }
        // Written to only if need be: all threads share it.
        if !asset.used.load(Relaxed) {
            asset.used.store(true, Relaxed);
        }
        Some(asset.clone())
    }

    /// Begins to look at a file.
    pub(super) fn since(&self) -> Since {
        Since { now: clock::now(), changes: self.watch.changes() }
    }

    /// What is held for a path, if it is what was found there just now.
    pub(super) fn confirmed(&self, key: &str, relative: &str, versions: &Versions, since: Since) -> Option<Arc<Asset>> {
        let assets = self.assets.pin();
        let asset = assets.get(key).filter(|asset| asset.is_current(relative, versions))?;
        asset.confirm(since.now, since.changes);
        Some(asset.clone())
    }

    /// Has changes noticed of a file below `root`.
    pub(super) fn look_after(&self, root: &Path, relative: &str) {
        if self.limit > 0 {
            self.watch.look_after(root, relative);
        }
    }

    /// Holds an asset for a path.
    pub(super) fn put(&self, key: &str, asset: Arc<Asset>, since: Since) {
        let weight = asset.weight.load(Relaxed);
        if weight > self.limit {
            return;
        }
        asset.confirm(since.now, since.changes);
        if let Some(old) = self.assets.pin().insert(key.into(), asset) {
            self.used.fetch_sub(old.weight.load(Relaxed).min(self.used.load(Relaxed)), Relaxed);
        }
        if self.used.fetch_add(weight, Relaxed) + weight > self.limit {
            self.sweep();
        }
    }

    /// A coded form of an asset, made the first time.
    pub(super) async fn coded<'a>(&self, asset: &'a Asset, coding: Coding) -> Option<&'a Bytes> {
        let before = asset.weight.load(Relaxed);
        let form = asset.coded(coding).await;
        let grown = asset.weight.load(Relaxed) - before;
        if self.used.fetch_add(grown, Relaxed) + grown > self.limit {
            self.sweep();
        }
        form
    }

    /// Makes room: what was not asked for since the last time goes first (the clock algorithm).
    fn sweep(&self) {
        let Ok(_sweeping) = self.sweeping.try_lock() else { return };
        let goal = self.limit / 8 * 7;
        let assets = self.assets.pin();
        let mut used = assets.values().map(|asset| asset.weight.load(Relaxed)).sum::<usize>();
        for _ in 0..2 {
            for (key, asset) in &assets {
                if used <= goal {
                    break;
                }
                if !asset.used.swap(false, Relaxed) {
                    used -= asset.weight.load(Relaxed).min(used);
                    assets.remove(key);
                }
            }
        }
        self.used.store(used, Relaxed);
    }
}
