//! What a call may ask of the gateway: its services, by name.

// Calls the gateway's function.
#![allow(unsafe_code)]

use std::{ffi::c_void, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use wicketgate_abi::{Buf, Kind, RawFuture, Reply, Slice, Status};

use crate::{Error, Result, encoding, logger};

/// The gateway, as one call sees it.
pub(crate) enum Gateway {
    /// The one that made the call.
    Host(CallName),
    /// What a test has in its place.
    #[cfg_attr(not(feature = "testing"), allow(dead_code))]
    Test(Arc<dyn Services>),
}

/// Answers in place of a gateway: MsgPack in, MsgPack out.
pub(crate) trait Services: Send + Sync {
    fn serve(&self, name: &str, params: &[u8]) -> Result<Vec<u8>>;
}

/// Names the call to the gateway.
pub(crate) struct CallName(*const c_void);

// SAFETY: to this side it is but a name.
unsafe impl Send for CallName {}
// SAFETY: as above.
unsafe impl Sync for CallName {}

impl CallName {
    /// The name of a request's call.
    ///
    /// # Safety
    /// What the pointer names must live until this is dropped: the request's context keeps it.
    pub(crate) unsafe fn new(pointer: *const c_void) -> Self {
        Self(pointer)
    }
}

/// An answer, now or later.
enum Asked {
    Now(Reply),
    Later(RawFuture),
}

impl Gateway {
    /// Asks for a service that answers at once.
    pub(crate) fn ask_now<R: DeserializeOwned>(&self, name: &str, params: &impl Serialize) -> Result<R> {
        match self.start(name, params)? {
            Asked::Now(reply) => read(reply),
            Asked::Later(_) => Err(Error::internal(format!("the gateway does not answer `{name}` at once"))),
        }
    }

    /// Asks for a service that may wait.
    pub(crate) async fn ask<R: DeserializeOwned>(&self, name: &str, params: &impl Serialize) -> Result<R> {
        match self.start(name, params)? {
            Asked::Now(reply) => read(reply),
            Asked::Later(future) => read(future.await),
        }
    }

    fn start(&self, name: &str, params: &impl Serialize) -> Result<Asked> {
        let params = encoding::msgpack(params)?;
        let caller = match self {
            Self::Host(caller) => caller,
            Self::Test(services) => {
                let body = Buf::from_vec(services.serve(name, &params)?);
                return Ok(Asked::Now(Reply { kind: Kind::VALUE, status: 200, body, ..Reply::UNWRITTEN }));
            }
        };
        let host = logger::host().ok_or_else(|| Error::internal("the gateway has not made an instance of this"))?;
        let (mut reply, mut future) = (Reply::UNWRITTEN, RawFuture::NONE);
        let (name, params) = (Slice::new(name.as_bytes()), Slice::new(&params));
        // SAFETY: the caller lives as long as `self`, the slices live through the call, and both results can be written.
        let status = unsafe { (host.service)(caller.0, name, params, &raw mut reply, &raw mut future) };
        Ok(if status == Status::PENDING { Asked::Later(future) } else { Asked::Now(reply) })
    }
}

fn read<R: DeserializeOwned>(reply: Reply) -> Result<R> {
    if reply.kind == Kind::VALUE {
        return Ok(encoding::read(reply.body.as_ref())?);
    }
    let info = String::from_utf8_lossy(reply.body.as_ref()).into_owned();
    if info.is_empty() {
        Err(Error::internal("the gateway's service failed"))
    } else {
        Err(Error::new(reply.status, info))
    }
}
