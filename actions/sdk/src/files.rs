//! The files of a request, as they come from the gateway.

use std::{cell::RefCell, future::poll_fn, sync::Arc};

use serde::Deserialize;
use tokio::sync::Mutex;
use wicketgate_abi::{Kind, RawStream, Reply};

use crate::{Error, Result};

/// What a client says of a file. None of it can be trusted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FileInfo {
    /// The form's field.
    name: String,
    /// Its name where it comes from, without any folder.
    pub file_name: Option<String>,
    /// Its media type.
    pub content_type: Option<String>,
}

/// The files of one request.
pub(crate) struct Files(Mutex<State>);

struct State {
    stream: RawStream,
    /// How many have begun.
    begun: u64,
    /// The last one that has begun, until somebody reads it.
    waiting: Option<FileInfo>,
    /// Whether nothing more will come.
    ended: bool,
}

thread_local! {
    /// Where the uploads lead to among the parameters that are being read on this thread.
    static CURRENT: RefCell<Option<Arc<Files>>> = const { RefCell::new(None) };
}

impl Files {
    pub(crate) fn new(stream: RawStream) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { stream, begun: 0, waiting: None, ended: false })))
    }

    /// Reads parameters whose uploads are these files.
    pub(crate) fn within<R>(files: Option<Arc<Self>>, read: impl FnOnce() -> R) -> R {
        /// Also if an author's own `Deserialize` panics.
        struct Reset;
        impl Drop for Reset {
            fn drop(&mut self) {
                CURRENT.set(None);
            }
        }
        CURRENT.set(files);
        let _reset = Reset;
        read()
    }

    /// Those that belong to the parameters that are being read on this thread.
    pub(crate) fn current() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// The number and the description of the next file of that field.
    pub(crate) async fn next(&self, field: &str) -> Result<Option<(u64, FileInfo)>> {
        let mut state = self.0.lock().await;
        loop {
            match state.waiting.take() {
                Some(info) if info.name == field => return Ok(Some((state.begun, info))),
                Some(_) | None if state.ended => return Ok(None),
                Some(_) | None => drop(state.next().await?),
            }
        }
    }

    /// The next chunk of the file of that number.
    pub(crate) async fn chunk(&self, number: u64) -> Result<Option<Vec<u8>>> {
        let mut state = self.0.lock().await;
        if state.begun != number || state.waiting.is_some() || state.ended {
            return Ok(None);
        }
        state.next().await
    }
}

impl State {
    /// A chunk of the file that has begun; `None` if it ends here.
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let Reply { kind, status, meta, body, .. } = poll_fn(|cx| self.stream.poll_next(cx)).await;
        let bytes = body.as_ref();
        match kind {
            Kind::CONTENT if !bytes.is_empty() => return Ok(Some(bytes.to_vec())),
            Kind::CONTENT => self.ended = true,
            Kind::FILE_BEGINS => {
                self.begun += 1;
                self.waiting = Some(rmp_serde::from_slice(meta.as_ref())?);
            }
            _ => {
                self.ended = true;
                let info = String::from_utf8_lossy(bytes).into_owned();
                return Err(Error::new(status, info));
            }
        }
        Ok(None)
    }
}
