//! What is served, by host.

use std::{collections::HashMap, io, path::PathBuf, sync::Arc};

use http::StatusCode;

use super::{
    dress::Dress,
    static_files::{Folder, Shelf, Watch},
};
use crate::{
    config::{self, Mounts},
    notes::{Notes, Step},
    webapp::WebError,
};

/// All sites: an exact name comes before the longest `*.suffix`, and that before `*`, whatever their order in the file.
#[derive(Default)]
pub struct Sites {
    exact: HashMap<String, Arc<Site>>,
    /// Without the `*`, so that they start with a dot.
    suffixes: Vec<(String, Arc<Site>)>,
    any: Option<Arc<Site>>,
    /// All of them, in the order of the files.
    all: Vec<Arc<Site>>,
}

/// A site, its folders held open: nothing outside them can be reached through it.
pub struct Site {
    /// What the operator said of it.
    pub(super) config: config::Site,
    /// The folder of its static files.
    pub(super) root: Option<Arc<Folder>>,
    /// The client folder.
    pub(super) client: Option<Arc<Folder>>,
    /// The files of both that are held in memory.
    pub(super) shelf: Shelf,
    /// What its replies say.
    pub(super) dress: Dress,
    /// Other URLs for commands, which all sites share.
    pub(super) mounts: Arc<Mounts>,
    /// What it passes requests on to, the longest prefix first.
    pub(super) upstreams: Vec<Arc<config::Upstream>>,
}

impl Site {
    /// Opens the folders of a site, of whose files so many bytes are held in memory as long as nothing changes.
    ///
    /// # Errors
    /// If one of them can't be opened.
    pub fn open(mut config: config::Site, cache: usize, watch: &Arc<Watch>, mounts: &Arc<Mounts>) -> io::Result<Self> {
        let links = config.files.symlinks;
        let open = |folder: &Option<PathBuf>| {
            folder.as_ref().map(|folder| Folder::open(folder.clone(), links).map(Arc::new)).transpose()
        };
        let (root, client) = (open(&config.root)?, open(&config.client_root)?);
        let upstreams = std::mem::take(&mut config.upstreams).into_iter().map(Arc::new).collect();
        let (dress, shelf) = (Dress::new(&config.headers.0), Shelf::new(cache, watch.clone()));
        Ok(Self { dress, config, root, client, shelf, mounts: mounts.clone(), upstreams })
    }
}

impl Sites {
    /// Adds a site under its host: a name in lower case, `*.suffix`, or `*`.
    pub fn add(&mut self, site: Site) {
        let site = Arc::new(site);
        self.all.push(site.clone());
        match site.config.host.strip_prefix('*') {
            Some("") => self.any = Some(site),
            Some(suffix) => {
                self.suffixes.push((suffix.to_owned(), site));
                self.suffixes.sort_by_key(|(suffix, _)| std::cmp::Reverse(suffix.len()));
            }
            None => {
                self.exact.insert(site.config.host.clone(), site);
            }
        }
    }

    /// The site for a host in lower case; a request without a host gets the one for `*`.
    ///
    /// # Errors
    /// 421 if there is none.
    pub fn find(&self, host: Option<&str>, notes: &mut impl Notes) -> Result<&Arc<Site>, WebError> {
        let found = self.candidates(host).next();
        notes.note(Step::Site, || {
            let host = host.unwrap_or("no host");
            match found {
                Some(site) => format!("{host} → `{}` ({})", site.config.host, site.config.place),
                None => format!("{host} → none of `{}`", self.hosts().collect::<Vec<_>>().join("`, `")),
            }
        });
        found.ok_or_else(|| WebError::new(StatusCode::MISDIRECTED_REQUEST, "this server has no site of that host name"))
    }

    /// The sites that a host fits, the one that fits best first.
    pub(super) fn candidates(&self, host: Option<&str>) -> impl Iterator<Item = &Arc<Site>> {
        let exact = host.and_then(|host| self.exact.get(host));
        let below = move |suffix: &str| host.is_some_and(|host| host.len() > suffix.len() && host.ends_with(suffix));
        let suffixes = self.suffixes.iter().filter(move |(suffix, _)| below(suffix)).map(|(_, site)| site);
        exact.into_iter().chain(suffixes).chain(&self.any)
    }

    /// All of them, in the order of the files.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Site>> {
        self.all.iter()
    }

    fn hosts(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|site| site.config.host.as_str())
    }
}
