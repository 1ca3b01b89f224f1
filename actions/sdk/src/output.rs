//! What a handler returns, on its way to bytes.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use wicketgate_abi::{Buf, Format, Kind, Reply};

use crate::{Error, encoding};

/// What a command can answer with: a type marked `#[response]`; `()` for 204 No Content; or a [`Content`](crate::Content),
/// [`File`](crate::File), [`Redirect`](crate::Redirect) or [`Stream`](crate::Stream).
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be returned by a command",
    label = "not a response type",
    note = "mark the type with `#[response]`, return `()` for 204 No Content, or a `Content`, `File`, `Redirect` or `Stream`"
)]
pub trait Response: Send + 'static {
    /// What the spec calls this kind of reply.
    const REPLY: &'static str;

    /// The reply that crosses the boundary, a value in `format`.
    ///
    /// # Errors
    /// If the value can't be written, such as a map with keys that are no strings.
    fn into_reply(self, format: Format) -> Result<Reply, Error>;

    /// The value's JSON Schema; `None` if there is no value.
    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        None
    }
}

impl Response for () {
    const REPLY: &'static str = "nothing";

    fn into_reply(self, _: Format) -> Result<Reply, Error> {
        Ok(Reply { kind: Kind::VALUE, status: 204, ..Reply::UNWRITTEN })
    }
}

/// Writes any value in `format`; what `#[response]` implements [`Response::into_reply`] with.
///
/// # Errors
/// If serde refuses the value.
pub fn write_value<T: Serialize>(value: &T, format: Format) -> Result<Reply, Error> {
    let body = match format {
        Format::Json => encoding::json(value)?,
        Format::MsgPack => encoding::msgpack(value)?,
    };
    Ok(Reply { kind: Kind::VALUE, status: 200, body: Buf::from_vec(body), ..Reply::UNWRITTEN })
}

/// What the macros know of a handler's return type.
#[diagnostic::on_unimplemented(
    message = "a command returns `Result<…>`, not `{Self}`",
    note = "write `-> Result<Response>` with a type marked `#[response]`, or `-> Result<()>`"
)]
pub trait Output {
    /// The type of the answer.
    type Response: Response;

    /// The answer or the error.
    ///
    /// # Errors
    /// What the handler failed with.
    fn into_result(self) -> Result<Self::Response, Error>;
}

impl<R: Response, E: Into<Error>> Output for Result<R, E> {
    type Response = R;

    fn into_result(self) -> Result<R, Error> {
        self.map_err(Into::into)
    }
}

/// Turns a handler's result into the reply that crosses the boundary.
pub(crate) fn reply<O: Output>(output: O, format: Format) -> Reply {
    output.into_result().and_then(|value| value.into_reply(format)).unwrap_or_else(|error| failure(&error))
}

/// The reply of an error.
pub(crate) fn failure(error: &Error) -> Reply {
    let (meta, body) = (error.cause().as_bytes().to_vec(), error.info().as_bytes().to_vec());
    Reply { status: error.status(), meta: Buf::from_vec(meta), body: Buf::from_vec(body), ..Reply::UNWRITTEN }
}

/// The reply of a panic.
pub(crate) fn panicked(text: String) -> Reply {
    Reply { kind: Kind::PANIC, meta: Buf::from_vec(text.into_bytes()), ..Reply::UNWRITTEN }
}

/// A JSON Schema for `T`, its parts put into the generator's definitions.
pub fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}
