//! Artifacts over HTTP: hashed, limited, in parts, and nothing but ids in their addresses.

use crate::app::{ARTIFACT_BYTES, TestApp, done, external, word};
use crate::service;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const CONTENT: &[u8] = b"0123456789abcdef";

async fn leased(app: &TestApp) -> Value {
    app.must_submit(&external(json!({}))).await;
    app.must_lease("trainer").await
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_come_back_whole_and_in_parts() {
    let app = service!();
    let lease = leased(&app).await;
    let hash = hex::encode(Sha256::digest(CONTENT));
    let stored = app.upload(&lease, "weights", CONTENT.into(), Some(&hash)).await.expect(StatusCode::CREATED);
    assert_eq!((word(&stored, "sha256"), &stored["size"]), (hash.as_str(), &json!(16)));
    let path = format!("/v1/artifacts/{}", word(&stored, "id"));
    let whole = app.get(&path).await;
    assert_eq!((whole.status, whole.bytes.as_slice()), (StatusCode::OK, CONTENT));
    assert_eq!(whole.header("etag"), format!("\"{hash}\""));
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.header("content-disposition"), "attachment; filename=\"weights.safetensors\"");
    for (range, part, place) in [
        ("bytes=10-", &CONTENT[10..], "bytes 10-15/16"),
        ("bytes=2-4", &CONTENT[2..5], "bytes 2-4/16"),
        ("bytes=-3", &CONTENT[13..], "bytes 13-15/16"),
    ] {
        let answer = app.send(app.request(Method::GET, &path).header("range", range)).await;
        assert_eq!((answer.status, answer.bytes.as_slice()), (StatusCode::PARTIAL_CONTENT, part), "{range}");
        assert_eq!(answer.header("content-range"), place);
    }
    let outside = app.send(app.request(Method::GET, &path).header("range", "bytes=16-")).await;
    outside.problem(416, "out-of-range");
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_are_not_compressed_on_the_way() {
    let app = service!();
    let lease = leased(&app).await;
    let stored = app.upload(&lease, "weights", vec![7; 10_000], None).await.expect(StatusCode::CREATED);
    let request = app.request(Method::GET, &format!("/v1/artifacts/{}", word(&stored, "id")));
    let answer = app.send(request.header("accept-encoding", "gzip")).await;
    assert_eq!((answer.bytes.len(), answer.header("content-length")), (10_000, "10000"));
    assert_eq!(answer.header("content-encoding"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_is_refused_with_a_reason() {
    let app = service!();
    let lease = leased(&app).await;
    app.upload(&lease, "weights", CONTENT.into(), Some(&"0".repeat(64))).await.problem(422, "wrong-hash");
    let long = vec![0; ARTIFACT_BYTES as usize + 1];
    app.upload(&lease, "weights", long, None).await.problem(413, "too-large");
    let pointers = app.upload(&lease, "../../etc/passwd", CONTENT.into(), None).await.problem(422, "invalid");
    assert_eq!(pointers, ["/name"]);
    app.outcome(&lease, done(1.0)).await.expect(StatusCode::OK);
    app.upload(&lease, "late", CONTENT.into(), None).await.problem(409, "stale-lease");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_cannot_leave_the_store() {
    let app = service!();
    for id in ["..%2f..%2f..%2fetc%2fpasswd", "..%5c..%5cpasswd", "%00", "nothing"] {
        let answer = app.get(&format!("/v1/artifacts/{id}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{id}");
        assert!(!answer.text().contains("root:"), "{id}");
    }
    app.get("/v1/artifacts/00000000-0000-7000-8000-000000000000").await.problem(404, "not-found");
}
