//! A plugin with a command for each shape of reply.

mod replies;

use std::time::Duration;

use replies::{Article, Choice, Outcome, Unavailable};
use wicketgate_action::prelude::*;

/// The action.
pub struct Shape;

/// Commands of all shapes.
#[action(name = "shape")]
impl Shape {
    fn configure(_: Empty, _host: &Host) -> Result<Self> {
        Ok(Self)
    }

    /// Answer nothing.
    async fn api_nothing(&self, _req: &Request, _p: Empty) -> Result<()> {
        Ok(())
    }

    /// Answer a text.
    async fn api_text(&self, _req: &Request, _p: Empty) -> Result<String> {
        Ok("a text, größer".into())
    }

    /// Answer bytes.
    async fn api_bytes(&self, _req: &Request, _p: Empty) -> Result<Vec<u8>> {
        Ok(vec![0, 1, 255])
    }

    /// Answer bytes of the kind that parameters have.
    async fn api_sdk_bytes(&self, _req: &Request, _p: Empty) -> Result<Bytes> {
        Ok(vec![0, 1, 255].into())
    }

    /// Answer a record.
    async fn api_record(&self, _req: &Request, _p: Empty) -> Result<Article> {
        Ok(Article::first())
    }

    /// Answer a record, or say that there is none.
    async fn api_option(&self, _req: &Request, p: Choice) -> Result<Option<Article>> {
        Ok((p.which == "article").then(Article::first))
    }

    /// Say where the new one is, and set cookies.
    async fn api_created(&self, _req: &Request, _p: Empty) -> Result<Created<Article>> {
        let day = Duration::from_secs(86_400);
        Ok(Created::new(Article::first())
            .header("Location", "/articles/1")
            .cookie(Cookie::new("theme", "dark; or light").max_age(day))
            .cookie(Cookie::new("plain", "1").path("/articles").domain("example.org").readable_by_scripts().insecure())
            .cookie(Cookie::removal("draft").strict()))
    }

    /// Promise it.
    async fn api_accepted(&self, _req: &Request, _p: Empty) -> Result<Accepted<Article>> {
        Ok(Accepted::new(Article::first()))
    }

    /// Answer nothing, with headers.
    async fn api_no_content(&self, _req: &Request, _p: Empty) -> Result<NoContent> {
        Ok(NoContent::empty().header("X-Shape", "none").header("X-Shape", "at all"))
    }

    /// Answer a content with another status.
    async fn api_created_content(&self, _req: &Request, _p: Empty) -> Result<Created<Content>> {
        let content = Content::new("image/png", "no picture").attachment("a.png").header("X-Inner", "1");
        Ok(Created::new(content).header("X-Outer", "2"))
    }

    /// Send the caller elsewhere.
    async fn http_get_found(&self, _req: &Request, _p: Empty) -> Result<Found> {
        Ok(Found::to("/elsewhere").cookie(Cookie::new("from", "here")))
    }

    /// Send the caller to what came of it.
    async fn api_see_other(&self, _req: &Request, _p: Empty) -> Result<SeeOther> {
        Ok(SeeOther::to("/result"))
    }

    /// Answer one of several.
    async fn api_outcome(&self, _req: &Request, p: Choice) -> Result<Outcome> {
        Outcome::of(&p.which)
    }

    /// Raise one of several.
    async fn api_raise(&self, _req: &Request, p: Choice) -> Result<(), Outcome> {
        Outcome::of(&p.which).map_or(Ok(()), Err)
    }

    /// Raise what is not declared.
    async fn api_raise_undeclared(&self, _req: &Request, p: Choice) -> Result<Article> {
        match p.which.as_str() {
            "text" => Err(Unavailable::new("not in your country".into()).header("Retry-After", "60").into()),
            "nothing" => Err(Gone::empty().into()),
            "record" => Err(Error::raise(Article::first())),
            "content" => Err(Error::raise(Content::new("text/csv", "a,b").status(409))),
            "broken" => Err(Error::raise(Content::new("text/csv", "a,b").header("Bad\nName", "x"))),
            _ => Ok(Article::first()),
        }
    }

    /// The same on a thread that may block.
    fn api_raise_blocking(&self, _req: &Request, _p: Empty) -> Result<Article> {
        Err(TooManyRequests::new("slow down").header("Retry-After", "7"))?
    }

    /// Try to set the cookie that is the gateway's own.
    async fn api_forge(&self, _req: &Request, _p: Empty) -> Result<Reply<String>> {
        let other = Cookie::new("auth2", "mine");
        Ok(Reply::new("forged".into()).cookie(Cookie::new("auth", "stolen")).cookie(other))
    }
}
