//! What was decided on a request's way, for `wicketgate explain`. While serving, nobody takes notes, and they cost nothing.

/// The steps of a request's way, numbered as in the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What is malformed is refused.
    Request = 1,
    /// The host names a site.
    Site,
    /// The path is split, decoded and normalised.
    Path,
    /// The first rule that matches changes it.
    Rewrite,
    /// A mount takes it.
    Mount,
    /// The webapp takes it.
    Webapp,
    /// The client folder, or another server, takes it.
    Folder,
    /// It is a static file.
    File,
    /// It is none of these.
    Refusal,
}

/// Whoever listens.
pub trait Notes {
    /// Something was decided. The text is made only if somebody wants it.
    fn note(&mut self, step: Step, text: impl FnOnce() -> String);
}

impl Notes for () {
    fn note(&mut self, _: Step, _: impl FnOnce() -> String) {}
}

impl Notes for Vec<(Step, String)> {
    fn note(&mut self, step: Step, text: impl FnOnce() -> String) {
        self.push((step, text()));
    }
}
