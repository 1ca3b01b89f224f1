//! What handlers ask the gateway for, by name, on behalf of who calls.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use wicketgate_spec::is_private_header;

use super::{conversation::Conversation, identify};
use crate::{
    auth::{LoggedIn, NoRoom, Password, Refusal, User},
    plugin::{Served, ServiceError, Services},
};

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    value: Bytes,
}

#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Permit {
    command: String,
    project_uid: Option<String>,
}

/// What a handler is told of a login.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginReply<'u> {
    user: Option<&'u User>,
    second_factor: bool,
}

impl Services for Conversation {
    fn serve(self: Arc<Self>, name: &str, params: &[u8]) -> Served {
        match name {
            "request.head" => Served::Ready(encode(&RequestHead::of(&self))),
            "session.get" => ready(params, |Named { name }| {
                Ok(self.session().and_then(|session| session.get(&name)).map_or_else(nil, Vec::from))
            }),
            "session.set" => ready(params, |entry| self.set(entry)),
            "session.delete" => ready(params, |Named { name }| {
                self.session().into_iter().for_each(|session| session.delete(&name));
                Ok(nil())
            }),
            "user.permit" => ready(params, |asked: Permit| self.permits(&asked)),
            "user.login" => {
                let conversation = self.clone();
                self.pending(params, |login| async move { conversation.log_in(login).await })
            }
            "user.verify" => {
                let conversation = self.clone();
                self.pending(params, |Code { code }| async move { conversation.verify(&code).await })
            }
            "user.logout" => {
                let conversation = self.clone();
                self.pending(params, |()| async move { conversation.log_out().await })
            }
            _ => Served::Ready(Err(error(StatusCode::NOT_IMPLEMENTED, format!("the gateway has no service `{name}`")))),
        }
    }
}

/// What a handler is told of a request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestHead<'c> {
    method: &'c str,
    path: String,
    query: Option<&'c str>,
    route: Option<&'c str>,
    command: &'c str,
    headers: Vec<(&'c str, Cow<'c, str>)>,
}

impl<'c> RequestHead<'c> {
    fn of(conversation: &'c Conversation) -> Self {
        let head = &conversation.head;
        let path = head.segments.iter().map(|segment| format!("/{}", utf8_percent_encode(segment, IN_PATH))).collect();
        let headers = head.headers.iter().filter(|(name, _)| !is_private_header(name.as_str()));
        Self {
            method: head.method.as_str(),
            path,
            query: head.query.as_deref(),
            route: head.mount.as_ref().map(|mount| mount.row.path.as_str()),
            command: &conversation.command,
            headers: headers.map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()))).collect(),
        }
    }
}

/// What can't stand in a segment of a path as it is.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Conversation {
    fn set(&self, entry: Entry) -> Result<Vec<u8>, ServiceError> {
        let none = || error(StatusCode::FORBIDDEN, "there is no session to keep this in: log in first");
        let session = self.session().ok_or_else(none)?;
        let no_room = |e: NoRoom| error(StatusCode::INSUFFICIENT_STORAGE, e.to_string());
        session.set(&entry.name, entry.value).map(|()| nil()).map_err(no_room)
    }

    async fn log_in(&self, login: Login) -> Result<Vec<u8>, ServiceError> {
        let before = self.state().session.clone();
        let password = Password::new(login.password);
        let auth = &self.shared.auth;
        self.logged_in(auth.log_in(&login.username, password, &self.head.presented, before.as_deref()).await)
    }

    async fn verify(&self, code: &str) -> Result<Vec<u8>, ServiceError> {
        let before = self.state().session.clone();
        self.logged_in(self.shared.auth.verify_code(code, &self.head.presented, before.as_ref()).await)
    }

    fn logged_in(&self, outcome: Result<LoggedIn, Refusal>) -> Result<Vec<u8>, ServiceError> {
        let LoggedIn { user, session, cookie } = outcome.map_err(|refusal| self.refused(&refusal))?;
        let mut state = self.state();
        (state.session, state.cookie) = (Some(session), Some(cookie));
        drop(state);
        encode(&LoginReply { user: user.as_ref(), second_factor: user.is_none() })
    }

    async fn log_out(&self) -> Result<Vec<u8>, ServiceError> {
        let before = self.state().session.take();
        let cookie = self.shared.auth.log_out(before.as_deref()).await.map_err(|refusal| self.refused(&refusal))?;
        self.state().cookie = Some(cookie);
        Ok(nil())
    }

    fn refused(&self, refusal: &Refusal) -> ServiceError {
        identify::tell(refusal, &self.head);
        self.state().retry_after = identify::retry_after(refusal);
        error(identify::status(refusal), refusal.to_string())
    }

    /// Something that waits: done on the gateway's own threads, since a panic must not reach the plugin's.
    fn pending<P, F>(&self, params: &[u8], serve: impl FnOnce(P) -> F) -> Served
    where
        P: DeserializeOwned,
        F: Future<Output = Result<Vec<u8>, ServiceError>> + Send + 'static,
    {
        let work = match decode(params) {
            Ok(params) => serve(params),
            Err(e) => return Served::Ready(Err(e)),
        };
        let auth = self.shared.auth.clone();
        let failed = || Err(error(StatusCode::INTERNAL_SERVER_ERROR, ""));
        Served::Pending(Box::pin(async move { auth.on_own_threads(work).await.unwrap_or_else(failed) }))
    }

    fn permits(&self, asked: &Permit) -> Result<Vec<u8>, ServiceError> {
        let project = asked.project_uid.as_deref().filter(|uid| !uid.is_empty());
        encode(&self.shared.plan.permits(&asked.command, project, &self.principal.user))
    }
}

fn ready<P: DeserializeOwned>(params: &[u8], serve: impl FnOnce(P) -> Result<Vec<u8>, ServiceError>) -> Served {
    Served::Ready(decode(params).and_then(serve))
}

fn decode<P: DeserializeOwned>(params: &[u8]) -> Result<P, ServiceError> {
    let wrong = |e| error(StatusCode::BAD_REQUEST, format!("the gateway's service was asked wrongly: {e}"));
    rmp_serde::from_slice(params).map_err(|e: rmp_serde::decode::Error| wrong(e.to_string()))
}

fn encode(value: &impl Serialize) -> Result<Vec<u8>, ServiceError> {
    rmp_serde::to_vec_named(value).map_err(|e| error(StatusCode::INTERNAL_SERVER_ERROR, e.to_string()))
}

fn error(status: StatusCode, info: impl Into<String>) -> ServiceError {
    ServiceError { status: status.as_u16(), info: info.into() }
}

/// Nothing, in MsgPack.
fn nil() -> Vec<u8> {
    vec![0xc0]
}
