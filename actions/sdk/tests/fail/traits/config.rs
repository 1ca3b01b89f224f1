use wicketgate_action::prelude::*;

pub struct Plain;
pub struct A;

#[action(name = "a")]
impl A {
    fn configure(_config: Plain, _host: &Host) -> Result<Self> {
        Ok(Self)
    }

    async fn api_x(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }
}

fn main() {}
