use wicketgate_action::prelude::*;

pub struct A;

#[action(name = "a")]
impl A {
    fn configure(_config: Empty, _host: &Host) -> Result<Self> {
        Ok(Self)
    }

    async fn api_local(&self, _req: &Request, _p: Empty) -> Result<()> {
        let local = std::rc::Rc::new(5);
        wicketgate_action::tokio::task::yield_now().await;
        drop(local);
        Ok(())
    }
}

fn main() {}
