//! `#[mount(GET, "/{id}")]`: where the author of a command would have it mounted.

use syn::{Attribute, Error, Ident, LitStr, Token, parse::ParseStream};

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

const USAGE: &str = "write `#[mount(GET, \"/{id}\")]`: GET, POST, PUT, PATCH or DELETE, and a path that is empty or starts \
    with `/`";

pub(crate) fn is_mount(attr: &Attribute) -> bool {
    attr.path().is_ident("mount")
}

/// Methods and paths of all such attributes.
pub(crate) fn read(attrs: &[Attribute]) -> syn::Result<Vec<(String, String)>> {
    let mut rows = Vec::new();
    for attr in attrs.iter().filter(|attr| is_mount(attr)) {
        let row = attr.parse_args_with(row).map_err(|e| at(attr, e))?;
        if rows.contains(&row) {
            return Err(Error::new_spanned(attr, "the command is mounted there already"));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// Only a command answers where it is mounted.
pub(crate) fn refuse(attrs: &[Attribute]) -> syn::Result<()> {
    let told = "only a command can be mounted: name the method `api_…` or `http_…`";
    attrs.iter().find(|attr| is_mount(attr)).map_or(Ok(()), |attr| Err(Error::new_spanned(attr, told)))
}

fn row(input: ParseStream<'_>) -> syn::Result<(String, String)> {
    let method: Ident = input.parse()?;
    if !METHODS.iter().any(|known| method == known) {
        return Err(Error::new_spanned(method, USAGE));
    }
    input.parse::<Token![,]>()?;
    let path: LitStr = input.parse()?;
    if !path.value().is_empty() && !path.value().starts_with('/') {
        return Err(Error::new_spanned(path, USAGE));
    }
    if !input.is_empty() {
        return Err(input.error(USAGE));
    }
    Ok((method.to_string(), path.value()))
}

/// What syn says of brackets is of no help.
fn at(attr: &Attribute, error: Error) -> Error {
    if error.to_string() == USAGE { error } else { Error::new_spanned(attr, USAGE) }
}
