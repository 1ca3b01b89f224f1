//! What a running call may ask of the gateway.

use std::{
    ffi::c_void,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
};

use wicketgate_abi::{Buf, Kind, RawFuture, Reply, Slice, Status};

use super::instance::Hold;

/// Answers what a running call asks for. It knows who calls.
pub trait Services: Send + Sync {
    /// The service of that name, with parameters in MsgPack.
    fn serve(self: Arc<Self>, name: &str, params: &[u8]) -> Served;
}

/// The answer of a service: MsgPack, or an error.
pub enum Served {
    /// It is there.
    Ready(Result<Vec<u8>, ServiceError>),
    /// It will be. The future is polled on threads of the plugin, and must not panic.
    Pending(Pin<Box<dyn Future<Output = Result<Vec<u8>, ServiceError>> + Send>>),
}

/// Why a service is not rendered, in words that the caller of the command may see.
#[derive(Debug)]
pub struct ServiceError {
    /// An HTTP status.
    pub status: u16,
    /// What is wrong.
    pub info: String,
}

/// The host function `service`.
///
/// # Safety
/// `caller` comes from a request whose context is still kept; the slices hold bytes that live through the call; `reply` and
/// `future` are valid for writing.
pub(super) unsafe extern "C" fn service(
    caller: *const c_void,
    name: Slice,
    params: Slice,
    reply: *mut Reply,
    future: *mut RawFuture,
) -> u32 {
    // SAFETY: the caller's promise: who keeps the context keeps the hold.
    let (hold, name, params) = unsafe { (caller.cast::<Hold>().as_ref(), name.as_bytes(), params.as_bytes()) };
    // A panic must not reach the plugin: it would end the process.
    let served = catch_unwind(AssertUnwindSafe(|| {
        let services = hold.map(|hold| hold.services.clone());
        services.zip(std::str::from_utf8(name).ok()).map(|(services, name)| services.serve(name, params))
    }));
    match served.unwrap_or_default() {
        Some(Served::Pending(pending)) => {
            // SAFETY: the caller's promise.
            unsafe { *future = RawFuture::new(async move { written(pending.await) }) };
            Status::PENDING
        }
        Some(Served::Ready(answer)) => {
            // SAFETY: the caller's promise.
            unsafe { *reply = written(answer) };
            Status::READY
        }
        None => {
            // SAFETY: the caller's promise.
            unsafe { *reply = Reply::UNWRITTEN };
            Status::READY
        }
    }
}

fn written(answer: Result<Vec<u8>, ServiceError>) -> Reply {
    match answer {
        Ok(body) => Reply { kind: Kind::VALUE, status: 200, body: Buf::from_vec(body), ..Reply::UNWRITTEN },
        Err(ServiceError { status, info }) => {
            Reply { status, body: Buf::from_vec(info.into_bytes()), ..Reply::UNWRITTEN }
        }
    }
}
