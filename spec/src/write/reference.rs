//! `reference.md`: commands and configuration for people, from the authors' doc comments.

use std::fmt::{self, Write};

use serde_json::Value;

use super::words::{has_section, words};
use crate::{
    document::{Action, Command, Reply, ReplyKind, Verb},
    model::{Field, Graph, Object, Presence, Source, Type, TypeId},
};

/// The file's text for the configuration, and for `actions` in their order.
#[must_use]
pub fn reference(config: (&Graph, TypeId), actions: &[&Action]) -> String {
    let mut out = String::new();
    // Writing to a string can't fail.
    let _ = write_all(&mut out, config, actions);
    out
}

fn write_all(out: &mut String, (graph, config): (&Graph, TypeId), actions: &[&Action]) -> fmt::Result {
    writeln!(out, "# Reference\n")?;
    writeln!(out, "Made by `wicketgate spec` from the types and comments of gateway and plugins; not to be edited.")?;
    writeln!(out, "\n## Commands\n\n| command | action | what it does |\n|---|---|---|")?;
    for (action, command) in
        actions.iter().flat_map(|action| action.commands.iter().map(move |command| (action, command)))
    {
        let first = command.doc.lines().next().unwrap_or_default();
        writeln!(
            out,
            "| [{0}](#{1}) | {2} | {3} |",
            command.name,
            command.name.to_lowercase(),
            action.name,
            cell(first)
        )?;
    }
    for action in actions {
        writeln!(out, "\n## Action {}", action.name)?;
        paragraph(out, &action.doc)?;
        writeln!(out, "\n```toml\n[[actions]]\ntype = \"{}\"\n```", action.name)?;
        section(out, &action.graph, action.config, "key", &mut Vec::new())?;
        for command in &action.commands {
            write_command(out, &action.graph, command)?;
        }
    }
    writeln!(out, "\n## Configuration\n\nThe keys of the TOML files; those of an action are with the action.")?;
    section(out, graph, config, "key", &mut Vec::new())
}

fn write_command(out: &mut String, graph: &Graph, command: &Command) -> fmt::Result {
    writeln!(out, "\n### {}", command.name)?;
    paragraph(out, &command.doc)?;
    writeln!(out)?;
    match command.verb {
        Verb::Api => writeln!(out, "`POST /_` with `{{\"cmd\": \"{}\", \"params\": {{…}}}}`", command.name)?,
        Verb::Get => writeln!(out, "`GET /_/cmd/{}/…?…`", command.name)?,
        Verb::Post => writeln!(out, "`POST /_/cmd/{}` with a form", command.name)?,
        Verb::Http => writeln!(out, "`GET /_/cmd/{0}/…?…`, or `POST /_/cmd/{0}` with a form", command.name)?,
    }
    let mut done = Vec::new();
    section(out, graph, command.params, "parameter", &mut done)?;
    if let [only] = command.replies.as_slice() {
        writeln!(out, "\n**Returns** {}", reply_words(graph, only))?;
    } else {
        writeln!(out, "\n**Returns** one of\n")?;
        command.replies.iter().try_for_each(|reply| writeln!(out, "- {}", reply_words(graph, reply)))?;
    }
    let mut values = command.values();
    values.try_for_each(|value| section(out, graph, value, "property", &mut done))
}

/// A reply in words, with its status unless that is the usual one of its kind.
fn reply_words(graph: &Graph, reply: &Reply) -> String {
    let (body, usual) = match (reply.kind, reply.value) {
        (_, Some(value)) => (words(graph, value), Some(200)),
        (ReplyKind::Text, _) => ("a text".to_owned(), Some(200)),
        (ReplyKind::Content, _) => ("content as it is".to_owned(), Some(200)),
        (ReplyKind::File, _) => ("a file".to_owned(), Some(200)),
        (ReplyKind::Redirect, _) => ("the way to somewhere else".to_owned(), Some(302)),
        (ReplyKind::Stream, _) => ("content as it is made".to_owned(), Some(200)),
        (ReplyKind::Nothing | ReplyKind::Value, None) => ("nothing".to_owned(), None),
    };
    let status = reply.status.filter(|status| Some(*status) != usual).map(|status| format!(" ({status})"));
    let doc = if reply.doc.is_empty() { String::new() } else { format!(": {}", cell(&reply.doc)) };
    format!("{body}{}{doc}", status.unwrap_or_default())
}

/// A type's own table, and those of the types that it is made of.
fn section(out: &mut String, graph: &Graph, id: TypeId, what: &str, done: &mut Vec<TypeId>) -> fmt::Result {
    for (index, part) in graph.named_within(id).into_iter().filter(|part| has_section(graph, *part)).enumerate() {
        if done.contains(&part) {
            continue;
        }
        done.push(part);
        if let Some(named) = graph.named(part).filter(|_| index > 0 || part != id) {
            writeln!(out, "\n#### {}", named.name)?;
            paragraph(out, &named.doc)?;
        }
        content(out, graph, part, what)?;
    }
    Ok(())
}

/// What a type is made of.
fn content(out: &mut String, graph: &Graph, id: TypeId, what: &str) -> fmt::Result {
    match graph.get(id) {
        Type::Object(object) => table(out, graph, object, what, None),
        Type::External(object) => {
            writeln!(out, "\nAn object of one property out of:")?;
            table(out, graph, object, what, None)
        }
        Type::Variants(variants) => variants.variants.iter().try_for_each(|variant| {
            writeln!(out, "\n`{} = \"{}\"`: {}", variants.tag, variant.value, cell(&variant.doc))?;
            table(out, graph, &variant.object, what, Some(&variants.tag))
        }),
        Type::Enum(choices) => {
            writeln!(out, "\n| value | meaning |\n|---|---|")?;
            let mut rows = choices.iter();
            rows.try_for_each(|choice| {
                writeln!(out, "| `{}` | {} |", cell(&choice.value.to_string()), cell(&choice.doc))
            })
        }
        Type::Union(union) => union.branches.iter().try_for_each(|branch| content(out, graph, *branch, what)),
        _ => Ok(()),
    }
}

fn table(out: &mut String, graph: &Graph, object: &Object, what: &str, but: Option<&String>) -> fmt::Result {
    let fields: Vec<_> = object.fields.iter().filter(|field| Some(&field.name) != but).collect();
    if fields.is_empty() && object.rest.is_none() {
        return Ok(());
    }
    writeln!(out, "\n| {what} | type | if absent | meaning |\n|---|---|---|---|")?;
    for field in fields {
        let absent = match &field.presence {
            Presence::Required => "required".to_owned(),
            Presence::Optional => "left out".to_owned(),
            // They are in its own table.
            Presence::Default { value: Value::Object(entries), .. } if !entries.is_empty() => "its defaults".to_owned(),
            Presence::Default { value, .. } => format!("`{value}`"),
        };
        writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            field.name,
            cell(&words(graph, field.ty)),
            cell(&absent),
            meaning(field)
        )?;
    }
    match object.rest {
        Some(rest) => writeln!(out, "| any other | {} | left out | |", cell(&words(graph, rest))),
        None => Ok(()),
    }
}

fn meaning(field: &Field) -> String {
    let aliases: Vec<_> = field.aliases.iter().map(|alias| format!("`{alias}`")).collect();
    let also = if aliases.is_empty() { String::new() } else { format!(" (also accepted: {})", aliases.join(", ")) };
    let deprecated = if field.deprecated { "**deprecated** " } else { "" };
    let example = field.examples.first().map(|example| format!(", such as `{example}`")).unwrap_or_default();
    let source = match &field.source {
        Some(Source::Header(name)) => format!(" (the header `{name}`)"),
        Some(Source::Cookie(name)) => format!(" (the cookie `{name}`)"),
        Some(source) => format!(" (from the {})", source.label()),
        None => String::new(),
    };
    cell(&format!("{deprecated}{}{example}{source}{also}", field.doc))
}

/// A text that fits a table's cell.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

fn paragraph(out: &mut String, text: &str) -> fmt::Result {
    if text.is_empty() { Ok(()) } else { writeln!(out, "\n{text}") }
}
