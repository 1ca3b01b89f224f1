//! The files of a form, read while they arrive.

use std::{
    borrow::Cow,
    cell::RefCell,
    fs::File,
    future::poll_fn,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tokio::{sync::Mutex, task::spawn_blocking};
use wicketgate_abi::{Kind, RawStream, Reply};

use crate::{Error, Result};

/// A file of a posted form (`multipart/form-data`), among the parameters of a command that is named `http_post_…`. It is read
/// while it arrives, at the speed at which the handler asks for its chunks, and is nowhere kept; as long as it arrives, the
/// command's time limit begins anew with each chunk. `#[schemars(length(max = 5_000_000))]` limits its bytes (413).
///
/// The form's other fields have to be sent before its files, and files are read in the order in which they were sent: to read
/// one is to skip those before it. Read them in an `async fn`.
///
/// ```
/// # use wicketgate_action::prelude::*;
/// #[params]
/// pub struct PictureParams {
///     /// what is to be seen
///     title: String,
///     /// the picture
///     #[schemars(length(max = 5_000_000))]
///     picture: Upload,
/// }
///
/// async fn http_post_picture(mut p: PictureParams) -> Result<String> {
///     let mut length = 0;
///     while let Some(chunk) = p.picture.chunk().await? {
///         length += chunk.len();
///     }
///     Ok(format!("{} has {length} bytes", p.title))
/// }
/// ```
pub struct Upload {
    field: String,
    files: Option<Arc<Files>>,
    /// Which of the request's files it is, once that is known.
    opened: Option<(u64, FileInfo)>,
}

/// All files that a form has under one name, in the order in which they were sent; there may be none. See [`Upload`].
pub struct Uploads {
    field: String,
    files: Option<Arc<Files>>,
}

/// What a client says of a file. None of it can be trusted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FileInfo {
    /// The form's field.
    name: String,
    /// Its name where it comes from, without any folder.
    pub file_name: Option<String>,
    /// Its media type.
    pub content_type: Option<String>,
}

/// The files of one request.
pub(crate) struct Files(Mutex<State>);

struct State {
    stream: RawStream,
    /// How many have begun.
    begun: u64,
    /// The last one that has begun, until somebody reads it.
    waiting: Option<FileInfo>,
    /// Whether nothing more will come.
    ended: bool,
}

thread_local! {
    /// Where the uploads lead to among the parameters that are being read on this thread.
    static CURRENT: RefCell<Option<Arc<Files>>> = const { RefCell::new(None) };
}

impl Files {
    pub(crate) fn new(stream: RawStream) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State { stream, begun: 0, waiting: None, ended: false })))
    }

    /// Reads parameters whose uploads are these files.
    pub(crate) fn within<R>(files: Option<Arc<Self>>, read: impl FnOnce() -> R) -> R {
        CURRENT.set(files);
        let result = read();
        CURRENT.set(None);
        result
    }

    /// The number and the description of the next file of that field.
    async fn next(&self, field: &str) -> Result<Option<(u64, FileInfo)>> {
        let mut state = self.0.lock().await;
        loop {
            match state.waiting.take() {
                Some(info) if info.name == field => return Ok(Some((state.begun, info))),
                Some(_) | None if state.ended => return Ok(None),
                Some(_) | None => drop(state.next().await?),
            }
        }
    }

    /// The next chunk of the file of that number.
    async fn chunk(&self, number: u64) -> Result<Option<Vec<u8>>> {
        let mut state = self.0.lock().await;
        if state.begun != number || state.waiting.is_some() || state.ended {
            return Ok(None);
        }
        state.next().await
    }
}

impl State {
    /// A chunk of the file that has begun; `None` if it ends here.
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let Reply { kind, status, meta, body, .. } = poll_fn(|cx| self.stream.poll_next(cx)).await;
        let bytes = body.as_ref();
        match kind {
            Kind::CONTENT if !bytes.is_empty() => return Ok(Some(bytes.to_vec())),
            Kind::CONTENT => self.ended = true,
            Kind::FILE_BEGINS => {
                self.begun += 1;
                self.waiting = Some(rmp_serde::from_slice(meta.as_ref())?);
            }
            _ => {
                self.ended = true;
                let info = String::from_utf8_lossy(bytes).into_owned();
                return Err(Error::new(status, info));
            }
        }
        Ok(None)
    }
}

impl Upload {
    /// What the client says of it.
    ///
    /// # Errors
    /// 400 if it is not there, 413 if it is too large.
    pub async fn info(&mut self) -> Result<&FileInfo> {
        self.open().await.map(|(_, info)| info)
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// 400 if it is not there or breaks off, 413 if it is too large, 408 if nothing arrives for too long.
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>> {
        let number = self.open().await?.0;
        match &self.files {
            Some(files) => files.chunk(number).await,
            None => Ok(None),
        }
    }

    /// All of it, which may be so many bytes.
    ///
    /// # Errors
    /// As for [`Self::chunk`]; 413 if there are more.
    pub async fn read(&mut self, most: usize) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if all.len() + chunk.len() > most {
                let field = &self.field;
                return Err(Error::new(
                    413,
                    format!("form.{field}: the file is larger than the {most} bytes that are allowed"),
                ));
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all)
    }

    /// Writes it to a file, which must not exist yet; returns how many bytes there were. What arrives in part is removed.
    ///
    /// # Errors
    /// As for [`Self::chunk`]; if the file can't be written.
    pub async fn save(&mut self, path: impl AsRef<Path>) -> Result<u64> {
        let path = path.as_ref().to_owned();
        let mut saving = spawn_blocking(move || Saving::begin(path)).await??;
        let mut saved = 0;
        while let Some(chunk) = self.chunk().await? {
            saved += chunk.len() as u64;
            saving = spawn_blocking(move || saving.file.write_all(&chunk).map(|()| saving)).await??;
        }
        saving.is_complete = true;
        Ok(saved)
    }

    async fn open(&mut self) -> Result<&(u64, FileInfo)> {
        if self.opened.is_none()
            && let Some(files) = &self.files
        {
            self.opened = files.next(&self.field).await?;
        }
        let field = &self.field;
        self.opened.as_ref().ok_or_else(|| {
            let text = format!("form.{field}: the file is missing, or was sent before one that is read first");
            Error::bad_request(text)
        })
    }
}

/// A file that is removed unless it becomes complete, also if nobody waits for it any more.
struct Saving {
    file: File,
    path: PathBuf,
    is_complete: bool,
}

impl Saving {
    fn begin(path: PathBuf) -> std::io::Result<Self> {
        Ok(Self { file: File::create_new(&path)?, path, is_complete: false })
    }
}

impl Drop for Saving {
    fn drop(&mut self) {
        if !self.is_complete {
            // Whatever went wrong has been told, and this would add nothing.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Uploads {
    /// The next file; `None` if there is none left.
    ///
    /// # Errors
    /// As for [`Upload::chunk`].
    pub async fn next(&mut self) -> Result<Option<Upload>> {
        let Some(files) = &self.files else { return Ok(None) };
        let opened = files.next(&self.field).await?;
        Ok(opened.map(|opened| Upload { field: self.field.clone(), files: self.files.clone(), opened: Some(opened) }))
    }
}

/// The name of the form's field, which is all that parameters hold of a file.
impl<'de> Deserialize<'de> for Upload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let field = String::deserialize(deserializer)?;
        Ok(Self { field, files: current(), opened: None })
    }
}

/// The same; a list without items, if there are no files.
impl<'de> Deserialize<'de> for Uploads {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Given {
            Field(String),
            None([(); 0]),
        }
        Ok(match Given::deserialize(deserializer)? {
            Given::Field(field) => Self { field, files: current() },
            Given::None([]) => Self { field: String::new(), files: None },
        })
    }
}

fn current() -> Option<Arc<Files>> {
    CURRENT.with_borrow(Clone::clone)
}

impl Serialize for Upload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.field)
    }
}

impl Serialize for Uploads {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.field)
    }
}

impl JsonSchema for Upload {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Upload".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "upload" })
    }
}

impl JsonSchema for Uploads {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Uploads".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let file = generator.subschema_for::<Upload>();
        json_schema!({ "type": "array", "items": file })
    }
}
