//! What tells one version of a file from another: of the file itself, and of its compressed siblings.

use std::{
    fs::Metadata,
    os::unix::fs::MetadataExt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http::HeaderValue;

use super::{
    Place,
    negotiate::{Form, Forms},
    open::{Folder, Opened},
};
use crate::{front::coding::Coding, webapp::WebError};

/// Shorter files are not compressed: a packet carries them as they are.
const WORTHWHILE: u64 = 256;

/// File systems have times that are coarse: two versions within so long may have the same.
const COARSEST: Duration = Duration::from_secs(2);

/// One version of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    file: (u64, u64),
    is_file: bool,
    pub(super) length: u64,
    modified: (i64, i64),
    /// Also of its mode and owner.
    changed: (i64, i64),
}

impl Version {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            file: (metadata.dev(), metadata.ino()),
            is_file: metadata.is_file(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether it can be a coded form of the other: a regular file that is smaller, and not left over from an earlier version.
    fn is_form_of(&self, other: &Self) -> bool {
        self.is_file && self.length < other.length && self.modified >= other.modified
    }

    /// Whether it is so old that any other version has another time.
    fn is_settled(&self) -> bool {
        let (seconds, nanoseconds) = self.changed;
        let since = Duration::new(u64::try_from(seconds).unwrap_or(0), u32::try_from(nanoseconds).unwrap_or(0));
        SystemTime::now().duration_since(UNIX_EPOCH + since).is_ok_and(|age| age > COARSEST)
    }

    /// The modification time, in nanoseconds since 1970. Files from before then share a time; their sizes tell them apart as
    /// well as they can.
    fn nanoseconds(&self) -> u128 {
        let (seconds, nanoseconds) = self.modified;
        let (seconds, nanoseconds) = (u128::try_from(seconds), u128::try_from(nanoseconds));
        seconds.map_or(0, |seconds| seconds * 1_000_000_000 + nanoseconds.unwrap_or(0))
    }

    fn tag(&self, before: &str, after: &str) -> HeaderValue {
        let tag = format!("{before}\"{:x}-{:x}{after}\"", self.nanoseconds(), self.length);
        HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
    }

    /// When it was modified, in whole seconds, as dates have them.
    pub(super) fn modified(&self) -> SystemTime {
        let seconds = u64::try_from(self.modified.0).unwrap_or(0);
        UNIX_EPOCH + Duration::from_secs(seconds)
    }
}

/// The version of a file, and those of what stands beside it, in the order of [`Coding::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Versions {
    pub(super) own: Version,
    siblings: [Option<Version>; 3],
    /// Whether siblings count, and whether missing forms can be made here.
    has_siblings: bool,
    is_compressible: bool,
}

impl Versions {
    /// Looks for siblings, too.
    pub(super) fn of(
        opened: &Opened,
        place: &Place<'_>,
        folder: &Folder,
        media: &HeaderValue,
    ) -> Result<Self, WebError> {
        let own = Version::of(&opened.metadata);
        let media = media.to_str().unwrap_or_default();
        let has_siblings = place.files.precompressed && is_worth_looking(media);
        Ok(Self {
            own,
            siblings: if has_siblings { siblings(folder, &opened.relative)? } else { [None; 3] },
            has_siblings,
            is_compressible: own.length >= WORTHWHILE && place.files.compress.contain(media),
        })
    }

    /// Those of a file that has no other form.
    pub(super) fn alone(opened: &Opened) -> Self {
        let own = Version::of(&opened.metadata);
        Self { own, siblings: [None; 3], has_siblings: false, is_compressible: false }
    }

    /// Whether the file, and its siblings if these count, are as they were.
    pub(super) fn are_current(&self, folder: &Folder, relative: &str, with_siblings: bool) -> bool {
        let own = folder.version(relative).is_ok_and(|now| now == Some(self.own));
        own && (!(self.has_siblings && with_siblings)
            || siblings(folder, relative).is_ok_and(|now| now == self.siblings))
    }

    /// Whether all of it is so old that any other version has another time.
    pub(super) fn are_settled(&self) -> bool {
        self.own.is_settled() && self.siblings.iter().flatten().all(Version::is_settled)
    }

    /// The sibling that is a coded form of the file.
    pub(super) fn sibling(&self, coding: Coding) -> Option<Version> {
        self.siblings[coding as usize].filter(|sibling| sibling.is_form_of(&self.own))
    }

    /// How a coded form comes about.
    pub(super) fn form(&self, coding: Coding) -> Form {
        match self.sibling(coding) {
            Some(_) => Form::Sibling,
            None if self.is_compressible => Form::Made,
            None => Form::Missing,
        }
    }

    /// The same of all codings.
    pub(super) fn forms(&self) -> Forms {
        Coding::ALL.map(|coding| self.form(coding))
    }

    /// Whether there is any other form than the plain one.
    pub(super) fn is_negotiable(&self) -> bool {
        self.is_compressible || self.siblings.iter().flatten().any(|sibling| sibling.is_form_of(&self.own))
    }

    /// The entity tag of a form, from modification time and size: strong if it is a file, and weak if it is made here, since
    /// another version of the encoder may make other bytes.
    pub(super) fn etag(&self, coding: Option<Coding>) -> HeaderValue {
        match coding.map(|coding| (format!("-{}", coding.name()), self.sibling(coding))) {
            None => self.own.tag("", ""),
            Some((name, Some(sibling))) => sibling.tag("", &name),
            Some((name, None)) => self.own.tag("W/", &name),
        }
    }
}

fn siblings(folder: &Folder, relative: &str) -> Result<[Option<Version>; 3], WebError> {
    let mut found = [None; 3];
    for coding in Coding::ALL {
        found[coding as usize] = folder.version(&sibling_of(relative, coding))?;
    }
    Ok(found)
}

/// The name of a compressed sibling.
pub(super) fn sibling_of(relative: &str, coding: Coding) -> String {
    format!("{relative}.{}", coding.extension())
}

/// Formats that are compressed already have no smaller sibling.
fn is_worth_looking(media: &str) -> bool {
    let kind = media.split('/').next().unwrap_or_default();
    let is_raw_image = media.starts_with("image/svg") || media.starts_with("image/bmp");
    !matches!(kind, "video" | "audio") && (kind != "image" || is_raw_image)
}
