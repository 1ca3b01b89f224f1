//! A command, from request to reply:
//!
//! 1. [`decode`]: the request becomes a command's name, a project and parameters, which are still bytes or texts.
//! 2. [`plan`]: the name is resolved to an action, of the project or else of the application.
//! 3. [`permit`]: the caller may use it, or not.
//! 4. [`params`]: the parameters are read by the command's spec.
//! 5. [`call`]: the plugin's handler runs.
//! 6. [`reply`]: what it returned goes out.
//!
//! The front knows this module by the trait [`Webapp`] alone.

mod call;
mod decode;
mod error;
mod error_page;
mod format;
mod params;
mod permit;
mod plan;
mod project;
mod reply;
mod request_id;

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use wicketgate_spec::read::Limits;

pub use error::WebError;
pub use format::{ErrorFormat, accept, error_format};
pub use plan::{Assignment, DuplicateCommand, Plan};
pub use reply::dynamic_headers;
pub use request_id::RequestId;

pub use crate::plugin::Format;
use crate::{
    notes::{Notes, Step},
    plugin::Instance,
};

/// The seam between the front and whatever answers commands: a request in, a reply out.
#[async_trait]
pub trait Webapp: Send + Sync {
    /// Whether it is worth sending the body of a request with this head.
    ///
    /// # Errors
    /// What the request would get whatever its body.
    fn admit(&self, head: &WebHead) -> Result<(), WebError>;

    /// Answers a request whose path starts with `/_`. Dropping the future cancels the command.
    async fn answer(&self, request: WebRequest) -> Result<WebReply, WebError>;
}

/// The head of a request for the webapp.
pub struct WebHead {
    /// Identifies it in logs and in error replies.
    pub id: RequestId,
    /// GET, HEAD or POST.
    pub method: Method,
    /// The normalised path, split and decoded; the first segment starts with `_`.
    pub segments: Vec<String>,
    /// What follows the `?`, as it was sent.
    pub query: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<HeaderValue>,
    /// `Accept`.
    pub accept: Option<HeaderValue>,
}

impl WebHead {
    /// The head of a request of that path and query.
    #[must_use]
    pub fn new(
        id: RequestId,
        method: &Method,
        headers: &HeaderMap,
        segments: Vec<String>,
        query: Option<String>,
    ) -> Self {
        let content_type = headers.get(header::CONTENT_TYPE).cloned();
        Self { id, method: method.clone(), segments, query, content_type, accept: accept(headers) }
    }
}

/// A request for the webapp.
pub struct WebRequest {
    /// Its head.
    pub head: WebHead,
    /// Its whole body.
    pub body: Bytes,
}

/// A reply to be written.
pub struct WebReply {
    /// The status.
    pub status: StatusCode,
    /// The format of the body, if it is a value.
    pub format: Option<Format>,
    /// What it says besides [`dynamic_headers`], or instead; nothing of the body's length.
    pub headers: HeaderMap,
    /// The body.
    pub body: ReplyBody,
}

/// What a reply carries.
pub enum ReplyBody {
    /// All of it.
    Whole(Bytes),
    /// The file at that path, with whatever the request wants of it.
    File(PathBuf),
    /// As many bytes as come.
    Stream(Box<dyn Chunks>),
}

/// The body of a reply, in chunks as they are asked for.
#[async_trait]
pub trait Chunks: Send {
    /// The next chunk, never empty; `None` at the end.
    ///
    /// # Errors
    /// If there will be no end; the cause is in the log.
    async fn next(&mut self) -> Result<Option<Bytes>, BrokenOff>;
}

/// A stream that failed.
#[derive(Debug, thiserror::Error)]
#[error("the stream failed")]
pub struct BrokenOff;

/// The webapp in this process: no socket, no copy, no other thread unless a handler waits.
pub struct LocalWebapp {
    plan: Plan,
    /// By the numbers that the plan's assignments have.
    instances: Vec<Arc<Instance>>,
    time_limit: Duration,
    /// How much the parameters of one request may hold.
    limits: Limits,
}

impl LocalWebapp {
    /// A webapp that follows `plan`, whose assignments name `instances` by number.
    #[must_use]
    pub fn new(plan: Plan, instances: Vec<Arc<Instance>>, time_limit: Duration, limits: Limits) -> Self {
        Self { plan, instances, time_limit, limits }
    }

    async fn run(&self, request: &WebRequest, format: Format) -> Result<WebReply, WebError> {
        let command = decode::decode(&request.head, &request.body)?;
        let target = self.plan.resolve(&command)?;
        let caller = permit::permit(&target)?;
        let params = params::read(&target, &command.params, self.limits)?;
        let instance = &self.instances[target.assignment.instance];
        let reply = call::call(instance, &target, caller, params, request.head.id, format, self.time_limit).await?;
        reply::reply(reply, format, request.head.id, &command.name, self.time_limit)
    }
}

#[async_trait]
impl Webapp for LocalWebapp {
    fn admit(&self, head: &WebHead) -> Result<(), WebError> {
        match decode::announced(head)? {
            Some((name, verb)) => self.plan.admit(&name, verb),
            None => Ok(()),
        }
    }

    async fn answer(&self, request: WebRequest) -> Result<WebReply, WebError> {
        let format = format::format_of(request.head.content_type.as_ref(), request.head.accept.as_ref());
        self.run(&request, format).await
    }
}

/// What would become of a request, up to the call: for `wicketgate explain`. Returns the command's name.
///
/// # Errors
/// What the request would get instead.
pub fn explain(plan: &Plan, request: &WebRequest, notes: &mut impl Notes) -> Result<String, WebError> {
    let command = decode::decode(&request.head, &request.body)?;
    notes.note(Step::Webapp, || format!("the command `{}`", command.name));
    let target = plan.resolve(&command)?;
    let action = &target.action.name;
    notes.note(Step::Webapp, || match target.project {
        Some(uid) => format!("the action `{action}` ({}), asked for in the project `{uid}`", target.assignment.place),
        None => format!("the action `{action}` ({})", target.assignment.place),
    });
    notes.note(Step::Webapp, || permit::reason(&target));
    permit::permit(&target)?;
    params::read(&target, &command.params, Limits::NONE).inspect_err(|error| {
        for (path, problem) in error.details() {
            notes.note(Step::Webapp, || format!("{path}: {problem}"));
        }
    })?;
    notes.note(Step::Webapp, || "the parameters fit".into());
    Ok(command.name.into_owned())
}
