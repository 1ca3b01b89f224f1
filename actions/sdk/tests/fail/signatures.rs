use wicketgate_action::prelude::*;

#[params]
pub struct P {}
pub struct A;

#[action(name = "a")]
impl A {
    async fn configure(_config: Empty, _host: &Host) -> Result<Self> {
        Ok(Self)
    }

    async fn api_owned(self, _req: &Request, _p: P) -> Result<()> {
        Ok(())
    }

    async fn api_mutable(&mut self, _req: &Request, _p: P) -> Result<()> {
        Ok(())
    }

    async fn api_without_request(&self, _p: P) -> Result<()> {
        Ok(())
    }

    async fn api_by_value(&self, _req: Request, _p: P) -> Result<()> {
        Ok(())
    }

    async fn api_without_answer(&self, _req: &Request, _p: P) {}

    async fn http_put_thing(&self, _req: &Request, _p: P) -> Result<()> {
        Ok(())
    }
}

fn main() {}
