//! The functions behind a plugin's [`Descriptor`](wicketgate_abi::Descriptor), for any action. None of them unwinds.

// The descriptor's functions take raw pointers by nature.
#![allow(unsafe_code)]

use std::{ffi::c_void, ptr, sync::Arc, time::Duration};

use wicketgate_abi::{Buf, Format, HostApi, RawFuture, RawStream, Reply, Request as RawRequest, Status};

use crate::{
    Action, Error, Host, Request, encoding,
    files::Files,
    gateway::{CallName, Gateway},
    logger,
    output::{failure, panicked},
    panics::{self, caught},
    runtime::Shared,
    start::{Call, Started},
};

/// A configured action, as the gateway holds it.
struct Instance<A> {
    action: Arc<A>,
    runtime: Arc<Shared>,
}

/// Descriptor function `spec`.
///
/// # Safety
/// `document` must be valid for writing.
pub unsafe extern "C" fn spec<A: Action>(document: *mut Buf) -> u32 {
    panics::install();
    let written = caught(|| serde_json::to_vec(&crate::spec::document::<A>()));
    let (status, bytes) = match written {
        Ok(Ok(bytes)) => (Status::READY, bytes),
        Ok(Err(e)) => (Status::FAILED, e.to_string().into_bytes()),
        Err(panic) => (Status::FAILED, panic.into_bytes()),
    };
    // SAFETY: the caller's promise.
    unsafe { *document = Buf::from_vec(bytes) };
    status
}

/// Descriptor function `init`.
///
/// # Safety
/// `instance` and `error` must be valid for writing.
pub unsafe extern "C" fn init<A: Action>(
    host: &'static HostApi,
    config: Buf,
    instance: *mut *mut c_void,
    error: *mut Buf,
) -> u32 {
    logger::install(host);
    panics::install();
    let (status, made, reason) = match caught(|| configure::<A>(&config)) {
        Ok(Ok(made)) => (Status::READY, Box::into_raw(Box::new(made)).cast(), String::new()),
        Ok(Err(e)) => (Status::FAILED, ptr::null_mut(), format!("{}{}", e.info(), e.cause())),
        Err(panic) => (Status::FAILED, ptr::null_mut(), panic),
    };
    // SAFETY: the caller's promise.
    unsafe {
        *instance = made;
        *error = Buf::from_vec(reason.into_bytes());
    }
    status
}

fn configure<A: Action>(config: &Buf) -> Result<Instance<A>, Error> {
    let config = encoding::read(config.as_ref())?;
    let runtime = Shared::obtain(A::NAME)?;
    let _entered = runtime.handle().enter();
    let action = Arc::new(A::configure(config, &Host::new(runtime.handle().clone()))?);
    Ok(Instance { action, runtime: runtime.clone() })
}

/// Descriptor function `call`.
///
/// # Safety
/// `instance` must come from [`init`] of the same action and not have been shut down; `request` must be valid for
/// reading, and its content is taken; `reply` and `future` must be valid for writing.
pub unsafe extern "C" fn call<A: Action>(
    instance: *const c_void,
    request: *mut RawRequest,
    reply: *mut Reply,
    future: *mut RawFuture,
) -> u32 {
    // SAFETY: the caller's promise.
    let (instance, request) = unsafe { (&*instance.cast::<Instance<A>>(), &mut *request) };
    match caught(|| start(instance, request)).unwrap_or_else(|panic| Started::Ready(panicked(panic))) {
        Started::Ready(value) => {
            // SAFETY: the caller's promise.
            unsafe { *reply = value };
            Status::READY
        }
        Started::Pending(running) => {
            // SAFETY: the caller's promise.
            unsafe { *future = RawFuture::new(running) };
            Status::PENDING
        }
    }
}

fn start<A: Action>(instance: &Instance<A>, raw: &mut RawRequest) -> Started {
    let Some(command) = A::COMMANDS.get(raw.command as usize) else {
        let unknown = Error::internal("the gateway asked for a command that is not here");
        return Started::Ready(failure(unknown, Format::Json));
    };
    let context = std::mem::replace(&mut raw.context, Buf::EMPTY);
    let time_limit = Duration::from_millis(raw.timeout_ms.into());
    // SAFETY: the gateway keeps what it names as long as the context is kept, which lies in the same request.
    let gateway = Gateway::Host(unsafe { CallName::new(raw.caller) });
    let call = Call {
        request: Request::new(raw.call_id, time_limit, raw.context_id, context, gateway),
        params: std::mem::replace(&mut raw.params, Buf::EMPTY),
        files: (raw.has_files != 0).then(|| Files::new(std::mem::replace(&mut raw.files, RawStream::NONE))),
        format: Format::from_u8(raw.reply_format),
        runtime: instance.runtime.handle().clone(),
        hand_over: raw.hand_over != 0,
    };
    (command.run)(instance.action.clone(), call)
}

/// Descriptor function `shutdown`.
///
/// # Safety
/// `instance` must come from [`init`] of the same action; no call is running, and none follows.
pub unsafe extern "C" fn shutdown<A: Action>(instance: *mut c_void, timeout_ms: u32) {
    // SAFETY: the caller's promise.
    let instance = unsafe { Box::from_raw(instance.cast::<Instance<A>>()) };
    // A destructor that panics has nobody to tell; the gateway goes on.
    let _ = caught(|| {
        let Instance { action, runtime } = *instance;
        {
            let _entered = runtime.handle().enter();
            drop(action);
        }
        runtime.release(Duration::from_millis(timeout_ms.into()));
    });
}
