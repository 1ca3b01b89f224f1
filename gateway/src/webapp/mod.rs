//! A command, from request to reply:
//!
//! 1. [`decode`]: the request becomes a command's name and its parameters, still as bytes or texts.
//! 2. [`commands`]: the name is resolved to a configured action.
//! 3. [`permit`]: the caller may use it, or not.
//! 4. [`params`]: the parameters are read by the command's spec.
//! 5. [`call`]: the plugin's handler runs.
//! 6. [`reply`]: what it returned goes out.
//!
//! The front knows this module by the trait [`Webapp`] alone.

mod call;
mod commands;
mod decode;
mod envelope;
mod error;
mod format;
mod params;
mod permit;
mod reply;
mod request_id;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

pub use commands::{Commands, Configured, DuplicateCommand};
pub use error::WebError;
pub use format::format_of;
pub use request_id::RequestId;

use crate::{config::Access, plugin::Format};

/// The seam between the front and whatever answers commands: a request in, a reply out.
#[async_trait]
pub trait Webapp: Send + Sync {
    /// Answers a request whose path starts with `/_`. Errors are replies as well. Dropping the future cancels the
    /// command.
    async fn answer(&self, request: WebRequest) -> WebReply;
}

/// A request for the webapp.
pub struct WebRequest {
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
    /// The whole body.
    pub body: Bytes,
}

/// A reply to be written.
#[derive(Debug)]
pub struct WebReply {
    /// The status.
    pub status: StatusCode,
    /// All headers but `Content-Length`.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// The webapp in this process: no socket, no copy, no other thread unless a handler waits.
pub struct LocalWebapp {
    commands: Commands,
    access: Access,
    time_limit: Duration,
}

impl LocalWebapp {
    /// A webapp for these commands. `access` is asked when an action's own rules say nothing.
    #[must_use]
    pub fn new(commands: Commands, access: Access, time_limit: Duration) -> Self {
        Self { commands, access, time_limit }
    }

    async fn run(&self, request: &WebRequest, format: Format) -> Result<WebReply, WebError> {
        let command = decode::decode(request)?;
        let target = self.commands.resolve(&command)?;
        let caller = permit::permit(&target, &self.access)?;
        let params = params::read(&target, &command.params)?;
        let reply = call::call(&target, caller, params, request.id, format, self.time_limit).await?;
        reply::reply(reply, format, request.id, &command.name)
    }
}

#[async_trait]
impl Webapp for LocalWebapp {
    async fn answer(&self, request: WebRequest) -> WebReply {
        let format = format_of(request.content_type.as_ref(), request.accept.as_ref());
        match self.run(&request, format).await {
            Ok(reply) => reply,
            Err(error) => error.into_reply(format, request.id),
        }
    }
}
