//! Who a plugin is, readable from its file without running a line of it.

use crate::{ABI_MAJOR, ABI_MINOR, MAGIC};

/// The content of [`NOTE_SECTION`](crate::NOTE_SECTION): fixed size, no pointer. Texts are UTF-8 padded with zeroes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Note {
    /// [`MAGIC`].
    pub magic: u64,
    /// Compared with [`ABI_MAJOR`]: equal or refused.
    pub abi_major: u16,
    /// The minor version that the plugin was built with.
    pub abi_minor: u16,
    /// Size of this struct as the plugin knows it, in bytes.
    pub size: u32,
    /// 1 if panics unwind in this plugin; a plugin built with `panic = "abort"` is refused.
    pub panic_unwind: u8,
    /// Zero.
    pub reserved: [u8; 7],
    /// The action's name, as in `type = "example"`.
    pub name: [u8; 64],
    /// The plugin crate's version.
    pub version: [u8; 32],
    /// The SDK's version.
    pub sdk_version: [u8; 32],
    /// What the plugin was built for, see [`target()`].
    pub target: [u8; 64],
}

impl Note {
    /// The note of a plugin that is being compiled. A text that is too long fails to compile.
    #[must_use]
    pub const fn new(name: &str, version: &str, sdk_version: &str) -> Self {
        Self {
            magic: MAGIC,
            abi_major: ABI_MAJOR,
            abi_minor: ABI_MINOR,
            size: size_of::<Self>() as u32,
            panic_unwind: cfg!(panic = "unwind") as u8,
            reserved: [0; 7],
            name: padded(name),
            version: padded(version),
            sdk_version: padded(sdk_version),
            target: padded(target()),
        }
    }

    /// Reads a note from the bytes of its section; `None` if there are too few or they do not start with [`MAGIC`].
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < size_of::<Self>() {
            return None;
        }
        // SAFETY: there are enough bytes, and every bit pattern is a valid `Note`: integers and byte arrays only.
        let note = unsafe { bytes.as_ptr().cast::<Self>().read_unaligned() };
        (note.magic == MAGIC).then_some(note)
    }

    /// The text of one of the fields, up to its first zero; `None` if it is not UTF-8.
    #[must_use]
    pub fn text(field: &[u8]) -> Option<&str> {
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
        core::str::from_utf8(&field[..end]).ok()
    }
}

/// Architecture, system and C library that this code is compiled for.
#[must_use]
pub const fn target() -> &'static str {
    match (cfg!(target_arch = "x86_64"), cfg!(target_arch = "aarch64"), cfg!(target_env = "musl")) {
        (true, _, false) => "x86_64-linux-gnu",
        (true, _, true) => "x86_64-linux-musl",
        (_, true, false) => "aarch64-linux-gnu",
        (_, true, true) => "aarch64-linux-musl",
        _ => "other",
    }
}

const fn padded<const N: usize>(text: &str) -> [u8; N] {
    let (bytes, mut field, mut i) = (text.as_bytes(), [0; N], 0);
    assert!(bytes.len() < N, "the text is too long for its field of the plugin's note");
    while i < bytes.len() {
        field[i] = bytes[i];
        i += 1;
    }
    field
}
