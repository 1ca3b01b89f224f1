//! What `#[action]` makes of an author's `impl` block.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;

use crate::{
    Host, Response, Result,
    output::{self, Output, ReplyInfo},
    start::{Call, Started},
};

/// An action: implemented by the attribute [`action`](crate::prelude::action), not by hand.
pub trait Action: Send + Sync + Sized + 'static {
    /// What an operator may set.
    type Config: Config;

    /// Name in TOML: `type = "example"`.
    const NAME: &'static str;

    /// First part of the names of its commands; [`Action::NAME`] unless declared otherwise.
    const CLIENT: &'static str;

    /// The doc comment of the `impl` block.
    const DOC: &'static str;

    /// The commands, in the author's order. A request names its command by its index here.
    const COMMANDS: &'static [Command<Self>];

    /// Makes an instance of a configuration.
    ///
    /// # Errors
    /// Whatever keeps the instance from working; the gateway then refuses to start.
    fn configure(config: Self::Config, host: &Host) -> Result<Self>;
}

/// What a command can take: a type marked `#[params]`, or [`Empty`](crate::Empty).
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the parameters of a command",
    label = "not marked as parameters",
    note = "mark the type with `#[params]`, or take `Empty` if there are none"
)]
pub trait Params: DeserializeOwned + JsonSchema + Send + 'static {}

/// What an action can be configured with: a type marked `#[config]`, or [`Empty`](crate::Empty).
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the configuration of an action",
    label = "not marked as configuration",
    note = "mark the type with `#[config]`, or take `Empty` if there is none"
)]
pub trait Config: DeserializeOwned + JsonSchema {}

/// One command of an action.
pub struct Command<A> {
    /// What the spec says of it.
    pub info: CommandInfo,
    /// Starts it.
    pub run: fn(Arc<A>, Call) -> Started,
}

/// What the spec says of a command.
pub struct CommandInfo {
    /// Name for callers, such as `exampleHello`.
    pub name: &'static str,
    /// The author's method, such as `api_hello`.
    pub method: &'static str,
    /// The method's doc comment.
    pub doc: &'static str,
    /// JSON Schema of the parameters.
    pub params: fn(&mut SchemaGenerator) -> Schema,
    /// The replies that it may give.
    pub replies: fn(&mut SchemaGenerator) -> Vec<ReplyInfo>,
    /// Methods and paths of the mounts that the author suggests.
    pub mounts: &'static [(&'static str, &'static str)],
}

impl CommandInfo {
    /// The description of a handler with parameters `P` and return type `O`.
    #[must_use]
    pub const fn of<P: Params, O: Output>(
        name: &'static str,
        method: &'static str,
        doc: &'static str,
        mounts: &'static [(&'static str, &'static str)],
    ) -> Self {
        let replies = <O::Response as Response>::replies;
        Self { name, method, doc, params: output::schema_of::<P>, replies, mounts }
    }
}
