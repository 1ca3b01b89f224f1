//! What of a command's parameters stands in path, query, headers and cookies.

use serde_json::{Value, json};

use super::{Shape, Writer, common, describe};
use crate::{
    model::{Field, Object, Presence, Type, TypeId},
    read::Origin,
};

/// The parameters of a request of that shape, but for those in its body.
pub(super) fn parameters(object: &Object, shape: &Shape<'_>, writer: &Writer<'_>) -> Vec<Value> {
    let own = shape.fields(object).into_iter().filter_map(|(field, origin)| {
        let mut parameter = parameter(field, &origin, writer)?;
        let format = if let Shape::Mounted(row) = shape {
            row.formats.iter().find(|(name, _)| *name == field.name)
        } else {
            None
        };
        if let Some((_, format)) = format.filter(|_| parameter["schema"]["type"] == "string") {
            parameter["schema"]["format"] = (*format).into();
        }
        Some(parameter)
    });
    let (others, settled): (&[&str], &[&str]) =
        if let Shape::Mounted(row) = shape { (&row.others, &row.settled) } else { (&[], &[]) };
    let is_asked = |name: &str| match shape {
        Shape::Native { .. } => !shape.has_body(),
        Shape::Mounted(_) => !settled.contains(&name),
    };
    let all = common().into_iter().filter(|(name, _)| is_asked(name));
    let common = all.map(|(name, schema)| {
        if others.contains(&name.as_str()) {
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        } else {
            json!({ "name": name, "in": "query", "schema": schema })
        }
    });
    own.chain(common).collect()
}

/// A parameter that stands in no body.
fn parameter(field: &Field, origin: &Origin, writer: &Writer<'_>) -> Option<Value> {
    let place = match origin {
        Origin::Path => "path",
        Origin::Query => "query",
        Origin::Header(_) => "header",
        Origin::Cookie(_) => "cookie",
        Origin::Rest => return Some(rest(field, writer)),
        Origin::Form | Origin::Body => return None,
    };
    let mut schema = url_schema(writer, field.ty)?;
    if let Presence::Default { value, .. } = &field.presence
        && !value.is_null()
        && place != "path"
    {
        schema["default"] = value.clone();
    }
    let is_list = schema["type"] == "array";
    let mut parameter = json!({ "name": origin.name(field), "in": place, "schema": schema });
    describe(&mut parameter, &field.doc);
    if place == "path" || origin.needs(field, writer.graph) {
        parameter["required"] = true.into();
    }
    if let Some(example) = field.examples.first() {
        parameter["example"] = example.clone();
    }
    if field.deprecated {
        parameter["deprecated"] = true.into();
    }
    if is_list {
        let style = if matches!(place, "query" | "cookie") { "form" } else { "simple" };
        (parameter["style"], parameter["explode"]) = (style.into(), false.into());
    }
    Some(parameter)
}

/// All of the query that has no name of its own.
fn rest(field: &Field, writer: &Writer<'_>) -> Value {
    let mut schema = json!({ "type": "object" });
    if let Type::Map { value, .. } = writer.graph.strip(field.ty).0
        && let Some(value) = url_schema(writer, *value)
    {
        schema["additionalProperties"] = value;
    }
    let mut parameter =
        json!({ "name": field.name, "in": "query", "schema": schema, "style": "form", "explode": true });
    describe(&mut parameter, &field.doc);
    parameter
}

/// What of a type can stand in a URL: no null, and no object.
pub(super) fn url_schema(writer: &Writer<'_>, id: TypeId) -> Option<Value> {
    // An item of a list is trimmed, and has no comma in it.
    const ITEM: &str = r"^(?:[^\s,](?:[^,]*[^\s,])?)?$";
    let item = |id: TypeId| {
        let mut schema = url_schema(writer, id)?;
        if schema["type"] == "string" && schema.get("pattern").is_none() {
            schema["pattern"] = ITEM.into();
        }
        Some(schema)
    };
    match writer.graph.get(id) {
        _ if !writer.graph.is_textual(id) => None,
        Type::Any => Some(json!({ "type": "string" })),
        Type::Optional(inner) => url_schema(writer, *inner),
        Type::List { item: of, .. } => {
            let mut schema = writer.body(id);
            schema["items"] = item(*of)?;
            Some(schema)
        }
        Type::Tuple(items) => {
            let mut schema = writer.body(id);
            schema["prefixItems"] = items.iter().map(|of| item(*of)).collect::<Option<Vec<_>>>()?.into();
            Some(schema)
        }
        Type::Union(union) => {
            let scalars = union.branches.iter().filter(|branch| writer.graph.is_scalar(**branch));
            let branches: Vec<_> = scalars.filter_map(|branch| url_schema(writer, *branch)).collect();
            match branches.as_slice() {
                [] => None,
                [single] => Some(single.clone()),
                several => Some(json!({ "anyOf": several })),
            }
        }
        _ => Some(writer.body(id)),
    }
}
