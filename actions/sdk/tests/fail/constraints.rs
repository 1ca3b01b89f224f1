use wicketgate_action::prelude::*;

#[params]
pub struct P {
    #[schemars(length(min = 2))]
    number: Option<u8>,
    #[schemars(extend("x-a" = 1), regex(pattern = "a"), email)]
    ratio: f64,
    #[schemars(range(min = 1))]
    text: String,
    #[schemars(length(min = 2), range(min = 1))]
    flag: bool,
    #[schemars(length(min = 2), regex(pattern = "a"))]
    fine: String,
    #[schemars(range(min = 1, max = 2))]
    good: Option<Box<i32>>,
}

fn main() {}
