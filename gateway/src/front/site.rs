//! What is served, by host.

use std::{collections::HashMap, io, path::Path};

use cap_std::{ambient_authority, fs::Dir};
use http::StatusCode;

use crate::webapp::WebError;

/// All sites: an exact name comes before the longest `*.suffix`, and that before `*`, whatever their order in the file.
#[derive(Default)]
pub struct Sites {
    exact: HashMap<String, Site>,
    /// Without the `*`, so that they start with a dot.
    suffixes: Vec<(String, Site)>,
    any: Option<Site>,
}

/// A site; by default one without static files.
#[derive(Default)]
pub struct Site {
    /// The folder of its static files, held open: nothing outside it can be reached through it.
    pub(super) root: Option<Dir>,
}

impl Site {
    /// A site with the static files in `root`.
    ///
    /// # Errors
    /// If the folder can't be opened.
    pub fn open(root: &Path) -> io::Result<Self> {
        Dir::open_ambient_dir(root, ambient_authority()).map(|root| Self { root: Some(root) })
    }
}

impl Sites {
    /// Adds a site for `host`: a name in lower case, `*.suffix`, or `*`.
    pub fn add(&mut self, host: &str, site: Site) {
        match host.strip_prefix('*') {
            Some("") => self.any = Some(site),
            Some(suffix) => {
                self.suffixes.push((suffix.to_owned(), site));
                self.suffixes.sort_by_key(|(suffix, _)| std::cmp::Reverse(suffix.len()));
            }
            None => {
                self.exact.insert(host.to_owned(), site);
            }
        }
    }

    /// The site for a host in lower case; a request without a host gets the one for `*`.
    pub(super) fn find(&self, host: Option<&str>) -> Result<&Site, WebError> {
        let named = host.and_then(|host| {
            let below = |suffix: &str| host.len() > suffix.len() && host.ends_with(suffix);
            let exact = self.exact.get(host);
            exact.or_else(|| self.suffixes.iter().find(|(suffix, _)| below(suffix)).map(|(_, site)| site))
        });
        named
            .or(self.any.as_ref())
            .ok_or_else(|| WebError::new(StatusCode::MISDIRECTED_REQUEST, "this server has no site of that host name"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_name_wins() {
        let mut sites = Sites::default();
        for host in ["*", "*.org", "a.example.org", "*.example.org"] {
            sites.add(host, Site::default());
        }
        let is = |host: &str, site: &Site| std::ptr::eq(sites.find(Some(host)).unwrap(), site);
        assert!(is("a.example.org", &sites.exact["a.example.org"]));
        assert!(is("b.example.org", &sites.suffixes[0].1));
        assert!(is("example.org", &sites.suffixes[1].1));
        assert!(is("localhost", sites.any.as_ref().unwrap()));
        assert_eq!(Sites::default().find(Some("a")).err().unwrap().status(), 421);
    }
}
