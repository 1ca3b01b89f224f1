//! What is answered.

use wicketgate_action::{Status, prelude::*};

/// An article
#[response]
pub struct Article {
    /// its number
    id: u32,
    /// its title
    title: String,
}

impl Article {
    /// The first one.
    pub fn first() -> Self {
        Self { id: 1, title: "first".into() }
    }
}

/// Which reply is wanted
#[params]
pub(crate) struct Choice {
    /// its name
    pub(crate) which: String,
}

/// 451 (RFC 7725)
pub(crate) type Unavailable = Status<451, String>;

/// What may come of it
#[replies]
pub enum Outcome {
    /// it is there
    #[reply(200)]
    Article(Article),
    /// it is there, in words
    #[reply(200)]
    Words(String),
    /// it was made
    Created(Created<Article>),
    /// there is nothing to tell
    #[reply(204)]
    Empty,
    /// it makes no sense
    #[reply(400)]
    Senseless(String),
    /// not for you
    #[reply(403)]
    Forbidden,
    /// there is none
    #[reply(404)]
    Missing(Article),
    /// somebody was faster
    Conflict(Conflict<String>),
    /// the author's own
    Unavailable(Unavailable),
    /// it is in pieces
    #[reply(500)]
    Broken(Content),
}

impl Outcome {
    /// That of this name.
    pub fn of(which: &str) -> Result<Self> {
        Ok(match which {
            "article" => Self::Article(Article::first()),
            "words" => Self::Words("in words".into()),
            "created" => Self::Created(Created::new(Article::first()).header("Location", "/articles/1")),
            "empty" => Self::Empty,
            "senseless" => Self::Senseless("no sense".into()),
            "forbidden" => Self::Forbidden,
            "missing" => Self::Missing(Article::first()),
            "conflict" => Self::Conflict(Conflict::new("taken".into()).header("X-Holder", "somebody")),
            "unavailable" => Self::Unavailable(Unavailable::new("blocked".into())),
            "broken" => Self::Broken(Content::new("text/html", "<p>broken</p>")),
            other => return Err(Error::bad_request(format!("there is no reply {other:?}"))),
        })
    }
}
