//! One operation: a command as it is asked for in one way.

use serde_json::{Value, json};

use super::{Mounted, Writer, bodies, describe, errors, parameters, replies};
use crate::{
    Dialect,
    document::{Action, Command},
    model::{Field, Object, Type},
    read::{Lookup, Origin},
    sources::Asked,
};

/// How a command is asked for.
pub(super) enum Shape<'s> {
    /// At `/_/cmd/NAME`.
    Native {
        asked: Asked,
        /// `None`: all parameters are where that way of asking has them.
        lookups: Option<Vec<Lookup>>,
    },
    /// Where it is mounted.
    Mounted(&'s Mounted<'s>),
}

impl<'s> Shape<'s> {
    pub(super) fn native(action: &Action, command: &Command, asked: Asked) -> Self {
        Self::Native { asked, lookups: action.lookups(command, asked) }
    }

    /// Whether a request of this shape has a body.
    pub(super) fn has_body(&self) -> bool {
        match self {
            Self::Native { asked, .. } => *asked != Asked::Get,
            Self::Mounted(row) => matches!(row.method, "POST" | "PUT" | "PATCH"),
        }
    }

    fn dialect(&self) -> Dialect {
        if let Self::Mounted(row) = self { row.errors } else { Dialect::Gateway }
    }

    /// Where names are that no field has, if they are taken.
    pub(super) fn rest(&self, object: &Object) -> Option<Origin> {
        let lookups = match self {
            Self::Native { lookups, .. } => lookups.as_deref(),
            Self::Mounted(row) => row.lookups,
        };
        object.rest?;
        lookups?.get(object.fields.len()).map(|lookup| lookup.origin.clone())
    }

    /// The fields with the places where they are looked for.
    pub(super) fn fields<'o>(&self, object: &'o Object) -> Vec<(&'o Field, Origin)> {
        let lookups = match self {
            Self::Native { lookups, .. } => lookups.as_deref(),
            Self::Mounted(row) => row.lookups,
        };
        let usual = match self {
            Self::Native { asked: Asked::Get, .. } => Origin::Query,
            _ => Origin::Body,
        };
        let origin = |index: usize| lookups.map_or_else(|| usual.clone(), |lookups| lookups[index].origin.clone());
        let settled: &[&str] = if let Self::Mounted(row) = self { &row.settled } else { &[] };
        let fields = object.fields.iter().enumerate().map(|(index, field)| (field, origin(index)));
        fields.filter(|(field, _)| !settled.contains(&field.name.as_str())).collect()
    }
}

/// The operation, but for its id.
pub(super) fn operation(
    action: &Action,
    command: &Command,
    shape: &Shape<'_>,
    read: &Writer<'_>,
    written: &Writer<'_>,
) -> Value {
    let mut operation = json!({
        "operationId": "",
        "tags": [action.name],
        "summary": command.doc.lines().next().unwrap_or(&command.name),
    });
    if command.doc.contains('\n') {
        describe(&mut operation, &command.doc);
    }
    let parameters = match action.graph.get(command.params) {
        Type::Object(object) => parameters::parameters(object, shape, read),
        _ => Vec::new(),
    };
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = bodies::body(action, command, shape, read) {
        operation["requestBody"] = body;
    }
    let mut responses = replies::responses(command, written);
    errors::add(&mut responses, shape.has_body(), shape.dialect());
    if let Shape::Mounted(Mounted { is_upgrade: true, errors, .. }) = shape {
        responses.insert("426".into(), errors.response("the request does not ask for the other protocol by `Upgrade`"));
    }
    operation["responses"] = Value::Object(responses);
    operation
}
