use wicketgate_action::prelude::*;

pub struct A;
pub struct B;
pub struct C;
pub struct D;

#[action]
impl A {
    fn configure(_config: Empty, _host: &Host) -> Result<Self> {
        Ok(Self)
    }

    async fn api_x(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }
}

#[action(name = "My-Action")]
impl B {
    fn configure(_config: Empty, _host: &Host) -> Result<Self> {
        Ok(Self)
    }

    async fn api_x(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }
}

#[action(name = "c", klient = "d")]
impl C {}

#[action(name = "d")]
impl D {
    fn configure(_config: Empty, _host: &Host) -> Result<Self> {
        Ok(Self)
    }

    async fn api_http_get_x(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }

    async fn http_get_x(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }
}

fn main() {}
