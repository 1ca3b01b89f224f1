//! Mounts that nobody could make.

use wicketgate_action::prelude::*;

pub struct A;

#[action(name = "a")]
impl A {
    #[mount(GET, "/x")]
    fn configure(_config: Empty, _host: &Host) -> Result<Self> {
        Ok(Self)
    }

    #[mount]
    async fn api_empty(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }

    #[mount(GET)]
    async fn api_without_path(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }

    #[mount("/x")]
    async fn api_without_method(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }

    #[mount(get, "/x")]
    async fn api_small(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }

    #[mount(HEAD, "/x")]
    async fn api_head(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }

    #[mount(GET, "x")]
    async fn api_relative(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }

    #[mount(GET, "/x", "/y")]
    async fn api_two_paths(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }

    #[mount(GET, path = "/x")]
    async fn api_named(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }

    #[mount(GET, "/x")]
    #[mount(GET, "/x")]
    async fn api_twice(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }

    #[mount(POST, "/x")]
    async fn http_get_by_post(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }

    #[mount(GET, "")]
    #[mount(POST, "/{id}")]
    async fn api_fine(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }

    #[mount(GET, "/x")]
    fn private(&self) {}
}

fn main() {}
