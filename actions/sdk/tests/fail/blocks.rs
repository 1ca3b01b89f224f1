use wicketgate_action::prelude::*;

pub struct A;
pub struct B<T>(T);
pub struct C;

#[action(name = "a")]
impl Clone for A {
    fn clone(&self) -> Self {
        A
    }
}

#[action(name = "b")]
impl<T> B<T> {
    fn configure(_config: Empty, _host: &Host) -> Result<Self> {
        todo!()
    }

    async fn api_x(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }
}

#[action(name = "c")]
impl C {
    async fn hello(&self) {}
}

#[action(name = "d")]
struct D;

fn main() {}
