//! What a request holds, and where each field of its parameters is looked for.

use std::borrow::Cow;

use rmp::Marker;

use super::{SoftValue, reader::Notation};
use crate::model::{Field, Graph, Object};

/// Where a field is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The place.
    pub origin: Origin,
    /// What paths of problems start with; `None`: what those of the body start with.
    pub label: Option<&'static str>,
}

/// A place of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A placeholder of the path.
    Path,
    /// The query.
    Query,
    /// All of the query that no other field takes; of several of a name the last.
    Rest,
    /// The header of that name.
    Header(String),
    /// The cookie of that name.
    Cookie(String),
    /// A posted form.
    Form,
    /// The body.
    Body,
}

/// The texts of a header or of a cookie, none if it is not there.
pub type Texts<'t> = dyn Fn(&Origin) -> Result<Vec<Cow<'t, str>>, NoText> + 't;

/// What a request holds, unread, but for its headers and cookies.
#[derive(Default)]
pub struct Inputs<'t> {
    /// Values of the path.
    pub path: Vec<SoftValue<'t>>,
    /// Values of the query.
    pub query: Vec<SoftValue<'t>>,
    /// Values of a form.
    pub form: Vec<SoftValue<'t>>,
    /// Whether a file of the form is there, or may come.
    pub has_files: bool,
    /// The body.
    pub body: Body<'t>,
}

/// A header that is no UTF-8.
#[derive(Debug)]
pub struct NoText;

/// A body, unread.
#[derive(Clone, Copy, Debug, Default)]
pub enum Body<'t> {
    /// None.
    #[default]
    None,
    /// JSON.
    Json(&'t str),
    /// MsgPack.
    MsgPack(&'t [u8]),
}

impl Inputs<'_> {
    /// How many bytes it has, but for headers and cookies.
    pub(super) fn len(&self) -> usize {
        let texts = [&self.path, &self.query, &self.form].into_iter().flatten().flat_map(|value| &value.texts);
        self.body.len() + texts.map(|text| text.len()).sum::<usize>()
    }

    /// The first text of that name, in the path, the query or the form.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut places = [&self.path, &self.query, &self.form].into_iter();
        places.find_map(|values| texts_of(values, name)).and_then(|texts| texts.first().cloned())
    }
}

impl Body<'_> {
    /// How many bytes it has.
    const fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Json(text) => text.len(),
            Self::MsgPack(bytes) => bytes.len(),
        }
    }

    /// How bytes are written in it.
    pub(super) const fn notation(&self) -> Notation {
        if let Self::MsgPack(_) = self { Notation::Binary } else { Notation::Text }
    }

    pub(super) fn is_object(&self) -> bool {
        match self {
            Self::None => true,
            Self::Json(text) => text.trim_ascii_start().starts_with('{'),
            Self::MsgPack(bytes) => bytes.first().is_some_and(|first| {
                matches!(Marker::from_u8(*first), Marker::FixMap(_) | Marker::Map16 | Marker::Map32)
            }),
        }
    }
}

impl Origin {
    /// The place in words.
    pub(super) const fn what(&self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query | Self::Rest => "query",
            Self::Header(_) => "headers",
            Self::Cookie(_) => "cookies",
            Self::Form => "form",
            Self::Body => "body",
        }
    }

    /// Whether a field has to be there. A list is written as texts by repeating a name, so that none of them is an empty one.
    pub(crate) fn needs(&self, field: &Field, graph: &Graph) -> bool {
        let is_repeated = matches!(self, Self::Query | Self::Header(_) | Self::Form);
        field.is_required() && !(is_repeated && graph.may_be_empty(field.ty))
    }

    /// What a field is called there.
    pub(crate) fn name<'n>(&'n self, field: &'n Field) -> &'n str {
        match self {
            Self::Header(name) | Self::Cookie(name) => name,
            _ => &field.name,
        }
    }
}

/// What there is for a field.
pub(super) enum Found<'i> {
    Texts(Cow<'i, [Cow<'i, str>]>),
    Rest(Vec<&'i SoftValue<'i>>),
    NoText,
}

impl<'t> Inputs<'t> {
    /// What there is for the field of that index.
    pub(super) fn find<'i>(
        &'i self,
        object: &Object,
        lookups: &[Lookup],
        index: usize,
        common: &[&str],
        texts: &Texts<'i>,
    ) -> Option<Found<'i>> {
        let field = &object.fields[index];
        let named = |values: &'i [SoftValue<'t>]| {
            let mut names = [&field.name].into_iter().chain(&field.aliases);
            names.find_map(|name| texts_of(values, name)).map(Found::Texts)
        };
        match &lookups[index].origin {
            Origin::Path => named(&self.path),
            Origin::Query => named(&self.query),
            Origin::Form => named(&self.form),
            Origin::Body => None,
            origin @ (Origin::Header(_) | Origin::Cookie(_)) => match texts(origin) {
                Ok(texts) if texts.is_empty() => None,
                Ok(texts) => Some(Found::Texts(Cow::Owned(texts))),
                Err(NoText) => Some(Found::NoText),
            },
            Origin::Rest => {
                let is_taken = |name: &str| {
                    let fields = object.fields.iter().zip(lookups);
                    let mut fields = fields.filter(|(_, lookup)| matches!(lookup.origin, Origin::Path | Origin::Query));
                    fields.any(|(field, _)| field.is_called(name))
                        || common.iter().any(|common| common.eq_ignore_ascii_case(name))
                };
                Some(Found::Rest(self.query.iter().filter(|value| !is_taken(&value.name)).collect()))
            }
        }
    }
}

/// The texts of that name, in whatever case.
fn texts_of<'v>(values: &'v [SoftValue<'_>], name: &str) -> Option<Cow<'v, [Cow<'v, str>]>> {
    let mut found = values.iter().filter(|value| value.name.eq_ignore_ascii_case(name));
    let first = found.next()?;
    let mut texts = Cow::Borrowed(&first.texts[..]);
    found.for_each(|more| texts.to_mut().extend(more.texts.iter().cloned()));
    Some(texts)
}
