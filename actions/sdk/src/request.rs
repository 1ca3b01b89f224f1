//! The request as a handler sees it.

use std::{
    cell::RefCell,
    sync::{Arc, OnceLock},
    time::Duration,
};

use serde::Deserialize;
use wicketgate_abi::Buf;

use crate::{Result, gateway::Gateway};

/// One call of a command.
pub struct Request {
    call_id: u64,
    time_limit: Duration,
    context_id: u64,
    context: Buf,
    caller: OnceLock<Arc<Caller>>,
    pub(crate) gateway: Gateway,
}

/// Who calls.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct User {
    /// Unique name; empty for a guest.
    pub uid: String,
    /// Name to show to people. It comes from outside: [`escape`](crate::escape) it in HTML.
    pub display_name: String,
    /// All roles: `all`, and `guest` or `user` with those that the operator gave them.
    pub roles: Vec<String>,
    /// What a provider or a token says of them besides.
    pub attributes: serde_json::Map<String, serde_json::Value>,
}

/// What was sent, but for the body: [`Request::head`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RequestHead {
    /// `GET`, `POST` and the like.
    pub method: String,
    /// The path after the site's rewriting, normalised and percent-encoded.
    pub path: String,
    /// What follows the `?`, as it was sent.
    pub query: Option<String>,
    /// The path of the mount that the request came by, such as `/articles/{id}`; `None` at `/_`.
    pub route: Option<String>,
    /// The command, such as `exampleHello`.
    pub command: String,
    /// All headers, their names in lower case, but for those that say who calls.
    pub headers: Vec<(String, String)>,
}

impl RequestHead {
    /// The first header of that name, in whatever case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Caller {
    user: User,
}

impl User {
    /// Somebody who has not said who they are.
    #[must_use]
    pub fn guest() -> Self {
        let roles = ["guest", "all"].map(str::to_owned).into();
        Self { uid: String::new(), display_name: "Guest".into(), roles, ..Self::default() }
    }

    /// Whether they have that role. An `admin` has no others for it.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }

    /// Whether they have not said who they are.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        self.uid.is_empty()
    }
}

impl Caller {
    /// Reads a context, unless this thread has just read the same one: callers mostly come in rows.
    fn read(id: u64, context: &Buf) -> Arc<Self> {
        thread_local! {
            static LAST: RefCell<Option<(u64, Arc<Caller>)>> = const { RefCell::new(None) };
        }
        LAST.with_borrow_mut(|last| match last {
            Some((last_id, caller)) if *last_id == id => caller.clone(),
            _ => {
                // The gateway wrote these bytes; should it have failed, the caller is a nobody without roles.
                let caller: Arc<Self> = Arc::new(rmp_serde::from_slice(context.as_ref()).unwrap_or_default());
                *last = Some((id, caller.clone()));
                caller
            }
        })
    }
}

impl Request {
    pub(crate) fn new(call_id: u64, time_limit: Duration, context_id: u64, context: Buf, gateway: Gateway) -> Self {
        Self { call_id, time_limit, context_id, context, caller: OnceLock::new(), gateway }
    }

    /// The caller. Read from the gateway's bytes at the first use.
    pub fn user(&self) -> &User {
        &self.caller.get_or_init(|| Caller::read(self.context_id, &self.context)).user
    }

    /// The request id, as in the gateway's log and in error replies: 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:016x}", self.call_id)
    }

    /// The request as it was sent, or as much of it as is a plugin's business.
    ///
    /// # Errors
    /// If the gateway fails.
    pub fn head(&self) -> Result<RequestHead> {
        self.gateway.ask_now("request.head", &())
    }

    /// How long the gateway waits for the answer, counted from the start of the call.
    #[must_use]
    pub fn time_limit(&self) -> Duration {
        self.time_limit
    }
}
