//! The asset action: sends files out of folders that the operator names, each caller's own project first.
//!
//! Whatever a caller asks for is looked at twice: as a name, which may lead down only, and as the file that it turns out to be,
//! since a link leads anywhere. All that is refused is 404 in the same words as what does not exist: nobody learns what else
//! there is on the disk.

mod folder;
mod media;

use wicketgate_action::prelude::*;

use folder::Folder;
use media::Media;

/// Configuration for the Asset action
#[config]
pub struct Config {
    /// folders in which a file is looked for, one after the other: that of a project, then that of the application
    #[schemars(length(min = 1))]
    dirs: Vec<ConfigPath>,
    /// media types that are sent, such as `text/css` or `image/*`; none: those that web pages are usually made of
    #[serde(default)]
    #[schemars(inner(regex(pattern = media::PATTERN)))]
    allow_mime: Vec<String>,
    /// media types that are not sent, even if the others include them
    #[serde(default)]
    #[schemars(inner(regex(pattern = media::PATTERN)))]
    deny_mime: Vec<String>,
}

/// Parameters of `path`
#[params]
pub struct PathParams {
    /// the file, below one of the folders
    #[schemars(length(max = 1024), example = &"logo.svg")]
    path: String,
    /// whether the client shall save the file instead of showing it
    #[serde(default)]
    download: bool,
}

/// The configured action.
pub struct Asset {
    folders: Vec<Folder>,
    media: Media,
}

/// Asset action: sends files out of folders.
#[action(name = "asset")]
impl Asset {
    fn configure(config: Config, _host: &Host) -> Result<Self> {
        let folders = config.dirs.iter().map(|dir| Folder::open(dir)).collect::<Result<_>>()?;
        Ok(Self { folders, media: Media::new(&config.allow_mime, &config.deny_mime) })
    }

    /// Send the file at a path. 404 if there is none, or none that may be sent.
    fn http_get_path(&self, _req: &Request, p: PathParams) -> Result<File> {
        let mut found = self.folders.iter().filter_map(|folder| folder.find(&p.path));
        let path = found.find(|path| self.media.allows(path)).ok_or_else(Error::not_found)?;
        let name = p.path.rsplit('/').next().unwrap_or_default().to_owned();
        // A copy may be kept by whoever was allowed to see it, but not used unasked: permissions change.
        let file = File::new(path).header("Cache-Control", "private, no-cache");
        Ok(if p.download { file.attachment(name) } else { file })
    }
}

#[cfg(test)]
mod tests;
