//! A plugin with a command for each shape of input and reply.

mod composed;
mod inputs;
mod replies;

use std::time::Duration;

use composed::{MapParams, Moment, PageParams, TypesParams};
use inputs::{
    Arrived, CookiePair, CookieParams, DayParams, FileParams, FormParams, HeadSeen, HeaderPair, HeaderParams,
    MixedParams, OneOf, PairParams, QueryParams, ReadParams, RelayParams, Seen, SmallParams, TwoParams, UploadParams,
};
use replies::{Article, Choice, Outcome, Unavailable};
use wicketgate_action::{RequestHead, prelude::*, tokio};

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

    /// Read an article.
    #[mount(GET, "/{id}")]
    async fn api_read(&self, _req: &Request, p: ReadParams) -> Result<Seen> {
        let ReadParams { id, verbose, x_request_id, token } = p;
        Ok(seen(format!("id={id} verbose={verbose} x_request_id={x_request_id:?} token={token:?}")))
    }

    /// Show what the query holds.
    async fn http_get_query(&self, _req: &Request, p: QueryParams) -> Result<Seen> {
        Ok(seen(p.show()))
    }

    /// Show what the query holds, of a JSON command.
    #[mount(POST, "/query")]
    async fn api_query(&self, _req: &Request, p: QueryParams) -> Result<Seen> {
        Ok(seen(p.show()))
    }

    /// Show what headers hold.
    async fn api_headers(&self, _req: &Request, p: HeaderParams) -> Result<Seen> {
        Ok(seen(format!("x_num={} words={:?} x_text={:?}", p.x_num, p.words, p.x_text)))
    }

    /// Show what headers hold, by GET.
    async fn http_get_headers(&self, _req: &Request, p: HeaderParams) -> Result<Seen> {
        Ok(seen(format!("x_num={} words={:?} x_text={:?}", p.x_num, p.words, p.x_text)))
    }

    /// Show what cookies hold.
    async fn http_get_cookies(&self, _req: &Request, p: CookieParams) -> Result<Seen> {
        Ok(seen(format!("num={} token={:?} secret={:?}", p.num_of_it, p.token, p.secret)))
    }

    /// Show what is from everywhere.
    #[mount(PUT, "/{id}")]
    async fn api_mixed(&self, _req: &Request, p: MixedParams) -> Result<Seen> {
        let MixedParams { id, verbose, if_match, theme, title, tags, place } = p;
        let place = place.map(|place| format!("{} {:?}", place.name, place.at));
        let text = format!(
            "id={id} verbose={verbose:?} if_match={if_match:?} theme={theme:?} title={title:?} tags={tags:?} place={place:?}"
        );
        Ok(seen(text))
    }

    /// Take a form.
    async fn http_post_form(&self, _req: &Request, p: FormParams) -> Result<Seen> {
        Ok(seen(format!("title={:?} num={:?} numbers={:?} lang={:?}", p.title, p.num, p.numbers, p.lang)))
    }

    /// Take a form, or what a query says.
    async fn http_either(&self, _req: &Request, p: FormParams) -> Result<Seen> {
        Ok(seen(format!("title={:?} num={:?} numbers={:?} lang={:?}", p.title, p.num, p.numbers, p.lang)))
    }

    /// Count the bytes of a file.
    async fn http_post_upload(&self, _req: &Request, mut p: UploadParams) -> Result<Arrived> {
        Arrived::of(p.title, &mut p.picture).await
    }

    /// Read files of limited size.
    async fn http_post_small(&self, _req: &Request, mut p: SmallParams) -> Result<Seen> {
        let picture = p.picture.read(10_000).await?.len();
        let mut more = Vec::new();
        while let Some(mut file) = p.more.next().await? {
            more.push(file.read(10).await?.len());
        }
        Ok(seen(format!("picture={picture} more={more:?}")))
    }

    /// Read two files, one after the other.
    async fn http_post_two(&self, _req: &Request, mut p: TwoParams) -> Result<Seen> {
        if p.reversed {
            std::mem::swap(&mut p.first, &mut p.second);
        }
        let (first, second) = (p.first.read(1000).await?, p.second.read(1000).await?);
        Ok(seen(format!("{} {}", String::from_utf8_lossy(&first), String::from_utf8_lossy(&second))))
    }

    /// Save a file, which must not be there yet.
    async fn http_post_save(&self, req: &Request, mut p: UploadParams) -> Result<Seen> {
        let _ = req;
        Ok(seen(format!("{}", p.picture.save(&p.title).await?)))
    }

    /// Read nothing of the file that is sent.
    async fn http_post_ignore(&self, _req: &Request, p: UploadParams) -> Result<Seen> {
        Ok(seen(format!("title={:?}", p.title)))
    }

    /// Take as long over a file as it takes.
    async fn http_post_slow(&self, _req: &Request, mut p: UploadParams) -> Result<Seen> {
        let mut chunks = 0;
        while p.picture.chunk().await?.is_some() {
            tokio::time::sleep(Duration::from_millis(100)).await;
            chunks += 1;
        }
        Ok(seen(format!("chunks={}", chunks.min(1))))
    }

    /// Read the beginning of a file, and no more of it for ever.
    async fn http_post_hang(&self, _req: &Request, mut p: UploadParams) -> Result<Seen> {
        p.picture.chunk().await?;
        std::future::pending().await
    }

    /// Show a number and a text.
    async fn api_pair(&self, _req: &Request, p: PairParams) -> Result<Seen> {
        Ok(seen(format!("{} {}", p.num, p.text)))
    }

    /// Show a number and a text of a form.
    async fn http_post_pair(&self, _req: &Request, p: PairParams) -> Result<Seen> {
        Ok(seen(format!("{} {}", p.num, p.text)))
    }

    /// Show a number and a text of headers.
    async fn api_header_pair(&self, _req: &Request, p: HeaderPair) -> Result<Seen> {
        Ok(seen(format!("{} {}", p.num, p.text)))
    }

    /// Show a number and a text of cookies.
    async fn api_cookie_pair(&self, _req: &Request, p: CookiePair) -> Result<Seen> {
        Ok(seen(format!("{} {}", p.num, p.text)))
    }

    /// Tell a device.
    async fn api_relay(&self, _req: &Request, p: RelayParams) -> Result<Seen> {
        Ok(seen(format!("{} {} {:?}", p.api, p.command, p.parameters)))
    }

    /// Take one of several.
    async fn api_one_of(&self, _req: &Request, p: OneOf) -> Result<Seen> {
        Ok(seen(match p {
            OneOf::Circle { radius } => format!("circle {radius}"),
            OneOf::Text { text } => format!("text {text:?}"),
        }))
    }

    /// Show a path.
    async fn api_file(&self, _req: &Request, p: FileParams) -> Result<Seen> {
        Ok(seen(p.file))
    }

    /// Show a day.
    async fn api_day(&self, _req: &Request, p: DayParams) -> Result<Seen> {
        Ok(seen(p.day))
    }

    /// Show the request itself.
    async fn api_head(&self, req: &Request, _p: Empty) -> Result<HeadSeen> {
        head(req)
    }

    /// Show the request itself.
    async fn http_get_head(&self, req: &Request, _p: Empty) -> Result<HeadSeen> {
        head(req)
    }

    /// Show numbers of whatever names.
    async fn api_map(&self, _req: &Request, p: MapParams) -> Result<Seen> {
        Ok(seen(format!("{:?}", p.numbers)))
    }

    /// Show what is taken from a struct within.
    async fn http_get_page(&self, _req: &Request, p: PageParams) -> Result<Seen> {
        Ok(seen(format!("word={:?} offset={} x_tenant={:?}", p.word, p.paging.offset, p.paging.x_tenant)))
    }

    /// Send a value of each type back.
    async fn api_types(&self, _req: &Request, p: TypesParams) -> Result<TypesParams> {
        Ok(p)
    }

    /// Answer in a way of the author's own.
    ///
    /// It is a text that stands for a moment.
    async fn http_get_moment(&self, _req: &Request, _p: Empty) -> Result<Moment> {
        Ok(Duration::from_secs(86_400).into())
    }

    /// Try to set the cookie that is the gateway's own.
    async fn api_forge(&self, _req: &Request, _p: Empty) -> Result<Reply<String>> {
        let other = Cookie::new("auth2", "mine");
        Ok(Reply::new("forged".into()).cookie(Cookie::new("auth", "stolen")).cookie(other))
    }
}

fn seen(saw: String) -> Seen {
    Seen { saw }
}

fn head(req: &Request) -> Result<HeadSeen> {
    let RequestHead { method, path, query, route, command, headers } = req.head()?;
    Ok(HeadSeen { method, path, query, route, command, headers: headers.into_iter().collect() })
}

impl QueryParams {
    fn show(&self) -> String {
        let Self { num, other, words, numbers, flag, day } = self;
        format!("num={num} other={other} words={words:?} numbers={numbers:?} flag={flag:?} day={day:?}")
    }
}
