//! Bytes that cross the boundary.

use alloc::{sync::Arc, vec::Vec};
use core::{ffi::c_void, mem::ManuallyDrop, ptr, slice};

/// Bytes borrowed for the length of one call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slice {
    ptr: *const u8,
    len: usize,
}

impl Slice {
    /// Borrows `bytes`; the callee may not keep them.
    #[must_use]
    pub const fn new(bytes: &[u8]) -> Self {
        Self { ptr: bytes.as_ptr(), len: bytes.len() }
    }

    /// The bytes.
    ///
    /// # Safety
    /// Whoever made this slice must still be keeping the bytes alive.
    #[must_use]
    pub const unsafe fn as_bytes<'a>(self) -> &'a [u8] {
        // SAFETY: made from a `&[u8]` that the caller vouches for.
        unsafe { slice::from_raw_parts(self.ptr, self.len) }
    }
}

/// Owned bytes that carry their own way to be freed, so that each side keeps its allocator.
#[repr(C)]
pub struct Buf {
    ptr: *const u8,
    len: usize,
    owner: *mut c_void,
    free: Option<unsafe extern "C" fn(owner: *mut c_void, ptr: *const u8, len: usize)>,
}

// SAFETY: the bytes are never written after construction, and `free` may run on any thread: both constructors
// below release plain heap memory.
unsafe impl Send for Buf {}
// SAFETY: as above; shared access only reads.
unsafe impl Sync for Buf {}

impl Buf {
    /// No bytes, nothing to free.
    pub const EMPTY: Self = Self { ptr: ptr::dangling(), len: 0, owner: ptr::null_mut(), free: None };

    /// Takes the vector over without copying it.
    #[must_use]
    pub fn from_vec(bytes: Vec<u8>) -> Self {
        let bytes = ManuallyDrop::new(bytes);
        // The capacity is all that `free` needs beside pointer and length.
        let owner = ptr::without_provenance_mut(bytes.capacity());
        Self { ptr: bytes.as_ptr(), len: bytes.len(), owner, free: Some(free_vec) }
    }

    /// Shares the bytes of `owner` without copying them: one reference count more until the buffer is dropped. They must
    /// stay where they are.
    #[must_use]
    pub fn from_shared<T: AsRef<[u8]> + Send + Sync + 'static>(owner: Arc<T>) -> Self {
        let bytes: &[u8] = (*owner).as_ref();
        let (ptr, len) = (bytes.as_ptr(), bytes.len());
        Self { ptr, len, owner: Arc::into_raw(owner).cast_mut().cast(), free: Some(free_shared::<T>) }
    }
}

impl AsRef<[u8]> for Buf {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: `ptr` and `len` describe bytes that live until `free` runs, which only `drop` does.
        unsafe { slice::from_raw_parts(self.ptr, self.len) }
    }
}

impl Drop for Buf {
    fn drop(&mut self) {
        if let Some(free) = self.free {
            // SAFETY: the arguments are those that the constructor stored beside `free`, and this runs once.
            unsafe { free(self.owner, self.ptr, self.len) }
        }
    }
}

unsafe extern "C" fn free_vec(owner: *mut c_void, ptr: *const u8, len: usize) {
    // SAFETY: taken apart in `from_vec`; `owner` is the capacity.
    drop(unsafe { Vec::from_raw_parts(ptr.cast_mut(), len, owner.addr()) });
}

unsafe extern "C" fn free_shared<T>(owner: *mut c_void, _: *const u8, _: usize) {
    // SAFETY: made by `Arc::into_raw` in `from_shared`, of the same type.
    drop(unsafe { Arc::from_raw(owner.cast::<T>()) });
}
