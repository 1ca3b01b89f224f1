//! `#[param(…)]`: where a parameter comes from, told to the schema.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Field, Fields, Ident, LitStr, Token, parse::ParseStream, parse_quote};

use crate::errors::Errors;

const USAGE: &str = "write `#[param(…)]` with one of `path`, `query`, `header`, `cookie`, `form` and `body`; \
    a header or a cookie may be named, as in `#[param(header = \"X-Request-Id\")]`";

const NAME: &str = "a header or a cookie is called by letters, digits and signs such as `-` and `_`";

/// Puts what the attributes say where schemars finds it, and takes them away.
pub(crate) fn tell(item: &mut DeriveInput) -> syn::Result<()> {
    let mut errors = Errors::default();
    match &mut item.data {
        Data::Struct(data) => match &mut data.fields {
            Fields::Named(fields) => fields.named.iter_mut().for_each(|field| of_field(field, &mut errors)),
            fields => fields.iter_mut().for_each(|field| none(&mut field.attrs, &mut errors)),
        },
        Data::Enum(data) => {
            let fields = data.variants.iter_mut().flat_map(|variant| &mut variant.fields);
            fields.for_each(|field| none(&mut field.attrs, &mut errors));
        }
        Data::Union(_) => {}
    }
    errors.finish()
}

fn is_param(attr: &Attribute) -> bool {
    attr.path().is_ident("param")
}

/// Only a struct with named fields has parameters.
fn none(attrs: &mut Vec<Attribute>, errors: &mut Errors) {
    if let Some(attr) = attrs.iter().find(|attr| is_param(attr)) {
        errors.add(attr, "only a named field of a struct comes from somewhere");
    }
    attrs.retain(|attr| !is_param(attr));
}

fn of_field(field: &mut Field, errors: &mut Errors) {
    let Some(name) = field.ident.clone() else { return };
    let told: Vec<Attribute> = field.attrs.extract_if(.., |attr| is_param(attr)).collect();
    if let Some(second) = told.get(1) {
        errors.add(second, "a parameter comes from one place");
    }
    let Some(attr) = told.first() else { return };
    let parse = |input: ParseStream<'_>| source(input, &name);
    if let Some(source) = errors.keep(attr.parse_args_with(parse).map_err(|e| at(attr, e))) {
        field.attrs.push(parse_quote!(#[schemars(extend("x-param" = #source))]));
    }
}

/// An attribute without its brackets has no better place.
fn at(attr: &Attribute, error: Error) -> Error {
    if [USAGE, NAME].contains(&error.to_string().as_str()) { error } else { Error::new_spanned(attr, USAGE) }
}

/// What stands within the brackets, as JSON.
fn source(input: ParseStream<'_>, field: &Ident) -> syn::Result<TokenStream> {
    let place: Ident = input.parse()?;
    let text = place.to_string();
    let is_named = matches!(text.as_str(), "header" | "cookie");
    if !is_named && !matches!(text.as_str(), "path" | "query" | "form" | "body") {
        return Err(Error::new_spanned(place, USAGE));
    }
    let own = field.to_string();
    let own = own.trim_start_matches("r#");
    let name = if is_named && input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        let name: LitStr = input.parse()?;
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.value().is_empty() || !name.value().chars().all(is_token) {
            return Err(Error::new_spanned(name, NAME));
        }
        name.value()
    } else if text == "header" {
        own.replace('_', "-")
    } else {
        own.to_owned()
    };
    if !input.is_empty() {
        return Err(input.error(USAGE));
    }
    Ok(if is_named { quote!({ "in": #text, "name": #name }) } else { quote!({ "in": #text }) })
}
