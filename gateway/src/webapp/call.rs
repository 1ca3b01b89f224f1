//! The call itself, within its time limit.

use std::{sync::Arc, time::Duration};

use http::{HeaderValue, StatusCode, header};
use tokio::time::timeout;

use super::{WebError, conversation::Conversation, files::Files, plan::Target};
use crate::plugin::{Answered, Call, Called, Format, Instance};

/// Calls the handler. One that does not wait has answered when this first returns; one that is over its time limit, or
/// whose caller drops this future, is cancelled.
pub(super) async fn call(
    instance: &Arc<Instance>,
    target: &Target<'_>,
    conversation: Arc<Conversation>,
    params: Vec<u8>,
    files: Option<Files>,
    format: Format,
    time_limit: Duration,
) -> Result<Answered, WebError> {
    let (files, progress) = files.map(|Files { stream, progress }| (stream, progress)).unzip();
    let name = &target.command().name;
    let id = conversation.head.id;
    let caller = conversation.principal.clone();
    let call = Call {
        command: target.index as u32,
        name,
        id: id.number(),
        time_limit,
        format,
        params,
        files,
        context: &caller.context,
        context_id: caller.id,
        services: conversation,
    };
    let mut running = match instance.call(call) {
        Called::Ready(answered) => return Ok(answered),
        Called::Running(running) => running,
        Called::Busy => {
            let info = format!("too many calls of `{}` are running; try again", target.action.name);
            return Err(WebError::new(StatusCode::SERVICE_UNAVAILABLE, info)
                .with_header(header::RETRY_AFTER, HeaderValue::from_static("1")));
        }
    };
    let mut left = time_limit;
    while !left.is_zero() {
        if let Ok(answered) = timeout(left, &mut running).await {
            return Ok(answered);
        }
        // As long as files arrive, it has time.
        left = progress.as_ref().map_or(Duration::ZERO, |progress| progress.left(time_limit));
    }
    tracing::warn!(request = %id, command = %name, "the handler was over its time limit of {time_limit:?}");
    Err(WebError::new(StatusCode::GATEWAY_TIMEOUT, format!("the command did not finish within {time_limit:?}")))
}
