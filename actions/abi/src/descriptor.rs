//! What the two sides offer each other.

use core::{ffi::c_void, sync::atomic::AtomicU32};

use crate::{Buf, Note, RawFuture, Reply, Request, Slice};

/// What a function of the boundary returns.
pub struct Status;

impl Status {
    /// Done: the result is written.
    pub const READY: u32 = 0;
    /// Not yet: a future is written, or the waker is kept.
    pub const PENDING: u32 = 1;
    /// Failed: the reason is written.
    pub const FAILED: u32 = 2;
}

/// What a plugin may ask of the gateway. Lives as long as the process.
#[repr(C)]
pub struct HostApi {
    /// Size of this struct as the gateway knows it, in bytes.
    pub size: u32,
    /// The gateway's [`ABI_MINOR`](crate::ABI_MINOR).
    pub abi_minor: u16,
    /// Zero.
    pub reserved: u16,
    /// The most detailed level that is logged: 0 nothing, 1 error … 5 trace. Read without a call.
    pub max_log_level: &'static AtomicU32,
    /// Logs one line. `target` and `message` are UTF-8; `level` as in `max_log_level`.
    pub log: unsafe extern "C" fn(level: u32, target: Slice, message: Slice),
    /// Asks for the service of that name (UTF-8, such as `session.get`) on behalf of the call that `caller` names:
    /// [`Status::READY`] with `reply` written, or [`Status::PENDING`] with `future` written. `params` and the body of a reply
    /// of kind `VALUE` are MsgPack; an error is a reply of kind `ERROR`, of status 501 for a service that is not known.
    /// `caller` is [`Request::caller`], whose `context` is still kept. Since minor version 1.
    pub service: unsafe extern "C" fn(
        caller: *const c_void,
        name: Slice,
        params: Slice,
        reply: *mut Reply,
        future: *mut RawFuture,
    ) -> u32,
}

/// A plugin's one exported symbol, [`SYMBOL`](crate::SYMBOL).
#[repr(C)]
pub struct Descriptor {
    /// [`MAGIC`](crate::MAGIC).
    pub magic: u64,
    /// See [`ABI_MAJOR`](crate::ABI_MAJOR).
    pub abi_major: u16,
    /// See [`ABI_MINOR`](crate::ABI_MINOR).
    pub abi_minor: u16,
    /// Size of this struct as the plugin knows it, in bytes.
    pub size: u32,
    /// The same note as in the file; the reference keeps the linker from dropping it.
    pub note: &'static Note,
    /// Writes the spec document (JSON). Pure: no thread, no state, callable before `init`.
    pub spec: unsafe extern "C" fn(document: *mut Buf) -> u32,
    /// Makes one configured instance. `config` is the checked configuration, a MsgPack map.
    /// On [`Status::FAILED`], `error` holds the reason (UTF-8).
    pub init:
        unsafe extern "C" fn(host: &'static HostApi, config: Buf, instance: *mut *mut c_void, error: *mut Buf) -> u32,
    /// Calls a command: [`Status::READY`] with `reply` written, or [`Status::PENDING`] with `future` written.
    pub call: unsafe extern "C" fn(
        instance: *const c_void,
        request: *mut Request,
        reply: *mut Reply,
        future: *mut RawFuture,
    ) -> u32,
    /// Ends an instance that has no call left. Waits for its threads at most `timeout_ms` milliseconds.
    pub shutdown: unsafe extern "C" fn(instance: *mut c_void, timeout_ms: u32),
}
