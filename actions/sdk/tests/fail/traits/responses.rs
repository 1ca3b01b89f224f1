use wicketgate_action::prelude::*;

pub struct Plain;
pub struct A;

#[action(name = "a")]
impl A {
    fn configure(_config: Empty, _host: &Host) -> Result<Self> {
        Ok(Self)
    }

    async fn api_plain(&self, _req: &Request, _p: Empty) -> Result<Plain> {
        Ok(Plain)
    }

    async fn api_bare(&self, _req: &Request, _p: Empty) -> String {
        String::new()
    }
}

fn main() {}
