//! Write an action plugin for the Wicketgate gateway.
//!
//! An action is a library crate (`crate-type = ["cdylib"]`) with this one dependency:
//!
//! ```
//! use wicketgate_action::prelude::*;
//!
//! /// What an operator may set in TOML, beside `type` and `access`.
//! #[config]
//! pub struct Config {
//!     /// how to greet
//!     #[serde(default = "hi")]
//!     greeting: String,
//! }
//! fn hi() -> String { "Hi".into() }
//!
//! /// What a caller sends.
//! #[params]
//! pub struct HelloParams { name: String }
//!
//! /// What a caller gets.
//! #[response]
//! pub struct HelloResponse { message: String }
//!
//! pub struct Greeter { greeting: String }
//!
//! /// Greets people.
//! #[action(name = "greeter")]
//! impl Greeter {
//!     fn configure(config: Config, _host: &Host) -> Result<Self> {
//!         Ok(Self { greeting: config.greeting })
//!     }
//!
//!     /// Say hello: the command `greeterHello`.
//!     async fn api_hello(&self, _req: &Request, p: HelloParams) -> Result<HelloResponse> {
//!         Ok(HelloResponse { message: format!("{}, {}", self.greeting, p.name) })
//!     }
//! }
//! ```
//!
//! - `configure` runs once per configured instance. An error from it stops the start of the gateway, with its text.
//! - `api_*` methods answer JSON and MsgPack commands, `http_get_*` methods answer GET, `http_post_*` methods posted forms, and
//!   other `http_*` methods both of these. All others are private.
//! - Parameters come from the body of JSON and MsgPack commands, from path and query of GET commands, and from the form of
//!   form posts. `#[param(header)]`, `#[param(cookie = "session-token")]` and the like say otherwise: see
//!   [`params`](prelude::params). Files of a form are an [`Upload`]; the rest of the request is [`Request::head`].
//! - Names are snake_case in Rust and camelCase for everybody else.
//! - An `async fn` runs where it was called until it first waits, then on this plugin's own tokio runtime: it may
//!   sleep, use sockets and spawn tasks. A plain `fn` runs on a thread of its own and may block.
//! - When the caller goes away or the time limit passes, an `async fn` is dropped at its next `.await`; a plain `fn`
//!   runs to its end unheard.
//! - A panic is one caller's 500; the cause goes to the gateway's log.
//! - Before its first `.await`, an `async fn` holds the gateway's own thread: what computes or blocks for milliseconds
//!   belongs into a plain `fn`, or into [`tokio::task::spawn_blocking`]. A command that holds it for more than 10 ms three
//!   times within a minute and 3,000 calls is started on this plugin's threads for the next ten minutes, and the log says
//!   so.
//! - A command returns a type marked `#[response]`, `()` for 204 No Content, or what goes out as it is: a `String`,
//!   [`Bytes`], a [`Content`], a [`File`], a [`Redirect`] or a [`Stream`]. Any of these has another status as a [`Created`],
//!   [`Accepted`], [`NotFound`]…, with headers and cookies; one of several is an enum marked `#[replies]`; and `None` of an
//!   `Option` is 404.
//! - An error becomes the reply that it stands for ([`Error`]), and so does a raised one: `Err(Conflict::new(state).into())`.
//! - Sleep and open sockets with the [`tokio`] of this crate, or with one of the same major version.
//! - `req.user()` is who calls: uid, name, roles and attributes; `req.session()` keeps values from one request to the next;
//!   [`Host::permit`] asks whether the caller may use another command.
//! - A [`ConfigPath`] in a configuration is relative to the operator's file, and absolute when the action gets it.
//! - Test it without a gateway: see `testing`, of the feature of that name.
//! - Log with the macros of [`log`]; the lines appear in the gateway's log.

mod action;
mod answer;
mod bytes;
mod content;
mod cookie;
mod encoding;
mod entry;
mod error;
mod escape;
mod file;
mod files;
mod gateway;
mod head;
mod host;
mod logger;
mod output;
mod panics;
mod path;
mod redirect;
mod request;
mod runtime;
mod session;
mod spec;
mod start;
mod status;
mod stream;
#[cfg(feature = "testing")]
pub mod testing;
mod upload;

pub use action::{Action, Config, Params};
pub use answer::Answer;
pub use bytes::Bytes;
pub use content::Content;
pub use cookie::Cookie;
pub use error::{Error, Result};
pub use escape::escape;
pub use file::File;
pub use files::FileInfo;
pub use host::{Empty, Host};
pub use log;
pub use output::{ReplyInfo, Response};
pub use path::ConfigPath;
pub use redirect::Redirect;
pub use request::{Request, RequestHead, User};
pub use schemars::{Schema, SchemaGenerator};
pub use serde_json;
pub use session::{LoggedIn, Session};
pub use status::*;
pub use stream::{Stream, StreamSender};
pub use tokio;
pub use upload::{Upload, Uploads};
pub use wicketgate_abi::Format;

/// All that an action usually needs.
pub mod prelude {
    pub use crate::status::*;
    pub use crate::{
        Bytes, ConfigPath, Content, Cookie, Empty, Error, File, Host, Redirect, Request, Result, Stream, Upload,
        Uploads, escape,
    };
    pub use wicketgate_action_macros::{action, config, params, replies, response};
}

/// What the macros expand to. Not for authors: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::action::{Command, CommandInfo};
    pub use crate::entry::{call, init, shutdown, spec};
    pub use crate::output::{Output, ReplyInfo};
    pub use crate::start::{run_async, run_blocking};
    pub use schemars;
    pub use serde;
    pub use wicketgate_abi::{ABI_MAJOR, ABI_MINOR, Descriptor, Format, MAGIC, Note};

    /// The SDK's version, for the plugin's note.
    pub const SDK_VERSION: &str = env!("CARGO_PKG_VERSION");
}
