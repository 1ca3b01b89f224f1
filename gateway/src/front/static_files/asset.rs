//! What is held of a small file: its bytes, its compressed forms, and what replies say of them.

use std::{
    io,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};

use bytes::Bytes;
use http::HeaderValue;
use tokio::{sync::OnceCell, task::spawn_blocking};

use super::{
    Place, encode,
    negotiate::{Form, Forms},
    open::{Folder, Opened},
    parts::read_at,
    validators::Version,
};
use crate::front::coding::Coding;

/// Files up to this size are held.
pub(super) const LARGEST: u64 = 1 << 20;

/// Files up to this size are read where the request is: from the page cache that is faster than any other thread.
const SMALL: u64 = 64 << 10;

/// Shorter files are not compressed: a packet carries them as they are.
const WORTHWHILE: u64 = 256;

/// What is said of an asset without looking at the file again holds so long, in milliseconds.
const FRESH: u64 = 1000;

/// The version of a file, and those of its compressed siblings, in the order of [`Coding::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Versions {
    pub(super) own: Version,
    /// Whatever stands beside it under a sibling's name, if that was looked for.
    found: [Option<Version>; 3],
    looked_for: bool,
    /// What of that is a form of the file.
    siblings: [Option<Version>; 3],
    /// Whether the missing ones can be made here.
    compressible: bool,
}

/// What replies say of a file, whatever its form.
#[derive(Clone)]
pub(super) struct About {
    pub(super) media: HeaderValue,
    pub(super) cache_control: Option<HeaderValue>,
    pub(super) disposition: Option<HeaderValue>,
}

/// A small file in memory.
pub(in crate::front) struct Asset {
    pub(super) about: About,
    pub(super) versions: Versions,
    pub(super) plain: Bytes,
    relative: String,
    folder: Arc<Folder>,
    coded: [OnceCell<Option<Bytes>>; 3],
    /// Replies without conditions, ready for HTTP/1.1: the plain one, then those of [`Coding::ALL`].
    pub(in crate::front) ready: [OnceLock<Ready>; 4],
    is_settled: bool,
    /// When it was last known to be current, and after how many changes.
    checked: AtomicU64,
    changes: AtomicU64,
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

impl Versions {
    /// Looks for siblings, too, by name: they are opened when they are sent. One that is older than the file is left over from an earlier version of it.
    pub(super) fn of(opened: &Opened, place: &Place<'_>, folder: &Folder, about: &About) -> Self {
        let own = Version::of(&opened.metadata);
        let media = about.media.to_str().unwrap_or_default();
        let looked_for = place.files.precompressed && is_worth_looking(media);
        let find = |coding| folder.version(&sibling_of(&opened.relative, coding));
        let found = if looked_for { Coding::ALL.map(find) } else { [None; 3] };
        let is_form = |version: &Version| version.is_file() && !version.is_older(&own) && version.length < own.length;
        // A link may lead out of the folder, where nothing is opened.
        let is_there = |coding| folder.file(&sibling_of(&opened.relative, coding)).is_ok();
        let siblings = Coding::ALL.map(|coding| found[coding as usize].filter(is_form).filter(|_| is_there(coding)));
        let compressible = own.length >= WORTHWHILE && place.files.compress.contain(media);
        Self { own, found, looked_for, siblings, compressible }
    }

    /// Those of a file that has no other form.
    pub(super) fn alone(opened: &Opened) -> Self {
        Self {
            own: Version::of(&opened.metadata),
            found: [None; 3],
            looked_for: false,
            siblings: [None; 3],
            compressible: false,
        }
    }

    /// How each coded form comes about.
    pub(super) fn forms(&self) -> Forms {
        self.siblings.map(|sibling| match sibling {
            Some(_) => Form::Sibling,
            None if self.compressible => Form::Made,
            None => Form::Missing,
        })
    }

    /// Whether there is any other form than the plain one.
    pub(super) fn is_negotiable(&self) -> bool {
        self.compressible || self.siblings.iter().any(Option::is_some)
    }

    /// The entity tag of a form.
    pub(super) fn etag(&self, coding: Option<Coding>) -> HeaderValue {
        match coding.map(|coding| (coding, self.siblings[coding as usize])) {
            None => self.own.etag(),
            Some((coding, Some(sibling))) => sibling.coded_etag(coding, false),
            Some((coding, None)) => self.own.coded_etag(coding, true),
        }
    }
}

/// Formats that are compressed already have no smaller sibling.
fn is_worth_looking(media: &str) -> bool {
    let kind = media.split('/').next().unwrap_or_default();
    !matches!(kind, "video" | "audio")
        && (kind != "image" || media.starts_with("image/svg") || media.starts_with("image/bmp"))
}

/// The name of a compressed sibling.
pub(super) fn sibling_of(relative: &str, coding: Coding) -> String {
    format!("{relative}.{}", coding.extension())
}

impl Asset {
    /// Reads the file. If it is written to meanwhile, it is read again, or not held.
    pub(super) async fn read(
        opened: Opened,
        versions: Versions,
        about: About,
        folder: Arc<Folder>,
    ) -> io::Result<Self> {
        let Opened { file, relative, .. } = opened;
        let mut versions = versions;
        for _ in 0..3 {
            let length = versions.own.length;
            let content = if length <= SMALL {
                read_at(&file, 0, length)
            } else {
                let file = file.try_clone()?;
                spawn_blocking(move || read_at(&file, 0, length)).await.map_err(io::Error::other).flatten()
            };
            let now = Version::of(&file.metadata()?);
            match content {
                Ok(content) if now == versions.own => return Ok(Self::new(content, relative, versions, about, folder)),
                _ if now.length > LARGEST => break,
                _ => versions.own = now,
            }
        }
        Err(io::Error::other("it is being written to"))
    }

    fn new(plain: Bytes, relative: String, versions: Versions, about: About, folder: Arc<Folder>) -> Self {
        /// An asset takes some memory even if it is empty.
        const EMPTY: usize = 1024;
        Self {
            weight: AtomicUsize::new(EMPTY + plain.len()),
            is_settled: versions.own.is_settled(),
            about,
            versions,
            plain,
            relative,
            folder,
            coded: Default::default(),
            ready: Default::default(),
            checked: AtomicU64::new(0),
            changes: AtomicU64::new(0),
            used: AtomicBool::new(true),
        }
    }

    /// The file's path below its folder.
    pub(super) fn relative(&self) -> &str {
        &self.relative
    }

    /// Notes that it is current.
    pub(super) fn confirm(&self, now: u64, changes: u64) {
        self.changes.store(changes, Relaxed);
        self.checked.store(now, Relaxed);
    }

    /// Whether it can be sent without another look at the file.
    pub(super) fn is_fresh(&self, now: u64, changes: u64) -> bool {
        self.changes.load(Relaxed) == changes && now.abs_diff(self.checked.load(Relaxed)) < FRESH
    }

    /// Whether the file and its siblings are what they were, by their names alone: this is for an asset whose path is that of
    /// its file, so that it could not have come from another one.
    pub(super) fn is_unchanged(&self) -> bool {
        let version = |name: &str| self.folder.version(name);
        let sibling = |coding: Coding| version(&sibling_of(&self.relative, coding));
        self.is_settled
            && version(&self.relative) == Some(self.versions.own)
            && self.versions.looked_for.then(|| Coding::ALL.map(sibling)).unwrap_or_default() == self.versions.found
    }

    /// Whether it is what was found just now.
    pub(super) fn is_current(&self, relative: &str, versions: &Versions) -> bool {
        self.is_settled && self.versions == *versions && self.relative == relative
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
            let made = match self.versions.siblings[coding as usize] {
                Some(version) => self.sibling(coding, version),
                None => encode::whole(self.plain.clone(), coding).await,
            };
            let made = made.map_err(|e| tracing::warn!(file = self.relative, "{} of it: {e}", coding.name()));
            let made = made.ok().filter(|bytes| bytes.len() < self.plain.len());
            self.weight.fetch_add(made.as_ref().map_or(0, Bytes::len), Relaxed);
            made
        };
        self.coded[coding as usize].get_or_init(make).await.as_ref()
    }

    fn sibling(&self, coding: Coding, version: Version) -> io::Result<Bytes> {
        let gone = || io::Error::other("the file beside it is another one already");
        let opened = self.folder.file(&sibling_of(&self.relative, coding)).map_err(|_| gone())?;
        if Version::of(&opened.metadata) != version {
            return Err(gone());
        }
        read_at(&opened.file, 0, version.length)
    }
}
