//! Where the parameters of a command come from: which sources make sense, and where each one leads for a request.

use crate::{
    document::{Action, Command, Suggested, Verb, taken},
    model::{Field, Graph, Object, Source, Type, TypeId},
    read::{Lookup, Origin},
    schema::SchemaError,
};

/// Parameters that every command takes and no handler sees; a placeholder may be one.
pub const COMMON: [&str; 2] = ["projectUid", "localeUid"];

/// Whether the header of that name, in lower case, never reaches a plugin: it says who calls, or who some proxy says it is.
#[must_use]
pub fn is_private_header(name: &str) -> bool {
    matches!(name, "authorization" | "proxy-authorization" | "cookie" | "set-cookie" | "forwarded")
        || name.starts_with("x-forwarded-")
}

/// How a command is asked for at `/_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// By POST with JSON or MsgPack.
    Api,
    /// By GET or HEAD.
    Get,
    /// By POST with a form.
    Form,
}

/// How a mount asks for a command.
pub struct Mounting<'m> {
    /// The method.
    pub method: &'m str,
    /// The names of the placeholders in its path.
    pub placeholders: &'m [&'m str],
    /// The parameter that takes what is left of the query.
    pub rest: Option<&'m str>,
}

impl Verb {
    /// Whether a command of this verb can be asked for that way.
    #[must_use]
    pub fn answers(self, asked: Asked) -> bool {
        match asked {
            Asked::Api => self == Self::Api,
            Asked::Get => matches!(self, Self::Get | Self::Http),
            Asked::Form => matches!(self, Self::Post | Self::Http),
        }
    }
}

impl Action {
    /// Where the parameters of a command are when it is asked for at `/_`; `None`: where that way of asking has them all.
    /// Where names of all kinds are flattened into them, one more says where those are.
    #[must_use]
    pub fn lookups(&self, command: &Command, asked: Asked) -> Option<Vec<Lookup>> {
        let Type::Object(object) = self.graph.get(command.params) else { return None };
        let is_plain = |field: &Field| match asked {
            Asked::Api => !matches!(field.source, Some(Source::Header(_) | Source::Cookie(_))),
            Asked::Get => field.source.is_none(),
            Asked::Form => false,
        };
        if asked != Asked::Form && object.fields.iter().all(is_plain) {
            return None;
        }
        let usual = |source: Option<&Source>| match asked {
            Asked::Api => Lookup { origin: Origin::Body, label: None },
            Asked::Get => Lookup { origin: Origin::Query, label: source.map(Source::label) },
            Asked::Form => Lookup { origin: Origin::Form, label: Some("form") },
        };
        let lookup = |field: &Field| {
            let source = field.source.as_ref();
            own(source).unwrap_or_else(|| usual(source))
        };
        Some(object.fields.iter().map(lookup).chain(object.rest.map(|_| usual(None))).collect())
    }

    /// Where the parameters of a command are when a mount asks for it; `None`: all in the body. One more is as in
    /// [`Self::lookups`].
    ///
    /// # Errors
    /// All that does not go together.
    pub fn mounted(&self, command: &Command, mounting: &Mounting<'_>) -> Result<Option<Vec<Lookup>>, Vec<String>> {
        let name = &command.name;
        let has_body = has_body(mounting.method);
        let mut problems: Vec<_> = unanswered(command, mounting.method).into_iter().collect();
        let empty = Object::default();
        let object = match self.graph.get(command.params) {
            Type::Object(object) => object,
            _ if has_body && mounting.placeholders.is_empty() && mounting.rest.is_none() && problems.is_empty() => {
                return Ok(None);
            }
            _ => {
                problems.push(format!(
                    "the parameters of `{name}` are one of several types, so that all come from the body"
                ));
                &empty
            }
        };
        let known = |name: &str| object.fields.iter().any(|field| field.name == name) || COMMON.contains(&name);
        for placeholder in mounting.placeholders.iter().filter(|placeholder| !known(placeholder)) {
            problems.push(format!("the placeholder `{{{placeholder}}}` is no parameter of `{name}`"));
        }
        if let Some(rest) = mounting.rest {
            let field = object.fields.iter().find(|field| field.name == rest);
            if !field.is_some_and(|field| matches!(self.graph.strip(field.ty).0, Type::Map { .. })) {
                problems.push(format!("`rest` names a map among the parameters of `{name}`, which `{rest}` is not"));
            }
        }
        let mut lookups = Vec::new();
        for field in &object.fields {
            match self.mounted_field(command, field, mounting, has_body) {
                Ok(lookup) => lookups.push(lookup),
                Err(problem) => problems.push(problem),
            }
        }
        lookups.extend(object.rest.map(|_| usual(command.verb, has_body)));
        if problems.is_empty() { Ok(Some(lookups)) } else { Err(problems) }
    }

    fn mounted_field(
        &self,
        command: &Command,
        field: &Field,
        mounting: &Mounting<'_>,
        has_body: bool,
    ) -> Result<Lookup, String> {
        let name = &field.name;
        let at = |origin, label| Lookup { origin, label: Some(label) };
        let query = || {
            if field.is_required() && !self.graph.is_textual(field.ty) {
                return Err(format!("`{}` needs `{name}`, which no URL can hold", command.name));
            }
            Ok(at(Origin::Query, "query"))
        };
        let is_placeholder = mounting.placeholders.contains(&name.as_str());
        if let Some(own) = own(field.source.as_ref()) {
            if is_placeholder {
                let place = own.label.unwrap_or_default();
                return Err(format!("`{name}` of `{}` comes from a {place}, and not from the path", command.name));
            }
            return Ok(own);
        }
        if is_placeholder {
            if self.graph.is_textual(field.ty) {
                return Ok(at(Origin::Path, "path"));
            }
            return Err(format!("no path can hold `{name}` of `{}`", command.name));
        }
        if mounting.rest == Some(name) {
            return Ok(at(Origin::Rest, "query"));
        }
        match (&field.source, command.verb) {
            (Some(Source::Path), _) => {
                Err(format!("`{name}` of `{}` comes from the path, which has no `{{{name}}}`", command.name))
            }
            (Some(Source::Query), _) => query(),
            (Some(Source::Body), _) if !has_body => {
                Err(format!("`{name}` of `{}` comes from the body, which {} has not", command.name, mounting.method))
            }
            (Some(Source::Body), _) => Ok(at(Origin::Body, "body")),
            (_, verb) => match usual(verb, has_body) {
                Lookup { origin: Origin::Query, .. } => query(),
                lookup => Ok(lookup),
            },
        }
    }
}

/// Whether requests of that method have a body.
fn has_body(method: &str) -> bool {
    matches!(method, "POST" | "PUT" | "PATCH")
}

/// Why a command can't be mounted as that method, if it can't.
fn unanswered(command: &Command, method: &str) -> Option<String> {
    let name = &command.name;
    match command.verb {
        Verb::Get if method != "GET" => Some(format!("`{name}` answers GET alone")),
        Verb::Post if !has_body(method) => Some(format!("`{name}` takes a form: mount it as POST, PUT or PATCH")),
        Verb::Http if !has_body(method) && method != "GET" => {
            Some(format!("`{name}` answers GET and forms: mount it as GET, POST, PUT or PATCH"))
        }
        _ => None,
    }
}

/// What is wrong with the mounts that a command's author suggests, wherever they may be made.
pub(crate) fn unmountable(command: &Command, graph: &Graph) -> Vec<SchemaError> {
    let mut errors = Vec::new();
    for Suggested { method, path } in &command.mounts {
        let mut note = |problem: String| {
            let place = format!("{}, `#[mount({method}, \"{path}\")]`", command.method);
            errors.push(SchemaError { place, problem });
        };
        unanswered(command, method).into_iter().for_each(&mut note);
        let placeholders = path.split('{').skip(1).filter_map(|after| after.split(['}', ':']).next());
        for name in placeholders.filter(|name| !COMMON.contains(name)) {
            let Type::Object(object) = graph.get(command.params) else { continue };
            match object.fields.iter().find(|field| field.name == name) {
                None => note(format!("the placeholder `{{{name}}}` is no parameter of `{}`", command.name)),
                Some(field) if !graph.is_textual(field.ty) => {
                    note(format!("no path can hold `{name}` of `{}`", command.name));
                }
                Some(_) => {}
            }
        }
    }
    errors
}

/// Where a field without a source of its own is when a mount asks for it, with a body or without one.
fn usual(verb: Verb, has_body: bool) -> Lookup {
    let (origin, label) = match verb {
        _ if !has_body => (Origin::Query, "query"),
        Verb::Api => (Origin::Body, "body"),
        Verb::Get | Verb::Post | Verb::Http => (Origin::Form, "form"),
    };
    Lookup { origin, label: Some(label) }
}

/// Where a field is whatever the way of asking.
fn own(source: Option<&Source>) -> Option<Lookup> {
    let origin = match source? {
        Source::Header(name) => Origin::Header(name.clone()),
        Source::Cookie(name) => Origin::Cookie(name.clone()),
        _ => return None,
    };
    Some(Lookup { origin, label: source.map(Source::label) })
}

/// The parameters of a command whose sources make no sense, or can't hold them.
pub(crate) fn misplaced(command: &Command, graph: &Graph) -> Vec<SchemaError> {
    let mut errors = nested(command, graph);
    let Type::Object(object) = graph.get(command.params) else { return errors };
    if command.verb != Verb::Api {
        errors.extend(taken(object, &command.method, &["cmd"]));
    }
    for field in &object.fields {
        if let Some(problem) = problem(command, field, graph) {
            errors.push(SchemaError { place: format!("{}.{}", command.method, field.name), problem });
        }
    }
    errors
}

fn problem(command: &Command, field: &Field, graph: &Graph) -> Option<String> {
    let verb = command.verb;
    let (is_textual, is_file) = (graph.is_textual(field.ty), graph.uploads(field.ty).is_some());
    let is_required = field.is_required();
    let is_nullable = graph.strip(field.ty).1;
    let told = match &field.source {
        _ if is_file && is_nullable => "a file that may be missing is one of `Uploads`, of which there may be none",
        Some(Source::Header(name)) if is_private_header(name) => {
            return Some(format!("the header `{name}` never reaches a plugin; `req.user()` is who calls"));
        }
        Some(Source::Form) if matches!(verb, Verb::Api | Verb::Get) => {
            "a form is posted to a method that is named `http_post_…` or `http_…`"
        }
        Some(Source::Body) if verb != Verb::Api => "a body is posted to a method that is named `api_…`",
        None | Some(Source::Form) if is_file && matches!(verb, Verb::Post | Verb::Http) => return None,
        _ if is_file => "a file comes from a form that is posted to a method named `http_post_…`",
        Some(Source::Path | Source::Query | Source::Header(_) | Source::Cookie(_) | Source::Form) if !is_textual => {
            "neither a URL, a header, a cookie nor a form can hold an object"
        }
        None if verb != Verb::Api && is_required && !is_textual => {
            "neither a URL nor a form can hold an object; make it optional, or name the method `api_…`"
        }
        _ => return None,
    };
    Some(told.to_owned())
}

/// Sources, and files, deeper within the parameters, where nobody looks for them.
fn nested(command: &Command, graph: &Graph) -> Vec<SchemaError> {
    let (mut errors, mut seen) = (Vec::new(), vec![command.params]);
    let mut pending: Vec<TypeId> = match graph.get(command.params) {
        Type::Object(object) => {
            let fields = object.fields.iter().filter(|field| graph.uploads(field.ty).is_none());
            fields.map(|field| field.ty).chain(object.rest).collect()
        }
        _ => graph.parts(command.params),
    };
    let objects = |id: TypeId| -> Vec<&Object> {
        match graph.get(id) {
            Type::Object(object) | Type::External(object) => vec![object],
            Type::Variants(variants) => variants.variants.iter().map(|variant| &variant.object).collect(),
            _ => Vec::new(),
        }
    };
    if !matches!(graph.get(command.params), Type::Object(_)) {
        seen.clear();
        pending = vec![command.params];
    }
    while let Some(id) = pending.pop() {
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        let fields = objects(id).into_iter().flat_map(|object| &object.fields);
        for field in fields.filter(|field| field.source.is_some() || graph.uploads(field.ty).is_some()) {
            let owner = graph.named(id).map_or(command.method.as_str(), |named| &named.name);
            let problem = "only a command's own parameters have a source, not what they are made of".to_owned();
            errors.push(SchemaError { place: format!("{owner}.{}", field.name), problem });
        }
        pending.extend(graph.parts(id));
    }
    errors
}
