//! The memory that something takes, by an allocator that counts for each thread.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

thread_local! {
    static NOW: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

fn taken(size: usize) {
    // A thread that ends has no more places of its own.
    let _ = NOW.try_with(|now| {
        now.set(now.get() + size);
        PEAK.set(PEAK.get().max(now.get()));
    });
}

fn given(size: usize) {
    // What another thread took may be given back here.
    let _ = NOW.try_with(|now| now.set(now.get().saturating_sub(size)));
}

#[allow(unsafe_code)]
// SAFETY: all of it is the system's; counting changes nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        given(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Does something; returns how much memory it took at most, in bytes.
pub(crate) fn peak_of<R>(work: impl FnOnce() -> R) -> (R, usize) {
    let before = NOW.get();
    PEAK.set(before);
    let result = work();
    (result, PEAK.get() - before)
}
