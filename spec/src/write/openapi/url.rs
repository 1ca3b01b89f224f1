//! What of a command's parameters can stand in a URL.

use serde_json::{Value, json};

use super::{Writer, common, describe};
use crate::{
    document::Command,
    model::{Presence, Type, TypeId},
};

/// The parameters of a GET command: those that a URL can hold.
pub(super) fn query(command: &Command, writer: &Writer<'_>) -> Value {
    let Type::Object(object) = writer.graph.get(command.params) else { return json!([]) };
    let own = object.fields.iter().filter_map(|field| {
        let mut schema = url_schema(writer, field.ty)?;
        if let Presence::Default { value, .. } = &field.presence
            && !value.is_null()
        {
            schema["default"] = value.clone();
        }
        let is_list = schema["type"] == "array";
        let mut parameter = json!({ "name": field.name, "in": "query", "schema": schema });
        describe(&mut parameter, &field.doc);
        if matches!(field.presence, Presence::Required) {
            parameter["required"] = true.into();
        }
        if let Some(example) = field.examples.first() {
            parameter["example"] = example.clone();
        }
        if field.deprecated {
            parameter["deprecated"] = true.into();
        }
        if is_list {
            (parameter["style"], parameter["explode"]) = ("form".into(), false.into());
        }
        Some(parameter)
    });
    let common = common().into_iter().map(|(name, schema)| json!({ "name": name, "in": "query", "schema": schema }));
    own.chain(common).collect()
}

/// What of a type can stand in a URL: no null, and no object.
fn url_schema(writer: &Writer<'_>, id: TypeId) -> Option<Value> {
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
