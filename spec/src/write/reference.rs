//! `reference.md`: commands and configuration for people, from the authors' doc comments.

use std::fmt::{self, Write};

use crate::{
    document::{Action, Command, Verb},
    model::{Graph, Object, Presence, Type, TypeId},
};

/// The file's text for `actions`, in their order.
#[must_use]
pub fn reference<'a>(actions: impl Iterator<Item = &'a Action>) -> String {
    let mut out = String::new();
    // Writing to a string can't fail.
    let _ = write_all(&mut out, actions);
    out
}

fn write_all<'a>(out: &mut String, actions: impl Iterator<Item = &'a Action>) -> fmt::Result {
    writeln!(out, "# Reference\n")?;
    writeln!(out, "Made by `make spec` from the plugins' own types and comments; not to be edited.")?;
    for action in actions {
        writeln!(out, "\n## {}\n", action.name)?;
        paragraph(out, &action.doc)?;
        writeln!(out, "### Configuration\n\n```toml\n[[actions]]\ntype = \"{}\"\n```", action.name)?;
        fields(out, &action.graph, action.config, "key")?;
        for command in &action.commands {
            write_command(out, &action.graph, command)?;
        }
    }
    Ok(())
}

fn write_command(out: &mut String, graph: &Graph, command: &Command) -> fmt::Result {
    writeln!(out, "\n### {}\n", command.name)?;
    paragraph(out, &command.doc)?;
    match command.verb {
        Verb::Api => writeln!(out, "`POST /_` with `{{\"cmd\": \"{}\", \"params\": {{…}}}}`", command.name)?,
        Verb::Get => writeln!(out, "`GET /_/cmd/{}/…?…`", command.name)?,
    }
    fields(out, graph, command.params, "parameter")?;
    match command.response {
        None => match command.reply.as_str() {
            "content" => writeln!(out, "\nReturns content as it is."),
            "file" => writeln!(out, "\nReturns a file."),
            "redirect" => writeln!(out, "\nRedirects."),
            "stream" => writeln!(out, "\nReturns content as it is made."),
            _ => writeln!(out, "\nReturns nothing (204)."),
        },
        Some(response) => {
            writeln!(out, "\nReturns {}", graph.describe(response))?;
            fields(out, graph, response, "property")
        }
    }
}

fn paragraph(out: &mut String, text: &str) -> fmt::Result {
    if text.is_empty() { Ok(()) } else { writeln!(out, "{text}\n") }
}

/// A table of an object's fields, and tables of the objects they are made of.
fn fields(out: &mut String, graph: &Graph, id: TypeId, what: &str) -> fmt::Result {
    let mut pending = vec![id];
    let mut done: Vec<TypeId> = Vec::new();
    while let Some(id) = pending.pop() {
        let Type::Object(object) = graph.get(id) else { continue };
        if done.contains(&id) || object.fields.is_empty() {
            continue;
        }
        if !done.is_empty() {
            writeln!(out, "\n{}", object.name)?;
        }
        done.push(id);
        table(out, graph, object, what)?;
        pending.extend(object.fields.iter().rev().map(|field| innermost(graph, field.ty)));
    }
    Ok(())
}

fn table(out: &mut String, graph: &Graph, object: &Object, what: &str) -> fmt::Result {
    writeln!(out, "\n| {what} | type | if absent | meaning |\n|---|---|---|---|")?;
    for field in &object.fields {
        let absent = match &field.presence {
            Presence::Required => "required".to_owned(),
            Presence::Optional => "left out".to_owned(),
            Presence::Default { value, .. } => format!("`{value}`"),
        };
        let ty = match graph.get(innermost(graph, field.ty)) {
            Type::Enum(choices) => {
                let values = choices.iter().map(|choice| format!("`{}`", choice.value)).collect::<Vec<_>>().join(", ");
                graph.describe(field.ty).replace("str", &values)
            }
            _ => graph.describe(field.ty),
        };
        let doc = field.doc.replace('\n', " ").replace('|', "\\|");
        writeln!(out, "| `{}` | {ty} | {absent} | {doc} |", field.name)?;
    }
    Ok(())
}

/// The type inside lists, maps and "or null".
fn innermost(graph: &Graph, mut id: TypeId) -> TypeId {
    while let Type::List(inner) | Type::Map(inner) | Type::Optional(inner) = graph.get(id) {
        id = *inner;
    }
    id
}
