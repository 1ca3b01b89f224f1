//! What a handler returns, on its way to bytes.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use wicketgate_abi::{Buf, Format, Kind, Reply};

use crate::{Answer, Error, head::Head};

/// What a command can answer with: a type marked `#[response]` or `#[replies]`; `()` for 204 No Content; a `String`, or
/// bytes; a [`Content`](crate::Content), [`File`](crate::File), [`Redirect`](crate::Redirect) or [`Stream`](crate::Stream);
/// any of these with another [`Status`](crate::Status); or an `Option`, whose `None` is 404.
///
/// A type of your own may become one of these:
///
/// ```
/// # use wicketgate_action::{Answer, Format, ReplyInfo, Response, SchemaGenerator, prelude::*};
/// /// Lines of comma-separated values.
/// pub struct Table(Vec<[String; 2]>);
///
/// impl Response for Table {
///     fn replies(generator: &mut SchemaGenerator) -> Vec<ReplyInfo> {
///         String::replies(generator)
///     }
///
///     fn into_answer(self, format: Format) -> Result<Answer> {
///         let lines: Vec<_> = self.0.iter().map(|row| row.join(",")).collect();
///         lines.join("\n").into_answer(format)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be returned by a command",
    label = "not a response type",
    note = "mark the type with `#[response]` (one with several statuses with `#[replies]`), return `()` for 204 No Content, or a `String`, `Bytes`, `Content`, `File`, `Redirect` or `Stream`"
)]
pub trait Response: Send + 'static {
    /// What the spec says of the replies that this may become.
    fn replies(generator: &mut SchemaGenerator) -> Vec<ReplyInfo>;

    /// Status, headers and body, a value in `format`.
    ///
    /// # Errors
    /// If the value can't be written, such as a map with keys that are no strings; or if this stands for an error.
    fn into_answer(self, format: Format) -> Result<Answer, Error>;
}

/// What the spec says of one reply.
pub struct ReplyInfo {
    /// The status; `None`: the handler decides, within what its kind is for.
    pub status: Option<u16>,
    /// What kind of body it has.
    pub kind: &'static str,
    /// The media type, where that is known beforehand.
    pub content_type: Option<&'static str>,
    /// When it is given, from a doc comment.
    pub doc: &'static str,
    /// JSON Schema of its value, if it has one.
    pub schema: Option<Schema>,
}

impl ReplyInfo {
    /// A reply of that kind whose status and media type are settled while it runs.
    pub(crate) fn of(kind: &'static str) -> Self {
        Self { status: None, kind, content_type: None, doc: "", schema: None }
    }

    /// A value of type `T`.
    #[must_use]
    pub fn value<T: JsonSchema>(generator: &mut SchemaGenerator) -> Self {
        Self { status: Some(200), schema: Some(schema_of::<T>(generator)), ..Self::of("value") }
    }

    /// No body.
    #[must_use]
    pub fn nothing(status: u16, doc: &'static str) -> Self {
        Self { status: Some(status), doc, ..Self::of("nothing") }
    }

    /// The same, with a status and a doc of its own unless they are `None` and empty.
    #[must_use]
    pub fn with(mut self, status: Option<u16>, doc: &'static str) -> Self {
        if status.is_some() {
            self.status = status;
        }
        if !doc.is_empty() {
            self.doc = doc;
        }
        self
    }
}

impl Response for () {
    fn replies(_: &mut SchemaGenerator) -> Vec<ReplyInfo> {
        vec![ReplyInfo::nothing(204, "")]
    }

    fn into_answer(self, _: Format) -> Result<Answer, Error> {
        Ok(Answer::empty(204))
    }
}

/// `None` is 404.
impl<R: Response> Response for Option<R> {
    fn replies(generator: &mut SchemaGenerator) -> Vec<ReplyInfo> {
        R::replies(generator)
    }

    fn into_answer(self, format: Format) -> Result<Answer, Error> {
        self.ok_or_else(Error::not_found)?.into_answer(format)
    }
}

/// Bytes of a settled media type.
macro_rules! plain_bodies {
    ($($type:ty: $kind:literal, $content_type:literal;)*) => {$(
        impl Response for $type {
            fn replies(_: &mut SchemaGenerator) -> Vec<ReplyInfo> {
                vec![ReplyInfo { status: Some(200), content_type: Some($content_type), ..ReplyInfo::of($kind) }]
            }

            fn into_answer(self, _: Format) -> Result<Answer, Error> {
                Ok(Answer::new(Kind::CONTENT, Head::new(200, $content_type), self.into()))
            }
        }
    )*};
}

plain_bodies! {
    String: "text", "text/plain; charset=utf-8";
    &'static str: "text", "text/plain; charset=utf-8";
    Vec<u8>: "content", "application/octet-stream";
    crate::Bytes: "content", "application/octet-stream";
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
    let written = output.into_result().and_then(|value| value.into_answer(format)).and_then(Answer::into_raw);
    written.unwrap_or_else(|error| failure(error, format))
}

/// The reply of an error, or the one that was raised in its place.
pub(crate) fn failure(error: Error, format: Format) -> Reply {
    let raised = match error.into_raised(format) {
        Ok(answer) => answer.and_then(Answer::into_raw),
        Err(error) => Err(error),
    };
    raised.unwrap_or_else(|error| {
        let (meta, body) = (error.cause().as_bytes().to_vec(), error.info().as_bytes().to_vec());
        Reply { status: error.status(), meta: Buf::from_vec(meta), body: Buf::from_vec(body), ..Reply::UNWRITTEN }
    })
}

/// The reply of a panic.
pub(crate) fn panicked(text: String) -> Reply {
    Reply { kind: Kind::PANIC, meta: Buf::from_vec(text.into_bytes()), ..Reply::UNWRITTEN }
}

/// A JSON Schema for `T`, its parts put into the generator's definitions.
pub(crate) fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}
