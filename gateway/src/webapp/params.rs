//! Parameters, read by the command's spec.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use wicketgate_spec::{
    Asked, COMMON,
    read::{Body, Inputs, Limits, NoText, Origin, Target as Reading},
};

use super::{WebError, WebHead, decode::Way, plan::Target};

/// Reads the parameters: strictly from bodies, softly from anywhere else. What comes out is canonical MsgPack.
pub(super) fn read(
    target: &Target<'_>,
    way: Way<'_>,
    inputs: &Inputs<'_>,
    head: &WebHead,
    session_cookie: &str,
    limits: Limits,
) -> Result<Vec<u8>, WebError> {
    let (lookups, root) = match way {
        Way::Mounted(row) => (row.lookups.as_deref(), "body"),
        Way::Native(asked) => (target.lookups(asked), "params"),
        Way::Empty => (target.lookups(target.posted()), "params"),
    };
    let reading =
        Reading { common: &COMMON, limits, ..Reading::new(&target.action.graph, target.command().params, root) };
    let is_get = matches!(way, Way::Native(Asked::Get));
    let checked = match (lookups, inputs.body) {
        (Some(lookups), _) => reading.sourced(lookups, inputs, &|origin| texts(head, session_cookie, origin)),
        (None, Body::Json(text)) => reading.json_text(text),
        (None, Body::MsgPack(bytes)) => reading.msgpack(bytes),
        (None, Body::None) if is_get => reading.soft(&inputs.query),
        (None, Body::None) => reading.json_text("{}"),
    };
    checked.map(|checked| checked.value).map_err(WebError::rejected)
}

/// The texts of a header or of a cookie, as many as there are; of what says who calls there are none.
fn texts<'h>(head: &'h WebHead, session_cookie: &str, origin: &Origin) -> Result<Vec<Cow<'h, str>>, NoText> {
    match origin {
        Origin::Header(name) => {
            let lines = head.headers.get_all(name.as_str()).iter();
            lines.map(|line| std::str::from_utf8(line.as_bytes()).map(Cow::Borrowed).map_err(|_| NoText)).collect()
        }
        Origin::Cookie(name) if name == session_cookie => Ok(Vec::new()),
        // Cookies are mostly percent-encoded by whoever sets them; what is none of its codes stays as it is.
        Origin::Cookie(name) => {
            let decode = |value: &'h [u8]| {
                let value = std::str::from_utf8(value).map_err(|_| NoText)?;
                percent_decode_str(value).decode_utf8().map_err(|_| NoText)
            };
            head.presented.cookie_bytes(name).map(decode).collect()
        }
        _ => Ok(Vec::new()),
    }
}
