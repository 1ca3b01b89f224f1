//! Places that no parameter comes from.

use wicketgate_action::prelude::*;

#[params]
pub struct Wrong {
    #[param(nowhere)]
    place: String,
    #[param]
    empty: String,
    #[param()]
    nothing: String,
    #[param = "query"]
    value: String,
    #[param("query")]
    text: String,
    #[param(path, query)]
    several: String,
    #[param(query)]
    #[param(header)]
    twice: String,
    #[param(query = "q")]
    renamed: String,
    #[param(header = X)]
    word: String,
    #[param(header = "")]
    unnamed: String,
    #[param(header = "X Name")]
    blank: String,
    #[param(cookie = "a=b")]
    pair: String,
    #[param(cookie = "ü")]
    umlaut: String,
    #[param(header = "X-Name", cookie)]
    more: String,
}

#[params]
pub struct Tuple(#[param(query)] String);

#[params]
pub enum Enum {
    Named {
        #[param(query)]
        field: String,
    },
    Unnamed(#[param(header)] String),
}

#[params]
pub struct Fine {
    #[param(path)]
    id: u32,
    #[param(header = "X-Name")]
    name: String,
    #[param(cookie)]
    r#type: String,
}

fn main() {}
