//! A reply that is not ready yet.

use alloc::boxed::Box;
use core::{
    ffi::c_void,
    future::Future,
    pin::Pin,
    ptr,
    task::{Context, Poll},
};

use crate::{Reply, Status, WakerHeader, export_waker, import_waker};

/// What can be done with a [`RawFuture`]; neither function unwinds.
#[repr(C)]
pub struct FutureVTable {
    /// Returns [`Status::READY`] with `reply` written, or [`Status::PENDING`] with the waker kept.
    pub poll: unsafe extern "C" fn(data: *mut c_void, waker: *const WakerHeader, reply: *mut Reply) -> u32,
    /// Called exactly once; before `READY` it cancels the call.
    pub drop: unsafe extern "C" fn(data: *mut c_void),
}

/// An owned future across the boundary. Dropping it cancels what it waits for.
#[repr(C)]
pub struct RawFuture {
    data: *mut c_void,
    vtable: Option<&'static FutureVTable>,
}

// SAFETY: made of a `Send` future (see `new`); only `&mut` reaches it.
unsafe impl Send for RawFuture {}
// SAFETY: there is nothing to do with a shared reference.
unsafe impl Sync for RawFuture {}

impl RawFuture {
    /// No future: a place for the callee to write one to.
    pub const NONE: Self = Self { data: ptr::null_mut(), vtable: None };

    /// Hands `future` to the other side. It must not panic, neither polled nor dropped: a panic would end the process.
    #[must_use]
    pub fn new<F: Future<Output = Reply> + Send + 'static>(future: F) -> Self {
        Self { data: Box::into_raw(Box::new(future)).cast(), vtable: Some(Typed::<F>::VTABLE) }
    }
}

impl Future for RawFuture {
    type Output = Reply;

    /// Must not be polled again after it was ready. A future that is [`RawFuture::NONE`] is never ready.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        let Some(vtable) = self.vtable else { return Poll::Pending };
        let mut reply = Reply::UNWRITTEN;
        // SAFETY: `data` belongs to `vtable`, and `&mut self` means that nobody else polls.
        let status = export_waker(cx.waker(), |waker| unsafe { (vtable.poll)(self.data, waker, &raw mut reply) });
        if status == Status::PENDING { Poll::Pending } else { Poll::Ready(reply) }
    }
}

impl Drop for RawFuture {
    fn drop(&mut self) {
        if let Some(vtable) = self.vtable.take() {
            // SAFETY: `data` belongs to `vtable`, and taking it makes this the only call.
            unsafe { (vtable.drop)(self.data) }
        }
    }
}

struct Typed<F>(core::marker::PhantomData<F>);

impl<F: Future<Output = Reply> + Send + 'static> Typed<F> {
    const VTABLE: &'static FutureVTable = &FutureVTable { poll: Self::poll, drop: Self::drop };

    unsafe extern "C" fn poll(data: *mut c_void, waker: *const WakerHeader, reply: *mut Reply) -> u32 {
        // SAFETY: the caller passes a live waker, and a future that it alone holds and that stays in its box.
        let (waker, future) = unsafe { (import_waker(waker), Pin::new_unchecked(&mut *data.cast::<F>())) };
        match future.poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => Status::PENDING,
            Poll::Ready(value) => {
                // SAFETY: the caller passes a valid reply; assigning drops what stood there.
                unsafe { *reply = value };
                Status::READY
            }
        }
    }

    unsafe extern "C" fn drop(data: *mut c_void) {
        // SAFETY: made by `Box::into_raw` in `RawFuture::new`; called once.
        drop(unsafe { Box::from_raw(data.cast::<F>()) });
    }
}
