//! The project that a request names, found before its parameters are read: they may be none of the caller's business.

use std::{borrow::Cow, sync::LazyLock};

use memchr::memmem::Finder;
use serde::Deserialize;
use wicketgate_spec::read::{Body, Inputs};

/// The parameter that names a project.
pub(super) const NAME: &str = "projectUid";

#[derive(Deserialize)]
struct Only<'p> {
    #[serde(borrow, default, rename = "projectUid")]
    project_uid: Cow<'p, str>,
}

/// The project that the parameters name. Where the name is malformed there is none: reading the parameters tells so.
pub(super) fn find<'r>(inputs: &Inputs<'r>) -> Option<Cow<'r, str>> {
    let mut places = [&inputs.path, &inputs.query, &inputs.form].into_iter();
    let value = places.find_map(|values| values.iter().find(|value| value.name.eq_ignore_ascii_case(NAME)));
    let found = match (value, inputs.body) {
        (Some(value), _) => value.texts.first()?.clone(),
        // Most requests name no project, which is seen without reading them. An escape may hide the name.
        (None, Body::Json(text)) if is_named(text.as_bytes()) || text.contains('\\') => {
            serde_json::from_str::<Only<'r>>(text).ok()?.project_uid
        }
        (None, Body::MsgPack(bytes)) if is_named(bytes) => rmp_serde::from_slice::<Only<'r>>(bytes).ok()?.project_uid,
        _ => return None,
    };
    Some(found).filter(|uid| !uid.is_empty())
}

fn is_named(bytes: &[u8]) -> bool {
    static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(NAME));
    FINDER.find(bytes).is_some()
}
