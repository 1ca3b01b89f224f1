//! One call of one command.

use core::ffi::c_void;

use crate::{Buf, RawStream};

/// How the plugin shall write a reply value.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `application/json`
    Json = 0,
    /// `application/msgpack`
    MsgPack = 1,
}

impl Format {
    /// The format of that number; an unknown one is JSON.
    #[must_use]
    pub const fn from_u8(number: u8) -> Self {
        if number == Self::MsgPack as u8 { Self::MsgPack } else { Self::Json }
    }
}

/// What a [`Reply`] is. Further numbers may follow; a side that does not know one reports an internal error.
pub struct Kind;

impl Kind {
    /// A value, written in the format that the request asked for; without bytes, no body. `meta` as for [`Self::CONTENT`],
    /// or empty.
    pub const VALUE: u32 = 0;
    /// Bytes that go out as they are: `body`. `meta` is a MsgPack map, in which everything may be missing: `contentType`;
    /// `attachment`, the name to save it by; `headers`, a list of pairs.
    pub const CONTENT: u32 = 1;
    /// The file whose path is `body`; `meta` as above.
    pub const FILE: u32 = 2;
    /// The chunks that `stream` gives; `meta` as above.
    pub const STREAM: u32 = 3;
    /// An error that the handler meant: `body` is the text for the caller (UTF-8), `meta` the cause for the log.
    pub const ERROR: u32 = 4;
    /// The handler panicked: `meta` is message and place, for the log only.
    pub const PANIC: u32 = 5;
    /// Among the chunks of a request's body: a file of a form begins. `meta` is a MsgPack map of `name`, that of the form's
    /// field, and perhaps `fileName` and `contentType`. Since minor version 2.
    pub const FILE_BEGINS: u32 = 6;
}

/// A call. The callee takes a buffer by leaving [`Buf::EMPTY`] in its place; the caller frees what is left.
#[repr(C)]
pub struct Request {
    /// Size of this struct as the caller knows it, in bytes.
    pub size: u32,
    /// Index of the command in the plugin's spec.
    pub command: u32,
    /// Identifies the call in logs of both sides.
    pub call_id: u64,
    /// Identifies `context`: equal numbers mean equal bytes, so that what was read once need not be read again.
    pub context_id: u64,
    /// The time limit, in milliseconds, for the handler's own use; the caller enforces it.
    pub timeout_ms: u32,
    /// A [`Format`] as number.
    pub reply_format: u8,
    /// 1: start on the plugin's own threads, since this command has held the caller's for too long.
    pub hand_over: u8,
    /// 1: there are [`Self::files`]. Since minor version 2.
    pub has_files: u8,
    /// Zero.
    pub reserved: u8,
    /// The checked parameters: a MsgPack map, complete with defaults.
    pub params: Buf,
    /// Who calls: a MsgPack map, encoded once per session and shared by its calls. Kept until the handler has ended: as
    /// long as it is, the call counts as running, and its instance is not shut down.
    pub context: Buf,
    /// Names the call to [`HostApi::service`](crate::HostApi::service), as long as `context` is kept. Since minor version 1.
    pub caller: *const c_void,
    /// The files of a form, if the command takes any: for each of them [`Kind::FILE_BEGINS`] and then its chunks; in the end a
    /// chunk without bytes, or an error for the caller. Since minor version 2.
    pub files: RawStream,
}

/// What came of a call.
#[repr(C)]
pub struct Reply {
    /// See [`Kind`].
    pub kind: u32,
    /// The HTTP status.
    pub status: u16,
    /// Zero.
    pub reserved: u16,
    /// See [`Kind`].
    pub meta: Buf,
    /// See [`Kind`].
    pub body: Buf,
    /// See [`Kind`]; [`RawStream::NONE`] for all others.
    pub stream: RawStream,
}

impl Reply {
    /// A place for the callee to write a reply to: an error without text, should nothing be written.
    pub const UNWRITTEN: Self = Self {
        kind: Kind::ERROR,
        status: 500,
        reserved: 0,
        meta: Buf::EMPTY,
        body: Buf::EMPTY,
        stream: RawStream::NONE,
    };
}
