//! A command, from request to reply:
//!
//! 1. [`decode`]: the request becomes a command's name, a project and parameters, which are still bytes or texts.
//! 2. [`identify`]: who calls is found out; from here on it is a [`conversation`] with them.
//! 3. [`plan`]: the name is resolved to an action, of the project or else of the application.
//! 4. [`permit`]: the caller may use it, or not.
//! 5. [`params`]: the parameters are read by the command's spec.
//! 6. [`call`]: the plugin's handler runs.
//! 7. [`reply`]: what it returned goes out.
//!
//! The front knows this module by the trait [`Webapp`] alone.

mod call;
mod conversation;
mod decode;
mod error;
mod error_page;
mod files;
mod form;
mod format;
mod identify;
mod incoming;
mod message;
mod multipart;
mod params;
mod permit;
mod plan;
mod project;
mod reply;
mod request_id;
mod services;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use wicketgate_spec::read::Limits;

pub use error::WebError;
pub use error_page::escape;
pub use format::{ErrorFormat, accept, error_format};
pub use incoming::{Incoming, SILENCE};
pub use message::{BrokenOff, Chunks, Mount, ReplyBody, RequestBody, WebHead, WebReply, WebRequest};
pub use plan::{Assignment, DuplicateCommand, Plan};
pub use reply::{disposition, dynamic_headers};
pub use request_id::RequestId;

pub use crate::plugin::Format;
use crate::{
    auth::{Auth, User},
    notes::{Notes, Step},
    plugin::Instance,
};
use conversation::Conversation;
use decode::Posted;
use files::Files;

/// The seam between the front and whatever answers commands: a request in, a reply out.
#[async_trait]
pub trait Webapp: Send + Sync {
    /// Whether it is worth sending the body of a request with this head.
    ///
    /// # Errors
    /// What the request would get whatever its body.
    async fn admit(&self, head: &WebHead) -> Result<(), WebError>;

    /// Answers a request whose path starts with `/_`, or is mounted. Dropping the future cancels the command.
    async fn answer(&self, request: WebRequest) -> Result<WebReply, WebError>;
}

/// The webapp in this process: no socket, no copy, no other thread unless a handler waits.
pub struct LocalWebapp {
    shared: Arc<Shared>,
    /// By the numbers that the plan's assignments have.
    instances: Vec<Arc<Instance>>,
    limits: WebLimits,
}

/// What holds for all commands.
#[derive(Clone, Copy)]
pub struct WebLimits {
    /// How long a handler may take.
    pub time: Duration,
    /// How much the parameters of one request may hold.
    pub reading: Limits,
    /// The most bytes of all fields of a form beside its files.
    pub body: usize,
    /// The most bytes of a form with files.
    pub upload: usize,
}

/// What handlers ask about as long as they run.
struct Shared {
    plan: Plan,
    auth: Arc<Auth>,
}

impl LocalWebapp {
    /// A webapp that follows `plan`, whose assignments name `instances` by number, and knows its callers by `auth`.
    #[must_use]
    pub fn new(plan: Plan, auth: Arc<Auth>, instances: Vec<Arc<Instance>>, limits: WebLimits) -> Self {
        Self { shared: Arc::new(Shared { plan, auth }), instances, limits }
    }

    async fn run(&self, request: WebRequest, format: Format) -> Result<WebReply, WebError> {
        let WebRequest { head, body } = request;
        match body {
            RequestBody::Whole(body) => {
                let command = decode::decode(&head, Posted::Bytes(&body))?;
                self.converse(&head, &command, None, format).await
            }
            RequestBody::Arriving(body) => {
                // Before anybody waits for the whole of it.
                self.admit(&head).await?;
                let limits = multipart::Limits { fields: self.limits.body, whole: self.limits.upload };
                let (form, files) = multipart::begin(&self.shared.plan, &head, body, limits).await?;
                let command = decode::decode(&head, Posted::Form(&form))?;
                self.converse(&head, &command, files, format).await
            }
        }
    }

    async fn converse(
        &self,
        head: &Arc<WebHead>,
        command: &decode::Command<'_>,
        files: Option<Files>,
        format: Format,
    ) -> Result<WebReply, WebError> {
        let caller = match head.caller.get() {
            Some(caller) => caller.clone(),
            None => identify::identify(&self.shared.auth, head).await?,
        };
        let conversation = Conversation::new(self.shared.clone(), head.clone(), &command.name, caller);
        let answer = self.command(command, &conversation, files, format).await;
        conversation.end(answer).await
    }

    async fn command(
        &self,
        command: &decode::Command<'_>,
        conversation: &Arc<Conversation>,
        files: Option<Files>,
        format: Format,
    ) -> Result<WebReply, WebError> {
        let WebLimits { time, reading, .. } = self.limits;
        let user = &conversation.principal.user;
        let target = self.shared.plan.resolve(command, user)?;
        permit::permit(&target, user)?;
        let cookie = self.shared.auth.cookie();
        let params = params::read(&target, command.way, &command.inputs, &conversation.head, cookie, reading)?;
        let instance = &self.instances[target.assignment.instance];
        let reply = call::call(instance, &target, conversation.clone(), params, files, format, time).await?;
        reply::reply(reply, format, conversation.head.id, &command.name, time)
    }
}

#[async_trait]
impl Webapp for LocalWebapp {
    async fn admit(&self, head: &WebHead) -> Result<(), WebError> {
        let Some((name, way)) = decode::announced(head)? else { return Ok(()) };
        if head.caller.get().is_some() {
            return Ok(());
        }
        let caller = identify::identify(&self.shared.auth, head).await?;
        let admitted = self.shared.plan.admit(&name, way, &caller.principal.user);
        admitted.map_err(|mut error| {
            conversation::set_cookie(&self.shared.auth, head, caller.cookie.as_ref(), error.headers_mut());
            error
        })?;
        // Nobody is asked twice.
        let _ = head.caller.set(caller);
        Ok(())
    }

    async fn answer(&self, request: WebRequest) -> Result<WebReply, WebError> {
        let format = format::format_of(request.head.content_type.as_ref(), request.head.accept.as_ref());
        self.run(request, format).await
    }
}

/// What would become of a request of that user, up to the call: for `wicketgate explain`. Returns the command's name.
///
/// # Errors
/// What the request would get instead.
pub fn explain(plan: &Plan, request: &WebRequest, user: &User, notes: &mut impl Notes) -> Result<String, WebError> {
    let RequestBody::Whole(body) = &request.body else { return Err(WebError::internal()) };
    let command = decode::decode(&request.head, Posted::Bytes(body))?;
    notes.note(Step::Webapp, || format!("the command `{}`", command.name));
    if let Some(reason) = command.project.as_deref().and_then(|uid| plan.reason_of_project(uid, user)) {
        notes.note(Step::Webapp, || reason);
    }
    let target = plan.resolve(&command, user)?;
    let action = &target.action.name;
    notes.note(Step::Webapp, || match target.project {
        Some(uid) => format!("the action `{action}` ({}), asked for in the project `{uid}`", target.assignment.place),
        None => format!("the action `{action}` ({})", target.assignment.place),
    });
    notes.note(Step::Webapp, || permit::reason(&target, user));
    permit::permit(&target, user)?;
    params::read(&target, command.way, &command.inputs, &request.head, "", Limits::NONE).inspect_err(|error| {
        for (path, problem) in error.details() {
            notes.note(Step::Webapp, || format!("{path}: {problem}"));
        }
    })?;
    notes.note(Step::Webapp, || "the parameters fit".into());
    Ok(command.name.into_owned())
}
