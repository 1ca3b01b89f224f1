use wicketgate_action::prelude::*;

pub struct Plain {
    pub a: u8,
}
pub struct A;

#[action(name = "a")]
impl A {
    fn configure(_config: Empty, _host: &Host) -> Result<Self> {
        Ok(Self)
    }

    async fn api_plain(&self, _req: &Request, p: Plain) -> Result<()> {
        let _ = p.a;
        Ok(())
    }
}

fn main() {}
