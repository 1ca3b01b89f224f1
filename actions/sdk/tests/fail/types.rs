use wicketgate_action::prelude::*;

#[params]
pub union U {
    a: u8,
    b: u8,
}

#[config(strict)]
pub struct Config {}

#[response]
fn answer() {}

fn main() {}
