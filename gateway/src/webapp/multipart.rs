//! Forms in parts (`multipart/form-data`, RFC 7578): the fields are read, up to the first file that the command takes; the
//! [`files`](super::files) are the handler's.

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use multra::{Constraints, Field, Multipart, SizeLimit};

use super::{Incoming, WebError, WebHead, decode, files::Files, form, plan::Plan};

/// A form without its files.
pub(super) struct Form {
    /// Names and texts.
    pub(super) fields: Vec<(String, String)>,
    /// The command, if a field names it.
    pub(super) name: Option<String>,
    /// Whether there is a file that the command takes.
    pub(super) has_files: bool,
}

/// The most bytes of a part's headers.
const HEADERS: u64 = 8 << 10;

/// The most bytes that all fields together may have, and the form as a whole.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) fields: usize,
    pub(super) whole: usize,
}

/// Reads a form up to the first file that its command takes, or to its end; files that it does not take are passed over.
pub(super) async fn begin(
    plan: &Plan,
    head: &WebHead,
    body: Incoming,
    limits: Limits,
) -> Result<(Form, Option<Files>), WebError> {
    let failed = |e| failure(e, limits.whole);
    let content_type = head.content_type.as_ref().map(HeaderValue::as_bytes).unwrap_or_default();
    let boundary = multra::parse_boundary(String::from_utf8_lossy(content_type)).map_err(failed)?;
    let size = SizeLimit::new().whole_stream(limits.whole as u64).headers(HEADERS);
    let constraints = Constraints::new().size_limit(size);
    let mut parts = Multipart::try_with_constraints(body, boundary, constraints).map_err(failed)?;
    let announced = decode::announced(head)?.map(|(name, _)| name.into_owned());
    let mut form = Form { fields: Vec::new(), name: None, has_files: false };
    let (mut count, mut left) = (0, limits.fields);
    while let Some(mut field) = parts.next_field().await.map_err(failed)? {
        form::within_limit(count, "form")?;
        count += 1;
        let name = field.name().unwrap_or_default().to_owned();
        if is_unchosen(&field) {
            while field.chunk().await.map_err(failed)?.is_some() {}
            continue;
        }
        if is_file(&field) {
            let command = announced.as_deref().or(form.name.as_deref()).ok_or_else(no_command)?;
            if let Some(taken) = plan.form(command).filter(|form| form.file(&name).is_some()) {
                form.has_files = true;
                return Ok((form, Some(Files::new(taken, parts, field, count, limits.whole))));
            }
            while field.chunk().await.map_err(failed)?.is_some() {}
            continue;
        }
        let text = text(&mut field, &name, &mut left, limits).await?;
        if name.eq_ignore_ascii_case("cmd") && head.mount.is_none() {
            form.name = Some(text).filter(|text| !text.is_empty());
        } else {
            form.fields.push((name, text));
        }
    }
    Ok((form, None))
}

/// The text of a field.
async fn text(field: &mut Field<'_>, name: &str, left: &mut usize, limits: Limits) -> Result<String, WebError> {
    let too_large = || {
        let info = format!("the fields of the form are larger than the {} bytes that are allowed", limits.fields);
        WebError::new(StatusCode::PAYLOAD_TOO_LARGE, info)
    };
    *left = left.checked_sub(name.len()).ok_or_else(too_large)?;
    let mut text = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|e| failure(e, limits.whole))? {
        *left = left.checked_sub(chunk.len()).ok_or_else(too_large)?;
        text.extend_from_slice(&chunk);
    }
    String::from_utf8(text).map_err(|_| WebError::bad_request(format!("form.{name}: the text is not UTF-8")))
}

/// Whether a part is a file: it has a name where it comes from.
pub(super) fn is_file(field: &Field<'_>) -> bool {
    field.file_name().is_some()
}

/// Whether a part stands for a file that was not chosen, which is how browsers say so: its name is empty.
pub(super) fn is_unchosen(field: &Field<'_>) -> bool {
    field.file_name() == Some("")
}

fn no_command() -> WebError {
    WebError::bad_request("no command: name one as /_/cmd/NAME, or by a field `cmd` before all files")
}

/// What is wrong with a form of at most so many bytes, for whoever sent it.
pub(super) fn failure(error: multra::Error, limit: usize) -> WebError {
    let too_large = |info: String| WebError::new(StatusCode::PAYLOAD_TOO_LARGE, info);
    match error {
        multra::Error::StreamReadFailed(cause) => match cause.downcast::<WebError>() {
            Ok(error) => *error,
            Err(cause) => WebError::bad_request(format!("the form can't be read: {cause}")),
        },
        multra::Error::StreamSizeExceeded { .. } => {
            too_large(format!("the form is larger than the {limit} bytes that are allowed"))
        }
        multra::Error::NoBoundary | multra::Error::InvalidBoundary { .. } | multra::Error::DecodeContentType(_) => {
            WebError::bad_request("the form can't be read: its Content-Type names no usable `boundary`")
        }
        multra::Error::IncompleteStream
        | multra::Error::IncompleteFieldData { .. }
        | multra::Error::IncompleteHeaders => WebError::bad_request("the form can't be read: it ends early"),
        other => WebError::bad_request(format!("the form can't be read: {other}")),
    }
}

/// What of a name is a file's own, whatever folders a client puts before it.
pub(super) fn base_name(name: &str) -> Option<String> {
    let name: String = name.rsplit(['/', '\\']).next()?.chars().filter(|c| !c.is_control()).collect();
    Some(name).filter(|name| !matches!(name.trim(), "" | "." | ".."))
}

/// An empty chunk is none.
pub(super) fn some(bytes: Bytes) -> Option<Bytes> {
    Some(bytes).filter(|bytes| !bytes.is_empty())
}
