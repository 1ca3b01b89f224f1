//! A reply on its way to the boundary.

use wicketgate_abi::{Buf, Format, Kind, RawStream, Reply};

use crate::{Error, Result, encoding, head::Head};
use serde::Serialize;

/// What a handler's reply becomes before it crosses the boundary: status, headers and body.
pub struct Answer {
    kind: u32,
    pub(crate) head: Head,
    body: Vec<u8>,
    stream: RawStream,
}

impl Answer {
    /// Bytes that mean what `kind` says.
    pub(crate) const fn new(kind: u32, head: Head, body: Vec<u8>) -> Self {
        Self { kind, head, body, stream: RawStream::NONE }
    }

    /// A body that is made while it is sent.
    pub(crate) const fn streaming(head: Head, stream: RawStream) -> Self {
        Self { kind: Kind::STREAM, head, body: Vec::new(), stream }
    }

    /// No body at all.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self::new(Kind::VALUE, Head::new(status, ""), Vec::new())
    }

    /// A value in `format`, with status 200.
    ///
    /// # Errors
    /// If serde refuses the value, such as a map with keys that are no strings.
    pub fn value<T: Serialize>(value: &T, format: Format) -> Result<Self> {
        let body = match format {
            Format::Json => encoding::json(value)?,
            Format::MsgPack => encoding::msgpack(value)?,
        };
        Ok(Self::new(Kind::VALUE, Head::new(200, ""), body))
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.head.status = status;
        self
    }

    /// The reply that crosses the boundary.
    pub(crate) fn into_raw(self) -> Result<Reply, Error> {
        let Self { kind, head, body, stream } = self;
        // A plain value needs no more than its bytes.
        let meta = if kind == Kind::VALUE && head.is_plain() { Buf::EMPTY } else { Buf::from_vec(head.encoded()?) };
        Ok(Reply { kind, status: head.status, meta, body: Buf::from_vec(body), stream, ..Reply::UNWRITTEN })
    }
}
