//! Writes MsgPack to a vector, which can't fail.

use rmp::encode;

/// Null.
pub(crate) fn null(out: &mut Vec<u8>) {
    let _ = encode::write_nil(out);
}

/// A bool.
pub(crate) fn bool(out: &mut Vec<u8>, value: bool) {
    let _ = encode::write_bool(out, value);
}

/// An int, in the shortest form. It is within the range of i64 or u64.
pub(crate) fn int(out: &mut Vec<u8>, value: i128) {
    let _ = match u64::try_from(value) {
        Ok(value) => encode::write_uint(out, value),
        Err(_) => encode::write_sint(out, i64::try_from(value).unwrap_or(i64::MIN)),
    };
}

/// A float, always in eight bytes.
pub(crate) fn float(out: &mut Vec<u8>, value: f64) {
    let _ = encode::write_f64(out, value);
}

/// A text.
pub(crate) fn text(out: &mut Vec<u8>, value: &str) {
    let _ = encode::write_str(out, value);
}

/// Bytes.
pub(crate) fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    let _ = encode::write_bin(out, value);
}

/// What a header introduces.
#[derive(Clone, Copy)]
pub(crate) enum Container {
    List,
    Map,
}

/// A place for the header of a container whose length is not known yet. It takes the widest form, five bytes, which every
/// MsgPack reader accepts.
pub(crate) struct Header {
    at: usize,
    container: Container,
}

/// Leaves room for a header.
pub(crate) fn header(out: &mut Vec<u8>, container: Container) -> Header {
    let at = out.len();
    out.extend_from_slice(&[0; 5]);
    Header { at, container }
}

impl Header {
    /// Takes it back: what comes is no container after all.
    pub(crate) fn undo(self, out: &mut Vec<u8>) {
        out.truncate(self.at);
    }

    /// Writes the length that turned out.
    pub(crate) fn complete(self, out: &mut [u8], length: usize) {
        // The input that was counted is far smaller than 4 GiB: bodies are limited.
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        let marker = match self.container {
            Container::List => 0xdd,
            Container::Map => 0xdf,
        };
        out[self.at] = marker;
        out[self.at + 1..self.at + 5].copy_from_slice(&length.to_be_bytes());
    }
}
