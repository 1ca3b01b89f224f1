//! A waker that both sides can hold, whatever their compilers: a reference-counted host object behind four functions.

use alloc::sync::Arc;
use core::task::{RawWaker, RawWakerVTable, Waker};

/// First field of a host object that wakes a host task.
#[repr(C)]
pub struct WakerHeader {
    vtable: &'static WakerVTable,
}

/// What can be done with a [`WakerHeader`]; none of these unwinds.
#[repr(C)]
pub struct WakerVTable {
    /// One reference more; the pointer is the same object's.
    pub clone: unsafe extern "C" fn(*const WakerHeader) -> *const WakerHeader,
    /// Wakes and gives the reference up.
    pub wake: unsafe extern "C" fn(*const WakerHeader),
    /// Wakes and keeps the reference.
    pub wake_by_ref: unsafe extern "C" fn(*const WakerHeader),
    /// Gives the reference up.
    pub drop: unsafe extern "C" fn(*const WakerHeader),
}

/// The host's object: the header first, so that a pointer to one is a pointer to the other.
#[repr(C)]
struct Exported {
    header: WakerHeader,
    waker: Waker,
}

static EXPORTED: WakerVTable =
    WakerVTable { clone: exported_clone, wake: exported_wake, wake_by_ref: exported_wake_by_ref, drop: exported_drop };

/// Runs `poll` with a handle on `waker` that the other side can clone and keep.
pub fn export_waker<R>(waker: &Waker, poll: impl FnOnce(*const WakerHeader) -> R) -> R {
    let exported = Arc::new(Exported { header: WakerHeader { vtable: &EXPORTED }, waker: waker.clone() });
    poll(Arc::as_ptr(&exported).cast())
}

/// # Safety
/// `header` points to an [`Exported`] with a live reference, which holds for all four functions below.
unsafe extern "C" fn exported_clone(header: *const WakerHeader) -> *const WakerHeader {
    // SAFETY: made by `Arc::new` in `export_waker`, and alive as the caller promises.
    unsafe { Arc::increment_strong_count(header.cast::<Exported>()) };
    header
}

unsafe extern "C" fn exported_wake(header: *const WakerHeader) {
    // SAFETY: as above; takes the caller's reference.
    unsafe { Arc::from_raw(header.cast::<Exported>()) }.waker.wake_by_ref();
}

unsafe extern "C" fn exported_wake_by_ref(header: *const WakerHeader) {
    // SAFETY: as above; the reference stays the caller's.
    unsafe { &*header.cast::<Exported>() }.waker.wake_by_ref();
}

unsafe extern "C" fn exported_drop(header: *const WakerHeader) {
    // SAFETY: as above; takes the caller's reference.
    drop(unsafe { Arc::from_raw(header.cast::<Exported>()) });
}

/// Makes a standard waker of the other side's handle, with a reference of its own.
///
/// # Safety
/// `header` must be live for the length of this call.
#[must_use]
pub unsafe fn import_waker(header: *const WakerHeader) -> Waker {
    // SAFETY: `header` is live; the clone is a reference that the returned waker owns.
    unsafe {
        let owned = ((*header).vtable.clone)(header);
        Waker::from_raw(RawWaker::new(owned.cast(), &IMPORTED))
    }
}

// The data pointer of all four is a reference that `import_waker`, or a clone of what it made, owns.
static IMPORTED: RawWakerVTable = RawWakerVTable::new(
    |data| {
        let header = data.cast::<WakerHeader>();
        // SAFETY: the reference is live; the clone is a new one.
        unsafe { RawWaker::new(((*header).vtable.clone)(header).cast(), &IMPORTED) }
    },
    // SAFETY: the reference is live, and given up.
    |data| unsafe { ((*data.cast::<WakerHeader>()).vtable.wake)(data.cast()) },
    // SAFETY: the reference is live.
    |data| unsafe { ((*data.cast::<WakerHeader>()).vtable.wake_by_ref)(data.cast()) },
    // SAFETY: the reference is live, and given up.
    |data| unsafe { ((*data.cast::<WakerHeader>()).vtable.drop)(data.cast()) },
);
