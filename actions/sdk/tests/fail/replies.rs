//! What `#[replies]` can't mark.

use wicketgate_action::prelude::*;

#[replies]
pub struct NoEnum;

#[replies]
pub enum NoVariants {}

#[replies]
pub enum Wrong {
    Empty,
    #[reply(99)]
    TooSmall(String),
    #[reply("404")]
    Text(String),
    #[reply(200)]
    #[reply(201)]
    Twice(String),
    #[reply(200)]
    Several(String, String),
    #[reply(200)]
    Named { text: String },
    #[reply(204)]
    NoBody(String),
}

fn main() {}
