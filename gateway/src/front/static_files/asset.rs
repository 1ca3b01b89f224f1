//! What is held of a small file: its bytes, its compressed forms, and what replies say of them.

use std::{
    io,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize},
    },
};

use bytes::Bytes;
use http::HeaderValue;
use tokio::sync::OnceCell;

use super::{
    encode,
    open::{Folder, Opened},
    parts::read_at,
    respond::About,
    version::{Version, Versions, sibling_of},
};
use crate::front::{blocking::blocking, clock, coding::Coding};

/// Files up to this size are held.
pub(super) const LARGEST: u64 = 1 << 20;

/// An asset takes some memory even if it is empty.
pub(super) const EMPTY: usize = 1024;

/// Files up to this size are read where the request is: from the page cache that is faster than any other thread.
const SMALL: u64 = 64 << 10;

/// A file is read anew after so many milliseconds, whatever its times say: memory that is mapped changes without them.
const OLDEST: u64 = 600_000;

/// A small file in memory.
pub(in crate::front) struct Asset {
    pub(super) about: About,
    pub(super) versions: Versions,
    pub(super) plain: Bytes,
    /// The file's path below its folder.
    pub(super) relative: String,
    pub(super) folder: Arc<Folder>,
    coded: [OnceCell<Option<Bytes>>; 3],
    /// Replies without conditions, ready for HTTP/1.1: the plain one, then those of [`Coding::ALL`].
    pub(in crate::front) ready: [OnceLock<Ready>; 4],
    is_settled: bool,
    /// Whether every change of it is told to those who watch its folder.
    pub(super) is_told: bool,
    read: u64,
    /// What it takes, in bytes, and whether it was asked for since that was last looked at.
    pub(super) weight: AtomicUsize,
    pub(super) used: AtomicBool,
}

/// A reply, ready to be sent over HTTP/1.1 but for what is different each time: `Date` and `X-Request-Id`.
pub(in crate::front) struct Ready {
    /// Status line and header of a 200.
    pub(in crate::front) whole: Bytes,
    /// The same of a 304.
    pub(in crate::front) not_modified: Bytes,
    pub(in crate::front) etag: HeaderValue,
    pub(in crate::front) last_modified: HeaderValue,
    pub(in crate::front) body: Bytes,
}

impl Asset {
    /// Reads the file; `None` if it is being written to, and so is not to be held.
    pub(super) async fn read(
        opened: &Opened,
        versions: Versions,
        about: &About,
        folder: &Arc<Folder>,
    ) -> io::Result<Option<Self>> {
        let (length, is_settled) = (versions.own.length, versions.are_settled());
        let plain = if length <= SMALL {
            read_at(&opened.file, 0, length)
        } else {
            let file = opened.file.try_clone()?;
            blocking(move || read_at(&file, 0, length)).await
        };
        let is_whole = Version::of(&opened.file.metadata()?) == versions.own;
        let plain = match plain {
            Ok(plain) if is_whole => plain,
            Err(error) if is_whole => return Err(error),
            _ => return Ok(None),
        };
        Ok(Some(Self {
            about: about.clone(),
            versions,
            relative: opened.relative.clone(),
            folder: folder.clone(),
            coded: Default::default(),
            ready: Default::default(),
            is_settled,
            is_told: folder.tells(opened),
            read: clock::ticks(),
            weight: AtomicUsize::new(EMPTY + plain.len()),
            used: AtomicBool::new(false),
            plain,
        }))
    }

    /// Whether its versions tell all that has changed.
    fn is_telling(&self) -> bool {
        self.is_settled && clock::ticks().saturating_sub(self.read) < OLDEST
    }

    /// Whether it is what was found just now.
    pub(super) fn is(&self, versions: &Versions) -> bool {
        self.is_telling() && self.versions == *versions
    }

    /// Whether the file, and its siblings if these count, are as they were, without another look at how it was found.
    pub(super) fn is_current(&self, with_siblings: bool) -> bool {
        self.is_telling() && self.versions.are_current(&self.folder, &self.relative, with_siblings)
    }

    /// A form of it, if that is at hand.
    pub(in crate::front) fn form(&self, coding: Option<Coding>) -> Option<&Bytes> {
        match coding {
            None => Some(&self.plain),
            Some(coding) => self.coded[coding as usize].get()?.as_ref(),
        }
    }

    /// A coded form of it, read or made the first time; `None` if there is none after all.
    pub(super) async fn coded(&self, coding: Coding) -> Option<&Bytes> {
        let make = || async {
            let made = match self.versions.sibling(coding) {
                Some(version) => self.sibling(coding, version)?,
                None => encode::whole(self.plain.clone(), coding).await?,
            };
            Ok::<_, io::Error>(Some(made).filter(|made| made.len() < self.plain.len()))
        };
        let made = self.coded[coding as usize].get_or_try_init(make).await;
        // The next request tries again.
        let made = made.map_err(|e| tracing::debug!(file = self.relative, "there is no {} of it: {e}", coding.name()));
        made.ok()?.as_ref()
    }

    fn sibling(&self, coding: Coding, version: Version) -> io::Result<Bytes> {
        let opened = self.folder.file(&sibling_of(&self.relative, coding)).map_err(io::Error::other)?;
        let read = read_at(&opened.file, 0, version.length)?;
        if Version::of(&opened.file.metadata()?) == version {
            Ok(read)
        } else {
            Err(io::Error::other("it has changed"))
        }
    }
}
