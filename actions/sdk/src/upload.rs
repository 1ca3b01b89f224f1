//! The files of a form, read while they arrive.

use std::{
    borrow::Cow,
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tokio::task::spawn_blocking;

use crate::{
    Error, Result,
    files::{FileInfo, Files},
};

/// A file of a posted form (`multipart/form-data`), among the parameters of a command that is named `http_post_…`. It is read
/// while it arrives, at the speed at which the handler asks for its chunks, and is nowhere kept; as long as it arrives, the
/// command's time limit begins anew with each chunk. `#[schemars(length(max = 5_000_000))]` limits its bytes (413).
///
/// The form's other fields have to be sent before its files, and files are read in the order in which they were sent: to read
/// one is to skip those before it. What has not been read when the handler returns is not read any more, by a `Stream` neither. A plain `fn` waits for it by `tokio::runtime::Handle::current().block_on(…)`.
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
/// `#[schemars(length(min = 1, max = 5))]` limits how many there are; how large each is, `limits.upload` and [`Upload::read`].
pub struct Uploads {
    field: String,
    files: Option<Arc<Files>>,
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
        Ok(Self { field, files: Files::current(), opened: None })
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
            Given::Field(field) => Self { field, files: Files::current() },
            Given::None([]) => Self { field: String::new(), files: None },
        })
    }
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
        json_schema!({ "type": "array", "items": file, "x-uploads": true })
    }
}
