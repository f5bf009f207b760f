//! Getting the files of data sets: copied or downloaded, resumed, and named only when their hash is right.

mod archive;

use super::client::part_of;
use anyhow::{Context, Result, bail, ensure};
use futures::StreamExt;
use reqwest::StatusCode;
use search::dataset::ManifestFile;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;
use tokio::io::AsyncWriteExt;

/// Copies a file and verifies it.
pub fn copy(from: &Path, to: &Path, file: &ManifestFile) -> Result<()> {
    let part = part_of(to);
    std::fs::copy(from, &part).with_context(|| format!("copying {}", from.display()))?;
    finish(&part, to, file)
}

/// Downloads a file. Where the address names a member of an archive (`….tar.gz#member`), the archive is downloaded once
/// into the folder `archives` and the member taken out of it.
pub async fn download(file: &ManifestFile, to: &Path, archives: &Path) -> Result<()> {
    let Some(url) = &file.url else {
        bail!("{} has no address to download from; copy the files with --from DIR", file.path);
    };
    let part = part_of(to);
    let Some((address, member)) = url.split_once('#') else {
        stream(url, &part).await?;
        return finish(&part, to, file);
    };
    let name = address.rsplit('/').next().filter(|name| !name.is_empty()).context("the address names no archive")?;
    let archive = archives.join(name);
    if !archive.exists() {
        std::fs::create_dir_all(archives).with_context(|| format!("creating {}", archives.display()))?;
        let unfinished = part_of(&archive);
        stream(address, &unfinished).await?;
        std::fs::rename(&unfinished, &archive).with_context(|| format!("naming {}", archive.display()))?;
    }
    let (member, target) = (member.to_owned(), part.clone());
    tokio::task::spawn_blocking(move || archive::extract(&archive, &member, &target)).await??;
    finish(&part, to, file)
}

/// Downloads into `part`, going on where an interrupted download ended.
async fn stream(url: &str, part: &Path) -> Result<()> {
    let have = std::fs::metadata(part).map_or(0, |meta| meta.len());
    let http = reqwest::Client::builder().build().context("preparing HTTPS (are root certificates installed?)")?;
    let mut request = http.get(url);
    if have > 0 {
        request = request.header("Range", format!("bytes={have}-"));
    }
    let offline = || format!("cannot reach {url}; offline, fetch the file elsewhere and use --from DIR");
    let response = request.send().await.with_context(offline)?;
    match response.status() {
        StatusCode::PARTIAL_CONTENT | StatusCode::OK => {}
        // All of it is there.
        StatusCode::RANGE_NOT_SATISFIABLE => return Ok(()),
        status => bail!("{url} answers {status}"),
    }
    let resumes = response.status() == StatusCode::PARTIAL_CONTENT;
    let mut options = tokio::fs::OpenOptions::new();
    let mut sink = options.create(true).append(resumes).write(true).truncate(!resumes).open(part).await?;
    let mut body = response.bytes_stream();
    while let Some(chunk) = body.next().await {
        sink.write_all(&chunk.context("the download was cut off; run the command again to resume it")?).await?;
    }
    Ok(sink.flush().await?)
}

/// A file takes its name only when its hash is right.
fn finish(part: &Path, to: &Path, file: &ManifestFile) -> Result<()> {
    if let Err(error) = verify(part, file) {
        let _ = std::fs::remove_file(part);
        return Err(error);
    }
    std::fs::rename(part, to).with_context(|| format!("naming {}", to.display()))
}

/// Whether a file has the hash of its manifest.
pub fn verify(path: &Path, file: &ManifestFile) -> Result<()> {
    let mut source = std::fs::File::open(path).with_context(|| format!("opening {}", path.display()))?;
    let Some(expected) = &file.sha256 else { return Ok(()) };
    let mut hash = Sha256::new();
    let mut buffer = vec![0u8; 1 << 20];
    loop {
        match source.read(&mut buffer)? {
            0 => break,
            count => hash.update(&buffer[..count]),
        }
    }
    let found = hex::encode(hash.finalize());
    ensure!(&found == expected, "{} has sha256 {found}, not {expected}", path.display());
    Ok(())
}

#[cfg(test)]
mod tests;
