//! What the document calls required, held against the gateway.

use wicketgate_tests::{Gateway, request};

use super::{parameters, written};

/// A request with all that is required and no more, of which each part can be left out.
struct Least {
    path: &'static str,
    method: &'static str,
    target: &'static str,
    parts: &'static [(&'static str, &'static str)],
}

impl Least {
    fn status(&self, gateway: &Gateway, without: Option<&str>) -> u16 {
        let parts = || self.parts.iter().filter(|(name, _)| Some(*name) != without);
        let of = |place: &str| {
            let text = |(name, value): &(&str, &'static str)| name.starts_with(place).then_some(*value);
            parts().filter_map(text).collect::<Vec<_>>()
        };
        let target = format!("{}?{}", self.target, of("query ").join("&"));
        let (body, content_type) = match self.path {
            "/form" if self.method != "get" => {
                (of("form ").join("&"), "Content-Type: application/x-www-form-urlencoded")
            }
            _ if self.method == "get" => (String::new(), "X-None: 0"),
            _ => (format!("{{{}}}", of("body ").join(",")), "Content-Type: application/json"),
        };
        let headers = [&of("header ")[..], &of("cookie "), &[content_type]].concat();
        gateway.raw(&request(&self.method.to_uppercase(), &target, &headers, body.as_bytes())).status
    }
}

#[test]
fn what_is_required_is_what_the_gateway_requires() {
    let (setup, document) = written();
    let gateway = setup.start();
    for least in [
        Least { path: "/query", method: "get", target: "/query", parts: &[("query num!", "num=1")] },
        Least { path: "/form", method: "get", target: "/form", parts: &[("query title!", "title=x")] },
        Least { path: "/form", method: "post", target: "/form", parts: &[("form title!", "title=x")] },
        Least { path: "/form", method: "patch", target: "/form", parts: &[("form title!", "title=x")] },
        Least { path: "/articles/{id}", method: "get", target: "/articles/5", parts: &[("path id!", "")] },
        Least {
            path: "/articles/{id}",
            method: "put",
            target: "/articles/5",
            parts: &[("path id!", ""), ("body title!", "\"title\":\"x\"")],
        },
        Least { path: "/headers", method: "get", target: "/headers", parts: &[("header x-num!", "X-Num: 1")] },
        Least {
            path: "/cookies",
            method: "get",
            target: "/cookies",
            parts: &[("cookie num_of_it!", "Cookie: num_of_it=1")],
        },
        Least {
            path: "/pages/{localeUid}",
            method: "get",
            target: "/pages/de",
            parts: &[("path localeUid!", ""), ("query word!", "word=x")],
        },
        Least { path: "/map", method: "put", target: "/map", parts: &[] },
        Least { path: "/nothing", method: "delete", target: "/nothing", parts: &[] },
    ] {
        let operation = &document["paths"][least.path][least.method];
        let mut told = parameters(operation);
        told.retain(|one| one.ends_with('!'));
        for (content_type, place) in [("application/json", "body"), ("application/x-www-form-urlencoded", "form")] {
            let required = &operation["requestBody"]["content"][content_type]["schema"]["required"];
            told.extend(
                required.as_array().into_iter().flatten().map(|name| format!("{place} {}!", name.as_str().unwrap())),
            );
        }
        told.sort_unstable();
        let mut expected: Vec<_> = least.parts.iter().map(|(name, _)| (*name).to_owned()).collect();
        expected.sort_unstable();
        assert_eq!(told, expected, "{} {}", least.method, least.path);
        assert!(least.status(&gateway, None) < 300, "{} {}", least.method, least.path);
        for (name, _) in least.parts.iter().filter(|(name, _)| !name.starts_with("path ")) {
            assert_eq!(least.status(&gateway, Some(name)), 400, "{} {} without {name}", least.method, least.path);
        }
    }
}
