//! Compresses: a whole text for the shelf, or a large file piece by piece while it is sent.

use std::{
    fs::File,
    io::{self, Write},
    sync::{Arc, LazyLock},
};

use async_trait::async_trait;
use brotli::CompressorWriter;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::parts::{PIECE, read_at};
use crate::{
    front::{blocking::blocking, coding::Coding},
    webapp::{BrokenOff, Chunks},
};

/// As many as there are cores may compress at once: more would only keep requests waiting that ask for less.
static TURNS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));

/// So many replies may be compressed while they are sent: an encoder takes up to 2 MB, however slowly its client reads.
static STREAMS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(64)));

/// An encoder, and what has come out of it.
enum Encoder {
    Brotli(Box<CompressorWriter<Vec<u8>>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
    Gzip(GzEncoder<Vec<u8>>),
}

impl Encoder {
    fn new(coding: Coding) -> io::Result<Self> {
        // Levels at which a core still compresses tens of megabytes in a second, and windows of 256 KiB.
        Ok(match coding {
            Coding::Brotli => Self::Brotli(Box::new(CompressorWriter::new(Vec::new(), 4096, 5, 18))),
            Coding::Zstd => Self::Zstd(zstd::stream::write::Encoder::new(Vec::new(), 6)?),
            Coding::Gzip => Self::Gzip(GzEncoder::new(Vec::new(), Compression::new(6))),
        })
    }

    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        match self {
            Self::Brotli(encoder) => encoder.write_all(piece),
            Self::Zstd(encoder) => encoder.write_all(piece),
            Self::Gzip(encoder) => encoder.write_all(piece),
        }
    }

    /// What has come out since it was last taken.
    fn take(&mut self) -> Vec<u8> {
        std::mem::take(match self {
            Self::Brotli(encoder) => encoder.get_mut(),
            Self::Zstd(encoder) => encoder.get_mut(),
            Self::Gzip(encoder) => encoder.get_mut(),
        })
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Brotli(encoder) => Ok(encoder.into_inner()),
            Self::Zstd(encoder) => encoder.finish(),
            Self::Gzip(encoder) => encoder.finish(),
        }
    }
}

/// Compresses all of it.
pub(super) async fn whole(content: Bytes, coding: Coding) -> io::Result<Bytes> {
    let _turn = TURNS.acquire().await;
    let compress = move || {
        let mut encoder = Encoder::new(coding)?;
        encoder.write(&content)?;
        encoder.finish().map(Bytes::from)
    };
    blocking(compress).await
}

/// A file that is compressed while it is sent.
pub(super) struct Compressing {
    coding: Coding,
    /// With the encoder, once there was something to compress: not every reply has a body. None at the end.
    state: Option<(File, Option<Encoder>)>,
    at: u64,
    left: u64,
    _turn: OwnedSemaphorePermit,
}

impl Compressing {
    /// So many bytes of a file, which is given back if too many others are being compressed.
    pub(super) fn begin(file: File, length: u64, coding: Coding) -> Result<Self, File> {
        match STREAMS.clone().try_acquire_owned() {
            Ok(turn) => Ok(Self { coding, state: Some((file, None)), at: 0, left: length, _turn: turn }),
            Err(_) => Err(file),
        }
    }

    async fn step(&mut self) -> io::Result<Option<Bytes>> {
        let Some((file, encoder)) = self.state.take() else { return Ok(None) };
        let (coding, at, size) = (self.coding, self.at, self.left.min(PIECE));
        let _turn = TURNS.acquire().await;
        let compress = move || {
            let mut encoder = encoder.map_or_else(|| Encoder::new(coding), Ok)?;
            if size == 0 {
                return Ok((None, encoder.finish()?));
            }
            encoder.write(&read_at(&file, at, size)?)?;
            let piece = encoder.take();
            Ok((Some((file, Some(encoder))), piece))
        };
        let (state, piece) = blocking(compress).await?;
        (self.state, self.at, self.left) = (state, at + size, self.left - size);
        Ok(Some(piece.into()))
    }
}

#[async_trait]
impl Chunks for Compressing {
    async fn next(&mut self) -> Result<Option<Bytes>, BrokenOff> {
        loop {
            match self.step().await {
                Ok(Some(piece)) if piece.is_empty() => {}
                Ok(piece) => return Ok(piece),
                Err(e) => {
                    tracing::warn!("a file could not be compressed to its end: {e}");
                    return Err(BrokenOff);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_are_compressed_while_they_are_sent() {
        let begin = || Compressing::begin(tempfile::tempfile().unwrap(), 1, Coding::Gzip);
        let mut all: Vec<_> = (0..64).map(|_| begin().ok().unwrap()).collect();
        assert!(begin().is_err());
        all.pop();
        assert!(begin().is_ok());
    }
}
