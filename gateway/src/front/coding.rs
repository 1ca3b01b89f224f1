//! Content codings (RFC 9110 §8.4), and compressed request bodies: decoded within the limit that holds for all bodies.

use std::io::{self, Read};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{blocking::blocking, body::too_large};
use crate::webapp::WebError;

/// A coding that is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Zstd,
    Gzip,
}

/// The largest window that a zstd frame may ask for, as a power of two: 8 MiB, as RFC 9659 has it.
const ZSTD_WINDOW: u32 = 23;

impl Coding {
    /// All of them, the one that makes texts smallest first.
    pub(super) const ALL: [Self; 3] = [Self::Brotli, Self::Zstd, Self::Gzip];

    /// The coding of that name.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        if is("x-gzip") { Some(Self::Gzip) } else { Self::ALL.into_iter().find(|coding| is(coding.name())) }
    }

    /// Its name in headers.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// What the name of a file ends with that is coded by it.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstd => "zst",
            Self::Gzip => "gz",
        }
    }

    /// The coding of a body; `None` if it is sent as it is.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, WebError> {
        let mut values = headers.get_all(header::CONTENT_ENCODING).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return if headers.contains_key(header::CONTENT_ENCODING) { Err(unsupported()) } else { Ok(None) };
        };
        match value.as_bytes().trim_ascii() {
            b"" => Ok(None),
            name if name.eq_ignore_ascii_case(b"identity") => Ok(None),
            name => Self::named(name).map(Some).ok_or_else(unsupported),
        }
    }

    /// Decodes a body of which no more than `limit` bytes may come out, on a thread that may take its time.
    pub(super) async fn decode(self, body: Bytes, limit: usize) -> Result<Bytes, WebError> {
        match blocking(move || self.decoded(&body, limit)).await {
            Ok(bytes) if bytes.len() > limit => Err(too_large(limit)),
            Ok(bytes) => Ok(Bytes::from(bytes)),
            Err(e) => Err(WebError::bad_request(format!("the body can't be decompressed: {e}"))),
        }
    }

    /// One byte more than the limit tells that there are more.
    fn decoded(self, body: &[u8], limit: usize) -> io::Result<Vec<u8>> {
        let (mut decoded, most) = (Vec::new(), limit as u64 + 1);
        match self {
            Self::Gzip => MultiGzDecoder::new(body).take(most).read_to_end(&mut decoded)?,
            Self::Brotli => brotli_decompressor::Decompressor::new(body, 4096).take(most).read_to_end(&mut decoded)?,
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::new(body)?;
                decoder.window_log_max(ZSTD_WINDOW)?;
                decoder.take(most).read_to_end(&mut decoded)?
            }
        };
        Ok(decoded)
    }
}

fn unsupported() -> WebError {
    let info = "bodies may be compressed by gzip, br or zstd, and only once";
    WebError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, info)
        .with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, br, zstd"))
}
