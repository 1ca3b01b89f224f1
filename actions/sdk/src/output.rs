//! What a handler returns, on its way to bytes.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use wicketgate_abi::{Buf, Format, Kind, Reply};

use crate::Error;

/// What a command can answer with: a type marked `#[response]`, or `()` for 204 No Content.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be returned by a command",
    label = "not a response type",
    note = "mark the type with `#[response]`, or return `()` for 204 No Content"
)]
pub trait Response: Send + 'static {
    /// Writes the value in `format`; `None` is 204 No Content.
    ///
    /// # Errors
    /// If the value can't be written, such as a map with keys that are no strings.
    fn write(&self, format: Format) -> Result<Option<Vec<u8>>, Error>;

    /// The value's JSON Schema; `None` if there is no value.
    fn schema(generator: &mut SchemaGenerator) -> Option<Schema>;
}

impl Response for () {
    fn write(&self, _: Format) -> Result<Option<Vec<u8>>, Error> {
        Ok(None)
    }

    fn schema(_: &mut SchemaGenerator) -> Option<Schema> {
        None
    }
}

/// Writes any value in `format`; what `#[response]` implements [`Response::write`] with.
///
/// # Errors
/// If serde refuses the value.
pub fn write_value<T: Serialize>(value: &T, format: Format) -> Result<Option<Vec<u8>>, Error> {
    Ok(Some(match format {
        Format::Json => serde_json::to_vec(value)?,
        Format::MsgPack => rmp_serde::to_vec_named(value)?,
    }))
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
    match output.into_result().and_then(|value| value.write(format)) {
        Ok(Some(body)) => value(200, body),
        Ok(None) => value(204, Vec::new()),
        Err(error) => failure(&error),
    }
}

fn value(status: u16, body: Vec<u8>) -> Reply {
    Reply { kind: Kind::VALUE, status, body: Buf::from_vec(body), ..Reply::UNWRITTEN }
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
