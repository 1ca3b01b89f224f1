//! Parts of a file as the body of a reply: one, or several with headers of their own between them (RFC 9110 §14.6).

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, IoSliceMut},
    os::unix::fs::FileExt as _,
    sync::Arc,
};

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use rustix::io::{Errno, ReadWriteFlags, preadv2};

use crate::{front::blocking::blocking, webapp::RequestId};

/// Files are read in pieces of this size, which is what a client costs that does not accept them.
pub(super) const PIECE: u64 = 64 << 10;

/// A piece of a body.
pub(in crate::front) enum Part {
    /// These bytes.
    Text(Bytes),
    /// So many bytes of the file, from there on.
    Range(u64, u64),
}

/// Parts of a file, read while they are written: no thread waits for the client.
pub(in crate::front) struct Parts {
    file: Arc<File>,
    left: VecDeque<Part>,
    length: u64,
}

impl Parts {
    pub(super) fn new(file: File, parts: impl IntoIterator<Item = Part>) -> Self {
        let left: VecDeque<_> = parts.into_iter().collect();
        let length = left.iter().map(Part::length).sum();
        Self { file: Arc::new(file), left, length }
    }

    /// How many bytes they have together.
    pub(in crate::front) fn length(&self) -> u64 {
        self.length
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// If the file has become shorter, or can't be read.
    pub(in crate::front) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let (start, size) = match self.left.pop_front() {
            None => return Ok(None),
            Some(Part::Text(bytes)) => return Ok(Some(bytes)),
            Some(Part::Range(start, size)) => (start, size),
        };
        let piece = size.min(PIECE);
        if size > piece {
            self.left.push_front(Part::Range(start + piece, size - piece));
        }
        if let Some(bytes) = read_now(&self.file, start, piece) {
            return Ok(Some(bytes));
        }
        let file = self.file.clone();
        let read = blocking(move || read_at(&file, start, piece)).await;
        // The client sees its connection end; the operator should know why.
        read.map(Some)
            .inspect_err(|e| tracing::warn!("a file can't be sent to its end, and may have become shorter: {e}"))
    }
}

impl Part {
    fn length(&self) -> u64 {
        match self {
            Self::Text(bytes) => bytes.len() as u64,
            Self::Range(_, size) => *size,
        }
    }
}

/// Reads what the page cache holds: to hand that to another thread would take longer. `None` if it would have to wait.
fn read_now(file: &File, start: u64, size: u64) -> Option<Bytes> {
    let mut piece = BytesMut::zeroed(size as usize);
    let mut read = 0;
    while read < piece.len() {
        let mut rest = [IoSliceMut::new(&mut piece[read..])];
        match preadv2(file, &mut rest, start + read as u64, ReadWriteFlags::NOWAIT) {
            Ok(0) => return None,
            Ok(count) => read += count,
            Err(Errno::INTR) => {}
            // The disk has to be asked, or the file system does not know the flag.
            Err(_) => return None,
        }
    }
    Some(piece.freeze())
}

/// Reads all of that, and waits for it.
pub(super) fn read_at(file: &File, start: u64, size: u64) -> io::Result<Bytes> {
    let mut piece = BytesMut::zeroed(size as usize);
    file.read_exact_at(&mut piece, start)?;
    Ok(piece.freeze())
}

/// Parts of what is in memory; one alone is not copied.
pub(super) fn of(content: &Bytes, parts: impl IntoIterator<Item = Part>) -> Bytes {
    let cut = |part| match part {
        Part::Text(bytes) => bytes,
        Part::Range(start, size) => content.slice(start as usize..(start + size) as usize),
    };
    let mut parts = parts.into_iter().map(cut);
    match (parts.next(), parts.next()) {
        (Some(one), None) => one,
        (first, second) => first.into_iter().chain(second).chain(parts).collect::<Vec<_>>().concat().into(),
    }
}

/// What separates several parts: it is in no file but by an accident that nobody can bring about.
pub(super) fn boundary() -> String {
    format!("{:016x}{:016x}", RequestId::next().number(), RequestId::next().number())
}

/// What stands before a part among several.
pub(super) fn head(boundary: &str, media: Option<&HeaderValue>, part: &(u64, u64), length: u64) -> Bytes {
    let media = media.and_then(|media| media.to_str().ok()).unwrap_or("application/octet-stream");
    let (start, end) = part;
    format!("\r\n--{boundary}\r\nContent-Type: {media}\r\nContent-Range: bytes {start}-{end}/{length}\r\n\r\n").into()
}

/// What stands behind the last one.
pub(super) fn end(boundary: &str) -> Bytes {
    format!("\r\n--{boundary}--\r\n").into()
}
