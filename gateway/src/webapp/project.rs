//! The project that a request names, found before its parameters are read: they may be none of the caller's business.

use std::{borrow::Cow, sync::LazyLock};

use memchr::memmem::Finder;
use serde::Deserialize;

use super::decode::Params;

/// The parameter that names a project.
pub(super) const NAME: &str = "projectUid";

#[derive(Deserialize)]
struct Only<'p> {
    #[serde(borrow, default, rename = "projectUid")]
    project_uid: Cow<'p, str>,
}

/// The project that `params` name. Where the name is malformed there is none: reading the parameters tells so.
pub(super) fn find<'r>(params: &Params<'r>) -> Option<Cow<'r, str>> {
    let found = match params {
        Params::Soft(values) => {
            let value = values.iter().find(|value| value.name.eq_ignore_ascii_case(NAME))?;
            value.texts.first()?.clone()
        }
        // Most requests name no project, which is seen without reading them. An escape may hide the name.
        Params::Json(text) if is_named(text.as_bytes()) || text.contains('\\') => {
            serde_json::from_str::<Only<'r>>(text).ok()?.project_uid
        }
        Params::MsgPack(bytes) if is_named(bytes) => rmp_serde::from_slice::<Only<'r>>(bytes).ok()?.project_uid,
        _ => return None,
    };
    Some(found).filter(|uid| !uid.is_empty())
}

fn is_named(bytes: &[u8]) -> bool {
    static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(NAME));
    FINDER.find(bytes).is_some()
}
