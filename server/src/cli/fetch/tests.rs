//! Downloads from a server that is cut off, lies, or knows no ranges.

use super::{copy, download, verify};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use search::dataset::ManifestFile;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const CONTENT: &[u8] = b"0123456789abcdef";

/// A source of one file, and where it is to go.
struct Source {
    file: ManifestFile,
    to: PathBuf,
    /// `Range` headers as they came.
    asked: Arc<Mutex<Vec<Option<String>>>>,
    _folder: TempDir,
}

#[derive(Clone)]
struct Behaviour {
    knows_ranges: bool,
    content: &'static [u8],
    asked: Arc<Mutex<Vec<Option<String>>>>,
}

async fn answer(State(behaviour): State<Behaviour>, headers: HeaderMap) -> Response {
    let range = headers.get(header::RANGE).map(|range| range.to_str().unwrap().to_owned());
    behaviour.asked.lock().unwrap().push(range.clone());
    let first = range.filter(|_| behaviour.knows_ranges);
    let first = first.map(|range| range.trim_start_matches("bytes=").trim_end_matches('-').parse::<usize>().unwrap());
    match first {
        None => behaviour.content.into_response(),
        Some(first) if first >= behaviour.content.len() => StatusCode::RANGE_NOT_SATISFIABLE.into_response(),
        Some(first) => (StatusCode::PARTIAL_CONTENT, &behaviour.content[first..]).into_response(),
    }
}

impl Source {
    async fn new(knows_ranges: bool, content: &'static [u8]) -> Source {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let behaviour = Behaviour { knows_ranges, content, asked: asked.clone() };
        let service = Router::new().route("/file", get(answer)).with_state(behaviour);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/file", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, service).await });
        let folder = tempfile::tempdir().unwrap();
        let sha256 = Some(hex::encode(Sha256::digest(CONTENT)));
        let file = ManifestFile { path: "file".into(), sha256, url: Some(url) };
        Source { file, to: folder.path().join("file"), asked, _folder: folder }
    }

    async fn download(&self) -> anyhow::Result<()> {
        download(&self.file, &self.to, &self.archives()).await
    }

    fn archives(&self) -> PathBuf {
        self.to.with_file_name("archives")
    }

    fn part(&self) -> PathBuf {
        self.to.with_file_name("file.part")
    }

    fn asked(&self) -> Vec<Option<String>> {
        self.asked.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_download_goes_on_where_it_was_cut_off() {
    let source = Source::new(true, CONTENT).await;
    std::fs::write(source.part(), &CONTENT[..6]).unwrap();
    source.download().await.unwrap();
    assert_eq!(std::fs::read(&source.to).unwrap(), CONTENT);
    assert_eq!(source.asked(), [Some("bytes=6-".to_owned())]);
    assert!(!source.part().exists());
}

#[tokio::test]
async fn a_download_that_was_whole_is_only_named() {
    let source = Source::new(true, CONTENT).await;
    std::fs::write(source.part(), CONTENT).unwrap();
    source.download().await.unwrap();
    assert_eq!(std::fs::read(&source.to).unwrap(), CONTENT);
}

#[tokio::test]
async fn a_server_without_ranges_sends_all_again() {
    let source = Source::new(false, CONTENT).await;
    std::fs::write(source.part(), b"old").unwrap();
    source.download().await.unwrap();
    assert_eq!(std::fs::read(&source.to).unwrap(), CONTENT);
}

#[tokio::test]
async fn wrong_content_never_takes_the_name() {
    let source = Source::new(true, b"something else!!").await;
    let error = source.download().await.unwrap_err().to_string();
    assert!(error.contains("has sha256"), "{error}");
    assert!(!source.to.exists() && !source.part().exists());
}

#[tokio::test]
async fn who_is_offline_is_told_what_to_do() {
    let mut source = Source::new(true, CONTENT).await;
    source.file.url = Some("http://127.0.0.1:1/file".into());
    let error = source.download().await.unwrap_err().to_string();
    assert!(error.contains("--from DIR"), "{error}");
    source.file.url = None;
    let error = source.download().await.unwrap_err().to_string();
    assert!(error.contains("--from DIR"), "{error}");
}

#[tokio::test]
async fn copies_are_verified_too() {
    let source = Source::new(true, CONTENT).await;
    let original = source.to.with_file_name("original");
    std::fs::write(&original, CONTENT).unwrap();
    copy(&original, &source.to, &source.file).unwrap();
    assert!(verify(&source.to, &source.file).is_ok());
    std::fs::write(&original, b"spoiled").unwrap();
    assert!(copy(&original, &source.to.with_file_name("second"), &source.file).is_err());
    assert!(!source.to.with_file_name("second").exists());
}

/// A `.tar.gz` with two files.
fn archive() -> &'static [u8] {
    let packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(packed);
    for (name, content) in [("set/other.bin", b"something else".as_slice()), ("set/data.bin", CONTENT)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, content).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap().leak()
}

fn member(source: &mut Source, name: &str) {
    let url = source.file.url.take().unwrap();
    source.file.url = Some(format!("{url}#{name}"));
}

#[tokio::test]
async fn a_file_is_taken_out_of_an_archive_that_is_downloaded_once() {
    let mut source = Source::new(true, archive()).await;
    member(&mut source, "set/data.bin");
    source.download().await.unwrap();
    assert_eq!(std::fs::read(&source.to).unwrap(), CONTENT);
    std::fs::remove_file(&source.to).unwrap();
    source.download().await.unwrap();
    assert_eq!(source.asked().len(), 1);
}

#[tokio::test]
async fn a_missing_member_and_a_damaged_archive_are_told_apart() {
    let mut source = Source::new(true, archive()).await;
    member(&mut source, "set/nothing.bin");
    let error = format!("{:#}", source.download().await.unwrap_err());
    assert!(error.contains("has no file `set/nothing.bin`"), "{error}");
    let mut damaged = Source::new(true, &archive()[..60]).await;
    member(&mut damaged, "set/data.bin");
    let error = format!("{:#}", damaged.download().await.unwrap_err());
    assert!(error.contains("damaged"), "{error}");
    assert!(!damaged.archives().join("file").exists() && !damaged.to.exists());
}
