//! The C boundary between the gateway and an action plugin.
//!
//! Only bytes cross it: no Rust type, no generic, no trait object. A plugin built by another compiler, in another
//! profile or with another allocator loads all the same, as long as [`ABI_MAJOR`] agrees.
//!
//! | part | what it is |
//! |---|---|
//! | [`Note`] | who the plugin is, readable from the file before it is loaded |
//! | [`Descriptor`] | the one exported symbol ([`SYMBOL`]): describe, init, call, shut down |
//! | [`Request`], [`Reply`] | one call of one command |
//! | [`RawFuture`] | a reply that is not ready yet; dropping it cancels the call |
//! | [`RawStream`] | the body of a reply, chunk by chunk as it is asked for |
//! | [`Buf`], [`Slice`] | owned bytes that free themselves; borrowed bytes |
//! | [`HostApi`] | what a plugin may ask of the gateway: logging, and services by name |
//!
//! Rules: `abi_major` is equal, and `abi_minor` not above the gateway's, or the plugin is refused. Structs with a `size` grow
//! at their end; what the gateway reads of a plugin's structs is what `size` covers. No function of either side ever unwinds into the other.

#![no_std]

extern crate alloc;

mod buf;
mod call;
mod descriptor;
mod future;
mod note;
mod stream;
mod waker;

pub use buf::{Buf, Slice};
pub use call::{Format, Kind, Reply, Request};
pub use descriptor::{Descriptor, HostApi, Status};
pub use future::{FutureVTable, RawFuture};
pub use note::{Note, target};
pub use stream::{Chunks, RawStream};
pub use waker::{WakerHeader, WakerVTable, export_waker, import_waker};

/// First field of [`Note`] and [`Descriptor`]: `WICKETGT` in ASCII.
pub const MAGIC: u64 = u64::from_be_bytes(*b"WICKETGT");

/// Incompatible changes. A plugin of another major version is refused before it is loaded.
pub const ABI_MAJOR: u16 = 2;

/// Compatible additions since [`ABI_MAJOR`]. A plugin of a later minor version than the gateway's is refused before it is
/// loaded, so that a plugin finds all that it knows; the gateway looks at `size` to see what a plugin knows.
pub const ABI_MINOR: u16 = 2;

/// Name of the exported static [`Descriptor`].
pub const SYMBOL: &str = "wicketgate_plugin_v2";

/// Name of the ELF section that holds the [`Note`].
pub const NOTE_SECTION: &str = ".wicketgate";

// The layout is the contract: a change here is a change of ABI_MAJOR, unless a struct with a `size` grows at its end.
#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(size_of::<Slice>() == 16);
    assert!(size_of::<Buf>() == 32);
    assert!(size_of::<RawFuture>() == 16);
    assert!(size_of::<Request>() == 120);
    assert!(size_of::<Reply>() == 88);
    assert!(size_of::<HostApi>() == 32);
    assert!(size_of::<Descriptor>() == 56);
    assert!(size_of::<Note>() == 216);
};
