//! Members of `.tar.gz` archives.

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

/// Writes one file of an archive to `to`. An archive that cannot be read is removed, so that the next try downloads it
/// again.
pub fn extract(archive: &Path, member: &str, to: &Path) -> Result<()> {
    match find(archive, member, to) {
        Ok(true) => Ok(()),
        Ok(false) => bail!("{} has no file `{member}`", archive.display()),
        Err(error) => {
            let _ = std::fs::remove_file(archive);
            Err(error).with_context(|| {
                format!("{} is damaged and was removed; run the command again to download it", archive.display())
            })
        }
    }
}

fn find(archive: &Path, member: &str, to: &Path) -> io::Result<bool> {
    let mut reader = tar::Archive::new(GzDecoder::new(BufReader::new(File::open(archive)?)));
    for entry in reader.entries()? {
        let mut entry = entry?;
        if entry.path()?.as_ref() == Path::new(member) {
            io::copy(&mut entry, &mut File::create(to)?)?;
            return Ok(true);
        }
    }
    Ok(false)
}
