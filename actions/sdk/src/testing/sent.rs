//! What a test sends in place of a caller.

use std::{
    borrow::Cow,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use serde_json::json;
use wicketgate_abi::{Buf, Chunks, Kind, RawStream, Reply as RawReply};
use wicketgate_spec::{
    Action as Spec, Asked, COMMON, Command,
    read::{Body, Checked, Inputs, Origin, Rejected, SoftValue, Target},
};

use crate::{encoding, files::Files};

/// A file of a form that a test posts.
pub struct File<'f> {
    /// The form's field.
    pub field: &'f str,
    /// The name that the client gives it.
    pub name: &'f str,
    /// What it holds.
    pub content: &'f [u8],
}

/// What a test sends.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) body: String,
    pub(super) texts: Vec<SoftValue<'static>>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) cookies: Vec<(String, String)>,
    /// Field, name and content of each file.
    pub(super) uploads: Vec<(String, String, Vec<u8>)>,
}

impl Sent {
    /// Reads the parameters, as the gateway does.
    pub(super) fn read(&self, spec: &Spec, command: &Command, asked: Asked) -> Result<Checked, Rejected> {
        let target = Target { common: &COMMON, ..Target::new(&spec.graph, command.params, "params") };
        let Some(lookups) = spec.lookups(command, asked) else {
            return if asked == Asked::Api { target.json(self.body.as_bytes()) } else { target.soft(&self.texts) };
        };
        let texts = |origin: &Origin| {
            let (all, wanted) = match origin {
                Origin::Header(name) => (&self.headers, name),
                Origin::Cookie(name) => (&self.cookies, name),
                _ => return Ok(Vec::new()),
            };
            let of_name = all.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            Ok(of_name.map(|(_, text)| Cow::Borrowed(text.as_str())).collect())
        };
        let (query, form) =
            if asked == Asked::Get { (self.texts.clone(), Vec::new()) } else { (Vec::new(), self.texts.clone()) };
        let body = if asked == Asked::Api { Body::Json(&self.body) } else { Body::None };
        let has_files = !self.uploads.is_empty();
        target.sourced(&lookups, &Inputs { path: Vec::new(), query, form, has_files, body }, &texts)
    }

    /// The files, in chunks of a few bytes.
    pub(super) fn files(&self) -> Option<Arc<Files>> {
        let replies = self.uploads.iter().flat_map(|(field, name, content)| {
            let meta = encoding::msgpack(&json!({"name": field, "fileName": name})).unwrap_or_default();
            let begin =
                RawReply { kind: Kind::FILE_BEGINS, status: 200, meta: Buf::from_vec(meta), ..RawReply::UNWRITTEN };
            [begin].into_iter().chain(content.chunks(5).map(chunk))
        });
        let replies: Vec<_> = replies.chain([chunk(&[])]).collect();
        (!self.uploads.is_empty()).then(|| Files::new(RawStream::new(Given(replies.into_iter()))))
    }
}

/// Chunks that are there already.
struct Given(std::vec::IntoIter<RawReply>);

impl Chunks for Given {
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<RawReply> {
        Poll::Ready(self.0.next().unwrap_or(RawReply::UNWRITTEN))
    }
}

fn chunk(bytes: &[u8]) -> RawReply {
    RawReply { kind: Kind::CONTENT, status: 200, body: Buf::from_vec(bytes.to_vec()), ..RawReply::UNWRITTEN }
}

pub(super) fn raw(file: &File<'_>) -> (String, String, Vec<u8>) {
    (file.field.to_owned(), file.name.to_owned(), file.content.to_vec())
}

/// Texts by their names.
pub(super) fn soft(texts: &[(&str, &str)]) -> Vec<SoftValue<'static>> {
    let mut values: Vec<SoftValue<'static>> = Vec::new();
    for (name, text) in texts {
        let text = Cow::Owned((*text).to_owned());
        match values.iter_mut().find(|value| value.name == *name) {
            Some(value) => value.texts.push(text),
            None => values.push(SoftValue { name: Cow::Owned((*name).to_owned()), texts: vec![text] }),
        }
    }
    values
}
