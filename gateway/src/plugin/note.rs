//! Who a plugin is, read from its file before a line of it runs.

use object::{Object, ObjectSection};
use wicketgate_abi::{ABI_MAJOR, ABI_MINOR, NOTE_SECTION, Note, target};

/// Why a file is no plugin that can be loaded.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    /// It is no ELF file, or only a part of one.
    #[error("it is no complete shared library: {0}")]
    Elf(#[from] object::Error),
    /// It is a library without a note.
    #[error("it is no Wicketgate plugin: it has no section {NOTE_SECTION}; is `#[action]` in it?")]
    Missing,
    /// Its note makes no sense.
    #[error("its note is damaged; build it again")]
    Damaged,
    /// It was built for another version of the boundary.
    #[error("it was built for plugin ABI {0}, and this gateway has {ABI_MAJOR}; build it with the gateway's SDK")]
    Abi(u16),
    /// It needs what this gateway has not.
    #[error(
        "it was built for plugin ABI {ABI_MAJOR}.{0}, and this gateway has {ABI_MAJOR}.{ABI_MINOR}; use a newer gateway, or an older SDK"
    )]
    Newer(u16),
    /// It was built for another machine.
    #[error("it was built for {0}, and this gateway is {us}", us = target())]
    Target(String),
    /// It was built with `panic = "abort"`.
    #[error(
        "it was built with `panic = \"abort\"`, so a panic would end the gateway; build it with `panic = \"unwind\"`"
    )]
    PanicAbort,
}

/// A plugin's note.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    /// The action's name.
    pub(super) name: String,
    /// The plugin crate's version.
    pub(super) version: String,
}

/// Reads the note in `elf`, the whole content of a plugin's file.
///
/// # Errors
/// See [`NoteError`].
pub(super) fn read(elf: &[u8]) -> Result<Identity, NoteError> {
    let file = object::File::parse(elf)?;
    // A file that was cut off may still have its section headers in reach, but not what they point to.
    for section in file.sections() {
        section.data()?;
    }
    let section = file.section_by_name(NOTE_SECTION).ok_or(NoteError::Missing)?;
    let note = Note::from_bytes(section.data()?).ok_or(NoteError::Damaged)?;
    if note.abi_major != ABI_MAJOR {
        return Err(NoteError::Abi(note.abi_major));
    }
    if note.abi_minor > ABI_MINOR {
        return Err(NoteError::Newer(note.abi_minor));
    }
    let text = |field: &[u8]| Note::text(field).map(str::to_owned).ok_or(NoteError::Damaged);
    let built_for = text(&note.target)?;
    if built_for != target() {
        return Err(NoteError::Target(built_for));
    }
    if note.panic_unwind != 1 {
        return Err(NoteError::PanicAbort);
    }
    Ok(Identity { name: text(&note.name)?, version: text(&note.version)? })
}
