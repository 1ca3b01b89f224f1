//! The call itself, within its time limit.

use std::time::Duration;

use http::StatusCode;
use tokio::time::timeout;

use super::{RequestId, WebError, commands::Target, permit::Principal};
use crate::plugin::{Call, Called, Format, Reply};

/// Calls the handler. One that does not wait has answered when this first returns; one that is over its time limit, or
/// whose caller drops this future, is cancelled.
pub(super) async fn call(
    target: &Target<'_>,
    caller: &Principal,
    params: Vec<u8>,
    id: RequestId,
    format: Format,
    time_limit: Duration,
) -> Result<Reply, WebError> {
    let call =
        Call { command: target.index as u32, id: id.number(), time_limit, format, params, context: &caller.context };
    let running = match target.configured.instance.call(call) {
        Called::Ready(reply) => return Ok(reply),
        Called::Running(running) => running,
    };
    timeout(time_limit, running).await.map_err(|_| {
        let command = &target.command().name;
        tracing::warn!(request = %id, %command, "the handler was over its time limit of {time_limit:?}");
        WebError::new(StatusCode::GATEWAY_TIMEOUT, format!("the command did not finish within {time_limit:?}"))
    })
}
