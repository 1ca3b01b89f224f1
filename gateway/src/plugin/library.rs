//! A loaded plugin. It stays loaded until the process ends: unloading a library that has run threads or thread-local
//! destructors is not safe, and nothing is gained by it.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use libloading::os::unix::{Library as Handle, RTLD_LOCAL, RTLD_NOW, Symbol};
use serde_json::Value;
use wicketgate_abi::{ABI_MAJOR, Buf, Descriptor, MAGIC, SYMBOL, Status};

use super::{PluginError, PluginFile, signals, trust};
use crate::config::hex;

/// `RTLD_NODELETE` of glibc and musl: not even `dlclose` unmaps it.
const RTLD_NODELETE: i32 = 0x1000;

/// More versions of one plugin take memory that nothing gives back.
const MANY_VERSIONS: usize = 32;

/// A loaded plugin.
#[derive(Clone, Copy)]
pub struct Library {
    descriptor: &'static Descriptor,
}

impl Library {
    /// Loads the bytes of `file` from a private copy below `data_dir`, so that what happens to the file afterwards
    /// can't reach the running code, and a new version is never mistaken for a loaded one. The same bytes are loaded once.
    ///
    /// # Errors
    /// If the copy can't be written, or what it holds can't be loaded.
    pub fn load(file: &PluginFile, data_dir: &Path) -> Result<Self, PluginError> {
        /// What was loaded, by content, with the action's name: none of it ever goes away.
        static LOADED: Mutex<Vec<([u8; 32], String, Library)>> = Mutex::new(Vec::new());
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = file.hash();
        if let Some((_, _, library)) = loaded.iter().find(|(known, ..)| *known == hash) {
            return Ok(*library);
        }
        let copy = private_copy(file, data_dir)?;
        let before = signals::dispositions();
        let opened = Self::open(&copy);
        // The mapping needs no name.
        let _ = fs::remove_file(&copy);
        if before != signals::dispositions() {
            tracing::warn!(plugin = %file.path.display(), "the plugin handles or ignores signals of the whole process");
        }
        let library = opened?;
        tracing::info!(action = %file.name, version = %file.version, "the plugin {} is loaded", file.path.display());
        loaded.push((hash, file.name.clone(), library));
        let versions = loaded.iter().filter(|(_, name, _)| *name == file.name).count();
        if versions > MANY_VERSIONS {
            tracing::warn!(action = %file.name, "{versions} versions of this plugin were loaded; a restart frees their memory");
        }
        Ok(library)
    }

    /// Loads a library from where it is.
    pub(super) fn open(path: &Path) -> Result<Self, PluginError> {
        // SAFETY: loading runs the library's constructors. Its file was trusted and its note was checked.
        let handle = unsafe { Handle::open(Some(path), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) }?;
        let descriptor = {
            // SAFETY: the note vouches for the ABI, in which this symbol is a static `Descriptor`.
            let symbol: Symbol<*const Descriptor> = unsafe { handle.get(SYMBOL.as_bytes()) }?;
            // SAFETY: a static of a library that is never unloaded.
            unsafe { &**symbol }
        };
        std::mem::forget(handle);
        let sound = descriptor.magic == MAGIC
            && descriptor.abi_major == ABI_MAJOR
            && descriptor.size as usize >= size_of::<Descriptor>();
        if sound { Ok(Self { descriptor }) } else { Err(PluginError::Descriptor) }
    }

    /// What the plugin says of its types.
    ///
    /// # Errors
    /// If it fails, or what it says is no JSON.
    pub fn spec(&self) -> Result<Value, PluginError> {
        let mut document = Buf::EMPTY;
        // SAFETY: the ABI's promise; `document` is valid for writing.
        let status = unsafe { (self.descriptor.spec)(&raw mut document) };
        if status != Status::READY {
            return Err(PluginError::Spec(String::from_utf8_lossy(document.as_ref()).into_owned()));
        }
        serde_json::from_slice(document.as_ref()).map_err(|e| PluginError::Spec(e.to_string()))
    }

    pub(super) fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }
}

/// Writes the bytes to a file that nobody else can reach, under a name that was never loaded before.
fn private_copy(file: &PluginFile, data_dir: &Path) -> Result<PathBuf, PluginError> {
    static GENERATION: AtomicU64 = AtomicU64::new(0);
    let dir = data_dir.join("plugins");
    let hash = hex(&file.hash()[..6]);
    let generation = GENERATION.fetch_add(1, Ordering::Relaxed);
    let copy = dir.join(format!("{}.{hash}.{}.g{generation}.so", file.name, std::process::id()));
    let failed = |e| PluginError::Copy(copy.clone(), e);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(failed)?;
    // The folder may be older than this process, and somebody else's.
    trust::folder(&dir)?;
    // So may the file: of a process of the same number that was killed. Nobody else can have put it there.
    let _ = fs::remove_file(&copy);
    write_new(&copy, &file.bytes).map_err(failed)?;
    // dlopen needs an absolute path, or it searches for the library.
    copy.canonicalize().map_err(failed)
}

/// Writes a file whole, or leaves none.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o500).open(path)?;
    file.write_all(bytes).inspect_err(|_| drop(fs::remove_file(path)))
}
