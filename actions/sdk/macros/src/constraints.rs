//! Constraints on fields of a kind that they say nothing about: schemars leaves them out without a word, and nothing would be
//! checked.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use syn::{Data, DeriveInput, Error, Field, GenericArgument, PathArguments, Type};

const NUMBERS: [&str; 14] =
    ["i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize", "f32", "f64"];

const TEXTS: [&str; 2] = ["String", "char"];

/// Errors at the constraints of `item` that would be lost.
pub(crate) fn lost(item: &DeriveInput) -> TokenStream {
    let fields: Vec<&Field> = match &item.data {
        Data::Struct(data) => data.fields.iter().collect(),
        Data::Enum(data) => data.variants.iter().flat_map(|variant| &variant.fields).collect(),
        Data::Union(_) => Vec::new(),
    };
    let errors = fields.into_iter().flat_map(of_field).map(Error::into_compile_error);
    quote!(#(#errors)*)
}

fn of_field(field: &Field) -> Vec<Error> {
    let Some(kind) = innermost(&field.ty) else { return Vec::new() };
    let (is_number, is_text) = (NUMBERS.contains(&kind.as_str()), TEXTS.contains(&kind.as_str()));
    let check = |word: &Ident| {
        let about = match word.to_string().as_str() {
            "length" if is_number || kind == "bool" => "texts, lists and maps",
            "regex" | "contains" | "email" | "url" if is_number || kind == "bool" => "texts",
            "range" if is_text || kind == "bool" => "numbers",
            _ => return None,
        };
        Some(Error::new_spanned(word, format!("`{word}` is for {about}: it would not be checked here")))
    };
    words(field).iter().filter_map(check).collect()
}

/// The words that stand in the field's `#[schemars(…)]`, but for those within their own brackets.
fn words(field: &Field) -> Vec<Ident> {
    let lists = field
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("schemars"))
        .filter_map(|attr| attr.meta.require_list().ok());
    let tokens = lists.flat_map(|list| list.tokens.clone());
    tokens.filter_map(|token| if let TokenTree::Ident(word) = token { Some(word) } else { None }).collect()
}

/// The name of the type inside of `Option` and `Box`.
fn innermost(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    if let ("Option" | "Box", PathArguments::AngleBracketed(arguments)) =
        (last.ident.to_string().as_str(), &last.arguments)
        && let Some(GenericArgument::Type(inner)) = arguments.args.first()
    {
        return innermost(inner);
    }
    Some(last.ident.to_string())
}
