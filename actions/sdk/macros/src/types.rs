//! `#[config]`, `#[params]` and `#[response]`: serde and schemars derives with this project's conventions.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Fields, parse2};

/// A type that is read: from TOML, or from a caller.
pub(crate) fn read(args: TokenStream, item: TokenStream) -> TokenStream {
    expand(args, item, |parsed, item| {
        let (conventions, aliases) = (conventions(parsed, true), aliases(parsed));
        quote! {
            #aliases
            // `Serialize` as well: schemars needs it to write a default into the schema.
            #[derive(
                ::wicketgate_action::__private::serde::Deserialize,
                ::wicketgate_action::__private::serde::Serialize,
                ::wicketgate_action::__private::schemars::JsonSchema,
            )]
            #conventions
            #item
        }
    })
}

/// A type that is written to a caller.
pub(crate) fn written(args: TokenStream, item: TokenStream) -> TokenStream {
    expand(args, item, |parsed, item| {
        let conventions = conventions(parsed, false);
        let (name, (generics, arguments, bounds)) = (&parsed.ident, parsed.generics.split_for_impl());
        let predicates = bounds.map(|bounds| &bounds.predicates);
        quote! {
            #[derive(
                ::wicketgate_action::__private::serde::Serialize,
                ::wicketgate_action::__private::schemars::JsonSchema,
            )]
            #conventions
            #item

            impl #generics ::wicketgate_action::Response for #name #arguments
            where
                #name #arguments: ::wicketgate_action::__private::serde::Serialize
                    + ::wicketgate_action::__private::schemars::JsonSchema
                    + ::core::marker::Send
                    + 'static,
                #predicates
            {
                const REPLY: &'static str = "value";

                fn into_reply(
                    self,
                    format: ::wicketgate_action::__private::Format,
                ) -> ::wicketgate_action::Result<::wicketgate_action::__private::Reply> {
                    ::wicketgate_action::__private::write_value(&self, format)
                }

                fn schema(
                    generator: &mut ::wicketgate_action::__private::schemars::SchemaGenerator,
                ) -> ::core::option::Option<::wicketgate_action::__private::schemars::Schema> {
                    ::core::option::Option::Some(
                        ::wicketgate_action::__private::schema_of::<Self>(generator),
                    )
                }
            }
        }
    })
}

fn expand(
    args: TokenStream,
    item: TokenStream,
    with: impl FnOnce(&DeriveInput, &TokenStream) -> TokenStream,
) -> TokenStream {
    let parsed = parse2::<DeriveInput>(item.clone()).and_then(|parsed| match &parsed.data {
        Data::Union(_) => Err(Error::new_spanned(&parsed.ident, "mark a struct or an enum, not a union")),
        _ if !args.is_empty() => Err(Error::new_spanned(&args, "this attribute takes no arguments")),
        _ => Ok(parsed),
    });
    match parsed {
        Ok(parsed) => with(&parsed, &item),
        // The item stays, so that the editor keeps completing it.
        Err(error) => {
            let error = error.into_compile_error();
            quote!(#error #item)
        }
    }
}

/// The attributes that the author did not write: names in camelCase, and no unknown names where that is possible.
fn conventions(item: &DeriveInput, closed: bool) -> TokenStream {
    let transparent = has(&item.attrs, "transparent");
    let is_enum = matches!(item.data, Data::Enum(_));
    let camel = (!transparent && !has(&item.attrs, "rename_all")).then(|| quote!(rename_all = "camelCase",));
    let camel_fields =
        (is_enum && !has(&item.attrs, "rename_all_fields")).then(|| quote!(rename_all_fields = "camelCase",));
    // serde can't close a struct that flattens another; the gateway checks those by the schema alone.
    let open = transparent || !has_named_fields(item) || flattens(item) || has(&item.attrs, "deny_unknown_fields");
    let deny = (closed && !open).then(|| quote!(deny_unknown_fields,));
    quote! {
        #[serde(crate = "::wicketgate_action::__private::serde", #camel #camel_fields #deny)]
        #[schemars(crate = "::wicketgate_action::__private::schemars")]
    }
}

/// Whether one of the serde attributes among `attrs` holds the word `option`.
fn has(attrs: &[Attribute], option: &str) -> bool {
    attrs.iter().filter(|attr| attr.path().is_ident("serde")).any(|attr| {
        let mut found = false;
        // Only a look: what is malformed is serde's to report.
        let _ = attr.parse_nested_meta(|meta| {
            found |= meta.path.is_ident(option);
            if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            } else if meta.input.peek(syn::token::Paren) {
                meta.parse_nested_meta(|inner| inner.value()?.parse::<syn::Expr>().map(drop))?;
            }
            Ok(())
        });
        found
    })
}

/// Errors at the fields that have an alias: the schema knows nothing of it, so that the gateway would refuse the name.
fn aliases(item: &DeriveInput) -> TokenStream {
    let fields: Vec<_> = match &item.data {
        Data::Struct(data) => data.fields.iter().collect(),
        Data::Enum(data) => data.variants.iter().flat_map(|variant| &variant.fields).collect(),
        Data::Union(_) => Vec::new(),
    };
    let aliased = fields.into_iter().filter(|field| has(&field.attrs, "alias"));
    let errors = aliased.map(|field| Error::new_spanned(field, "`alias` is not supported").into_compile_error());
    quote!(#(#errors)*)
}

fn has_named_fields(item: &DeriveInput) -> bool {
    match &item.data {
        Data::Struct(data) => matches!(data.fields, Fields::Named(_)),
        Data::Enum(data) => data.variants.iter().any(|variant| matches!(variant.fields, Fields::Named(_))),
        Data::Union(_) => false,
    }
}

fn flattens(item: &DeriveInput) -> bool {
    let flatten = |fields: &Fields| fields.iter().any(|field| has(&field.attrs, "flatten"));
    match &item.data {
        Data::Struct(data) => flatten(&data.fields),
        Data::Enum(data) => data.variants.iter().any(|variant| flatten(&variant.fields)),
        Data::Union(_) => false,
    }
}
