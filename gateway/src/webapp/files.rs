//! The files of a form on their way to the handler, which asks for them: as fast as it reads, and no faster, the client sends.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_core::Stream;
use http::StatusCode;
use multra::{Field, Multipart};
use serde::Serialize;
use wicketgate_abi::{Buf, Chunks, Kind, RawStream, Reply};

use super::{
    WebError, form,
    incoming::SILENCE,
    multipart::{base_name, failure, is_file, is_unchosen, some},
    plan::FormSpec,
};

/// What arrives for a handler.
pub(super) struct Files {
    pub(super) stream: RawStream,
    pub(super) progress: Arc<Progress>,
}

/// Whether anything arrives: the time of a call begins anew meanwhile.
pub(super) struct Progress {
    begin: Instant,
    /// When the handler last asked for something or got it, in milliseconds from the beginning.
    moved: AtomicU64,
    /// Whether the client is waited for.
    waiting: AtomicBool,
}

impl Default for Progress {
    fn default() -> Self {
        Self { begin: Instant::now(), moved: AtomicU64::new(0), waiting: AtomicBool::new(false) }
    }
}

impl Progress {
    fn note(&self, waiting: bool) {
        self.waiting.store(waiting, Relaxed);
        self.moved.store(self.begin.elapsed().as_millis() as u64, Relaxed);
    }

    /// How much longer a call may go on that may take so long without anything: none if that is over. A client has its own
    /// time to be silent.
    pub(super) fn left(&self, limit: Duration) -> Duration {
        let limit = if self.waiting.load(Relaxed) { limit.max(SILENCE) } else { limit };
        let idle = self.begin.elapsed().saturating_sub(Duration::from_millis(self.moved.load(Relaxed)));
        limit.saturating_sub(idle)
    }
}

impl Files {
    /// The files of a form, of which the first has begun and so many parts have been read.
    pub(super) fn new(
        form: Arc<FormSpec>,
        parts: Multipart<'static>,
        first: Field<'static>,
        count: usize,
        limit: usize,
    ) -> Self {
        let progress = Arc::<Progress>::default();
        let begun = vec![0; form.files.len()];
        let state = State::Found(first);
        let arriving = Arriving { form, parts, state, begun, count, limit, progress: progress.clone() };
        Self { stream: RawStream::new(arriving), progress }
    }
}

struct Arriving {
    form: Arc<FormSpec>,
    parts: Multipart<'static>,
    state: State,
    /// How many files there were, by their place in the form's list.
    begun: Vec<usize>,
    count: usize,
    limit: usize,
    progress: Arc<Progress>,
}

enum State {
    /// A part has begun.
    Found(Field<'static>),
    /// A file is read, of which so many bytes may come; `None`: as many as there are.
    Reading(Field<'static>, usize, Option<usize>),
    /// Nobody takes this part.
    Skipping(Field<'static>),
    Between,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Begin<'f> {
    name: &'f str,
    file_name: Option<String>,
    content_type: Option<&'f str>,
}

impl Chunks for Arriving {
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        // A panic must not reach the plugin: it would end the process.
        let polled = catch_unwind(AssertUnwindSafe(|| self.poll(cx)));
        let polled = polled.unwrap_or_else(|_| Poll::Ready(Err(WebError::internal())));
        self.progress.note(polled.is_pending());
        polled.map(|reply| reply.unwrap_or_else(|error| refused(&error)))
    }
}

impl Arriving {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Reply, WebError>> {
        loop {
            match std::mem::replace(&mut self.state, State::Between) {
                State::Found(field) => {
                    if let Some(begin) = self.found(field)? {
                        return Poll::Ready(Ok(begin));
                    }
                }
                State::Reading(mut field, file, left) => match self.poll_chunk(&mut field, cx)? {
                    Poll::Pending => {
                        self.state = State::Reading(field, file, left);
                        return Poll::Pending;
                    }
                    Poll::Ready(None) => {}
                    Poll::Ready(Some(bytes)) => {
                        let left = match left.map(|left| left.checked_sub(bytes.len())) {
                            Some(None) => return Poll::Ready(Err(self.too_large(file))),
                            left => left.flatten(),
                        };
                        self.state = State::Reading(field, file, left);
                        return Poll::Ready(Ok(chunk(bytes)));
                    }
                },
                State::Skipping(mut field) => match self.poll_chunk(&mut field, cx)? {
                    Poll::Pending => {
                        self.state = State::Skipping(field);
                        return Poll::Pending;
                    }
                    Poll::Ready(None) => {}
                    Poll::Ready(Some(_)) => self.state = State::Skipping(field),
                },
                State::Between => match ready!(self.parts.poll_next_field(cx)) {
                    Ok(Some(field)) => {
                        form::within_limit(self.count, "form")?;
                        self.count += 1;
                        self.state = State::Found(field);
                    }
                    Ok(None) => return Poll::Ready(Ok(chunk(Bytes::new()))),
                    Err(e) => return Poll::Ready(Err(failure(e, self.limit))),
                },
            }
        }
    }

    fn poll_chunk(&self, field: &mut Field<'static>, cx: &mut Context<'_>) -> Result<Poll<Option<Bytes>>, WebError> {
        loop {
            return match Pin::new(&mut *field).poll_next(cx) {
                Poll::Pending => Ok(Poll::Pending),
                Poll::Ready(None) => Ok(Poll::Ready(None)),
                Poll::Ready(Some(Ok(bytes))) => match some(bytes) {
                    Some(bytes) => Ok(Poll::Ready(Some(bytes))),
                    None => continue,
                },
                Poll::Ready(Some(Err(e))) => Err(failure(e, self.limit)),
            };
        }
    }

    /// What becomes of a part that has begun: a file that is announced, or something to pass over.
    fn found(&mut self, field: Field<'static>) -> Result<Option<Reply>, WebError> {
        let name = field.name().unwrap_or_default();
        if is_unchosen(&field) {
            self.state = State::Skipping(field);
            return Ok(None);
        }
        let Some(file) = self.form.file(name) else {
            if !is_file(&field) && self.form.has_field(name) {
                return Err(WebError::bad_request(format!("form.{name}: the fields of a form come before its files")));
            }
            self.state = State::Skipping(field);
            return Ok(None);
        };
        if !is_file(&field) {
            return Err(WebError::bad_request(format!("form.{name}: expected file, got a text")));
        }
        self.begun[file] += 1;
        let taken = &self.form.files[file];
        if self.begun[file] > taken.most {
            let most = taken.most;
            return Err(WebError::bad_request(format!(
                "form.{name}: expected at most {most} of these files, got more"
            )));
        }
        let begin = Begin {
            name: &taken.names[0],
            file_name: field.file_name().and_then(base_name),
            content_type: field.content_type().map(AsRef::as_ref),
        };
        let meta = rmp_serde::to_vec_named(&begin).map_err(|_| WebError::internal())?;
        let max = taken.max;
        self.state = State::Reading(field, file, max);
        Ok(Some(Reply { kind: Kind::FILE_BEGINS, status: 200, meta: Buf::from_vec(meta), ..Reply::UNWRITTEN }))
    }

    fn too_large(&self, file: usize) -> WebError {
        let file = &self.form.files[file];
        let (name, max) = (&file.names[0], file.max.unwrap_or(self.limit));
        let info = format!("form.{name}: the file is larger than the {max} bytes that are allowed");
        WebError::new(StatusCode::PAYLOAD_TOO_LARGE, info)
    }
}

fn chunk(bytes: Bytes) -> Reply {
    Reply { kind: Kind::CONTENT, status: 200, body: Buf::from_shared(Arc::new(bytes)), ..Reply::UNWRITTEN }
}

/// An error for the handler, which passes it on to the caller unless it knows better.
fn refused(error: &WebError) -> Reply {
    let body = Buf::from_vec(error.info().as_bytes().to_vec());
    Reply { kind: Kind::ERROR, status: error.status().as_u16(), body, ..Reply::UNWRITTEN }
}
