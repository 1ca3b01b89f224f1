//! The request as a handler sees it.

use std::{sync::OnceLock, time::Duration};

use serde::Deserialize;
use wicketgate_abi::Buf;

/// One call of a command.
pub struct Request {
    call_id: u64,
    time_limit: Duration,
    context: Buf,
    caller: OnceLock<Caller>,
}

/// Who calls.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct User {
    /// Unique name; empty for a guest.
    pub uid: String,
    /// Name to show to people. It comes from outside: [`escape`](crate::escape) it in HTML.
    pub display_name: String,
    /// Roles, such as `all` and `guest`.
    pub roles: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Caller {
    user: User,
}

impl Request {
    pub(crate) fn new(call_id: u64, time_limit: Duration, context: Buf) -> Self {
        Self { call_id, time_limit, context, caller: OnceLock::new() }
    }

    /// The caller. Read from the gateway's bytes at the first use.
    pub fn user(&self) -> &User {
        // The gateway wrote these bytes; should it have failed, the caller is a nobody without roles.
        &self.caller.get_or_init(|| rmp_serde::from_slice(self.context.as_ref()).unwrap_or_default()).user
    }

    /// The request id, as in the gateway's log and in error replies: 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:016x}", self.call_id)
    }

    /// How long the gateway waits for the answer, counted from the start of the call.
    #[must_use]
    pub fn time_limit(&self) -> Duration {
        self.time_limit
    }
}
