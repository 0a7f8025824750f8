//! A log in a folder: the disk that real files make.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::disk::{Disk, DiskError, FileId};
use crate::verdict::file_name;

/// When [`Disk::sync`] returns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Durability {
    /// When the data are on stable storage: for devices.
    Storage,
    /// When the operating system has them: for simulations, whose machine is not what is tested.
    Process,
}

/// Files in a folder, one writer at a time.
#[derive(Debug)]
pub struct FolderDisk {
    folder: PathBuf,
    durability: Durability,
    open: Option<(FileId, File)>,
    /// The file that could not be read, for the words of the error.
    failed: Option<FileId>,
    /// Locked while the folder is open for writing.
    _lock: Option<File>,
}

impl FolderDisk {
    /// Opens, or makes, a folder for writing and locks it.
    ///
    /// # Errors
    /// The folder cannot be made, its name cannot be made durable, or it is locked by another writer.
    pub fn writable(folder: &Path, durability: Durability) -> io::Result<Self> {
        make(folder, durability)?;
        let lock = open_lock(folder)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                let message = format!("{} is open for writing elsewhere", folder.display());
                io::Error::new(ErrorKind::WouldBlock, message)
            }
            TryLockError::Error(error) => error,
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            durability,
            open: None,
            failed: None,
            _lock: Some(lock),
        })
    }

    /// Opens a folder for reading alone: nothing in it changes.
    #[must_use]
    pub fn readable(folder: &Path) -> Self {
        let folder = folder.to_owned();
        Self { folder, durability: Durability::Process, open: None, failed: None, _lock: None }
    }

    fn path(&self, file: FileId) -> PathBuf {
        self.folder.join(file_name(file))
    }

    /// The file, or else the folder, that the last error was about.
    #[must_use]
    pub fn failed_path(&self) -> PathBuf {
        self.failed.map_or_else(|| self.folder.clone(), |file| self.path(file))
    }

    /// Names in the folder that look like the log's own and are none of them, in order.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn foreign_names(&self) -> io::Result<Vec<String>> {
        let mut foreign = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let lower = name.to_ascii_lowercase();
            let alike = ["segment", "checkpoint", "key-"].iter().any(|own| lower.starts_with(own));
            if alike && own_file(&name).is_none() {
                foreign.push(name);
            }
        }
        foreign.sort();
        Ok(foreign)
    }

    fn noted<T>(&mut self, file: FileId, outcome: io::Result<T>) -> Result<T, DiskError> {
        outcome.map_err(|error| {
            self.failed = Some(file);
            failure(&error)
        })
    }

    /// What the file system says of a file. To open a pipe would wait for its writer, so this comes first.
    fn metadata(&mut self, file: FileId) -> Result<Option<Metadata>, DiskError> {
        match fs::metadata(self.path(file)) {
            Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
            Ok(_) => {
                self.failed = Some(file);
                Err(DiskError::NotAFile(file))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => self.noted(file, Err(error)),
        }
    }

    fn file(&mut self, file: FileId) -> Result<&File, DiskError> {
        if self.open.as_ref().is_none_or(|(open, _)| *open != file) {
            self.metadata(file)?;
            let writes = self._lock.is_some();
            let opened = OpenOptions::new().read(true).write(writes).open(self.path(file));
            self.open = Some((file, self.noted(file, opened)?));
        }
        match &self.open {
            Some((_, opened)) => Ok(opened),
            None => Err(DiskError::Failed(0)),
        }
    }

    /// Makes a new or removed name durable.
    fn sync_names(&self) -> Result<(), DiskError> {
        match self.durability {
            Durability::Process => Ok(()),
            Durability::Storage => File::open(&self.folder)
                .and_then(|folder| folder.sync_all())
                .map_err(|error| failure(&error)),
        }
    }
}

/// Makes a folder and those above it, each name as durable as the files will be. To make a name durable takes
/// leave to read the folder that it stands in: without it nothing is made.
fn make(folder: &Path, durability: Durability) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().unwrap_or(Path::new(""));
    make(above, durability)?;
    let names = match durability {
        Durability::Process => None,
        Durability::Storage => Some(open_names(above)?),
    };
    match fs::create_dir(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    names.map_or(Ok(()), |names| names.sync_all())
}

/// Opens a folder so that the names in it can be made durable.
fn open_names(folder: &Path) -> io::Result<File> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).map_err(|error| {
        let message = format!(
            "{}: a new folder in it could not be made durable: {error}; let the user who runs this read it, \
             or make the new folder beforehand",
            folder.display()
        );
        io::Error::new(error.kind(), message)
    })
}

/// The file of a log that has this name, in the one spelling that there is.
fn own_file(name: &str) -> Option<FileId> {
    let (kind, number) = name.split_once('-')?;
    let file = match kind {
        "segment" => FileId::Segment(number.parse().ok()?),
        "checkpoint" => FileId::Checkpoint(number.parse().ok().filter(|slot| *slot < 2)?),
        "key" => FileId::Key(number.parse().ok().filter(|parity| *parity < 2)?),
        _ => return None,
    };
    (file_name(file) == name).then_some(file)
}

/// What stands under a name that a folder may hold.
pub(crate) enum Content {
    /// Nothing.
    Missing,
    /// A folder, a pipe, a device.
    NotAFile,
    /// A file of more bytes than such a file can have.
    TooLong,
    /// A file.
    Bytes(Vec<u8>),
}

/// Reads a file of at most `limit` bytes, and opens nothing but a file.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> io::Result<Content> {
    let absent =
        |error: &io::Error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Ok(Content::NotAFile),
        Ok(_) => {}
        Err(error) if absent(&error) => return Ok(Content::Missing),
        Err(error) => return Err(error),
    }
    let mut bytes = Vec::new();
    // A file may grow while it is read: the bound is kept by the reading, not by the length seen before.
    io::Read::read_to_end(&mut io::Read::take(File::open(path)?, limit + 1), &mut bytes)?;
    Ok(if bytes.len() as u64 > limit { Content::TooLong } else { Content::Bytes(bytes) })
}

/// The folder itself is what is locked, so that no file of its own is left behind.
#[cfg(unix)]
fn open_lock(folder: &Path) -> io::Result<File> {
    File::open(folder)
}

#[cfg(not(unix))]
fn open_lock(folder: &Path) -> io::Result<File> {
    File::options().create(true).write(true).truncate(false).open(folder.join("lock"))
}

fn failure(error: &io::Error) -> DiskError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            DiskError::Full
        }
        _ => DiskError::Failed(error.raw_os_error().unwrap_or(-1)),
    }
}

/// Writes zeros, so that the space is really taken and a later sync has no length to record.
fn fill(file: &File, from: u64, to: u64) -> io::Result<()> {
    static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
    let mut at = from;
    while at < to {
        let length = usize::try_from(to - at).map_or(ZEROS.len(), |rest| rest.min(ZEROS.len()));
        write_all_at(file, ZEROS.get(..length).unwrap_or_default(), at)?;
        at += length as u64;
    }
    Ok(())
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(not(unix))]
fn write_all_at(mut file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    use std::io::{Seek, SeekFrom, Write};
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)
}

fn read_at(mut file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(offset))?;
    file.read(bytes)
}

impl Disk for FolderDisk {
    fn create(&mut self, file: FileId, length: u32) -> Result<(), DiskError> {
        let path = self.path(file);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        if matches!(file, FileId::Key(_)) {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        let created = options.open(&path).map_err(|error| failure(&error))?;
        if let Err(error) = fill(&created, 0, u64::from(length)) {
            drop(created);
            // Space for half a file is no space: the next try begins anew.
            fs::remove_file(&path).map_err(|error| failure(&error))?;
            return Err(failure(&error));
        }
        self.open = Some((file, created));
        if self.durability == Durability::Storage {
            self.file(file)?.sync_all().map_err(|error| failure(&error))?;
        }
        self.sync_names()
    }

    fn length(&mut self, file: FileId) -> Result<Option<u64>, DiskError> {
        Ok(self.metadata(file)?.map(|metadata| metadata.len()))
    }

    fn read_at(&mut self, file: FileId, offset: u32, bytes: &mut [u8]) -> Result<(), DiskError> {
        let source = self.file(file)?;
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match read_at(source, rest, u64::from(offset) + filled as u64) {
                Ok(0) => {
                    rest.fill(0);
                    break;
                }
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return self.noted(file, Err(error)),
            }
        }
        Ok(())
    }

    fn write_at(&mut self, file: FileId, offset: u32, bytes: &[u8]) -> Result<(), DiskError> {
        write_all_at(self.file(file)?, bytes, u64::from(offset)).map_err(|error| failure(&error))
    }

    fn sync(&mut self, file: FileId) -> Result<(), DiskError> {
        match self.durability {
            Durability::Process => Ok(()),
            Durability::Storage => self.file(file)?.sync_data().map_err(|error| failure(&error)),
        }
    }

    fn resize(&mut self, file: FileId, length: u32) -> Result<(), DiskError> {
        let opened = self.file(file)?;
        let now = opened.metadata().map_err(|error| failure(&error))?.len();
        let length = u64::from(length);
        if now < length { fill(opened, now, length) } else { opened.set_len(length) }
            .map_err(|error| failure(&error))
    }

    fn remove(&mut self, file: FileId) -> Result<(), DiskError> {
        self.open = None;
        match fs::remove_file(self.path(file)) {
            Ok(()) => self.sync_names(),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }

    fn segments(&mut self) -> Result<Option<(u32, u32)>, DiskError> {
        let mut range: Option<(u32, u32)> = None;
        for entry in fs::read_dir(&self.folder).map_err(|error| failure(&error))? {
            let name = entry.map_err(|error| failure(&error))?.file_name();
            let Some(FileId::Segment(number)) = name.to_str().and_then(own_file) else { continue };
            let (lowest, highest) = range.unwrap_or((number, number));
            range = Some((lowest.min(number), highest.max(number)));
        }
        Ok(range)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

    #[test]
    fn log_05_a_folder_whose_name_cannot_be_made_durable_is_not_made() {
        let above = std::env::temp_dir().join(format!("homeostat-names-{}", std::process::id()));
        fs::DirBuilder::new().mode(0o300).create(&above).expect("made");
        // Root may read everything.
        let may_read = File::open(&above).is_ok();
        let (kept, quick) = (above.join("kept/0001"), above.join("quick/0001"));
        let made = FolderDisk::writable(&kept, Durability::Storage);
        assert_eq!((made.is_ok(), kept.is_dir()), (may_read, may_read));
        if let Err(error) = made {
            let words = error.to_string();
            let expected =
                format!("{}: a new folder in it could not be made durable: ", above.display());
            assert!(words.starts_with(&expected), "{words}");
            assert!(!above.join("kept").exists(), "a second try would take it for durable");
        }
        FolderDisk::writable(&quick, Durability::Process).expect("nothing is promised");
        fs::set_permissions(&above, fs::Permissions::from_mode(0o700)).expect("set");
        fs::remove_dir_all(&above).expect("removed");
    }

    #[test]
    fn a_folder_whose_names_cannot_be_made_durable_is_named() {
        let nowhere = std::env::temp_dir().join("homeostat-nowhere/above");
        let error = open_names(&nowhere).expect_err("it is not there");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let words = error.to_string();
        assert!(words.starts_with(&nowhere.display().to_string()), "{words}");
        assert!(
            words
                .ends_with("let the user who runs this read it, or make the new folder beforehand")
        );
    }
}
