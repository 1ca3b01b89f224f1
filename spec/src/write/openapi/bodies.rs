//! What requests carry: a message, the parameters themselves, or a form.

use serde_json::{Value, json};

use super::{DEFINITIONS, Shape, Writer, both, common, names, parameters::url_schema};
use crate::{
    document::{Action, Command},
    model::{Field, Object, Presence, Type},
    read::Origin,
    sources::Asked,
};

/// The body of a request of that shape, if it has one.
pub(super) fn body(action: &Action, command: &Command, shape: &Shape<'_>, writer: &Writer<'_>) -> Option<Value> {
    if !shape.has_body() {
        return None;
    }
    let Type::Object(object) = action.graph.get(command.params) else {
        return Some(match shape {
            Shape::Native { .. } => json!({ "required": true, "content": both(&reference(command)) }),
            Shape::Mounted(_) => json!({ "required": true, "content": both(&writer.body(command.params)) }),
        });
    };
    let fields = shape.fields(object);
    let has =
        |origin: &Origin| fields.iter().any(|(_, of)| of == origin) || shape.rest(object).as_ref() == Some(origin);
    let is_in = |field: &Field, origin: &Origin| fields.iter().any(|(one, of)| of == origin && one.name == field.name);
    let is_needed = |origin: &Origin| fields.iter().any(|(field, of)| of == origin && of.needs(field, &action.graph));
    match shape {
        Shape::Native { asked: Asked::Api, .. } => {
            Some(json!({ "required": is_needed(&Origin::Body), "content": both(&reference(command)) }))
        }
        _ if has(&Origin::Form) => {
            let form: Vec<_> = fields.iter().filter(|(_, of)| *of == Origin::Form).map(|(field, _)| *field).collect();
            Some(json!({ "required": is_needed(&Origin::Form), "content": form_content(&form, writer) }))
        }
        _ if has(&Origin::Body) => {
            // What every command takes is documented with the query: a request may say it once.
            let schema = writer.some_fields(object, &|field| is_in(field, &Origin::Body));
            Some(json!({ "required": is_needed(&Origin::Body), "content": both(&schema) }))
        }
        _ => None,
    }
}

fn reference(command: &Command) -> Value {
    json!({ "$ref": format!("{DEFINITIONS}{}", names::request(&command.name)) })
}

/// The message that a command's body is. The command is in the path as well.
pub(super) fn message(action: &Action, command: &Command, writer: &Writer<'_>) -> Value {
    let mut params = match action.graph.get(command.params) {
        Type::Object(object) => {
            let shape = Shape::native(action, command, Asked::Api);
            let fields = shape.fields(object);
            let is_in_body =
                |field: &Field| fields.iter().any(|(one, of)| *of == Origin::Body && one.name == field.name);
            with_doc(writer.some_fields(object, &is_in_body), action, command)
        }
        _ => writer.body(command.params),
    };
    if let Some(properties) = params.get_mut("properties").and_then(Value::as_object_mut) {
        properties.extend(common());
    }
    // One of several types has something that tells which.
    let is_object = matches!(action.graph.get(command.params), Type::Object(_));
    let is_needed = !is_object || params.get("required").is_some();
    let cmd = json!({ "const": command.name, "description": "the command, as in the path" });
    let properties = json!({ "cmd": cmd, "params": params });
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if is_needed {
        schema["required"] = json!(["params"]);
    }
    schema
}

fn with_doc(mut schema: Value, action: &Action, command: &Command) -> Value {
    if let Some(named) = action.graph.named(command.params) {
        super::describe(&mut schema, &named.doc);
    }
    schema
}

/// A form: with files in parts alone (RFC 7578), else urlencoded as well.
fn form_content(fields: &[&Field], writer: &Writer<'_>) -> Value {
    let mut object = Object { fields: fields.iter().map(|field| (*field).clone()).collect(), ..Object::default() };
    for field in object.fields.iter_mut().filter(|field| !Origin::Form.needs(field, writer.graph)) {
        if field.is_required() {
            field.presence = Presence::Optional;
        }
    }
    let mut schema = writer.some_fields(&object, &|_| true);
    for field in fields {
        if let Some(url) = url_schema(writer, field.ty) {
            let property = &mut schema["properties"][&field.name];
            let (doc, default) = (property["description"].take(), property["default"].take());
            *property = url;
            for (key, value) in [("description", doc), ("default", default)] {
                if !value.is_null() {
                    property[key] = value;
                }
            }
        }
    }
    // Unknown names are ignored.
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("additionalProperties");
    }
    if fields.iter().any(|field| writer.graph.uploads(field.ty).is_some()) {
        schema["description"] = "its files come after all else".into();
        return json!({ "multipart/form-data": { "schema": schema } });
    }
    let is_list = |field: &&&Field| matches!(writer.graph.get(field.ty), Type::List { .. } | Type::Tuple(_));
    let lists = fields.iter().filter(is_list);
    let encoding: serde_json::Map<String, Value> =
        lists.map(|field| (field.name.clone(), json!({ "style": "form", "explode": false }))).collect();
    let mut urlencoded = json!({ "schema": schema });
    if !encoding.is_empty() {
        urlencoded["encoding"] = encoding.into();
    }
    json!({ "application/x-www-form-urlencoded": urlencoded, "multipart/form-data": { "schema": schema } })
}
