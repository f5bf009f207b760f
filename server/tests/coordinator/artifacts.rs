//! Artifacts: fenced, hashed, limited, in parts, and never outside of their folder.

use crate::coordinator;
use crate::support::{Coordinator, done, external};
use bytes::Bytes;
use futures::TryStreamExt;
use search::work::Lease;
use serde_json::json;
use server::app::{AppError, ArtifactView};
use server::artifact::{Range, Upload};

async fn put(c: &Coordinator, lease: &Lease, name: &str, hash: Option<&str>) -> Result<ArtifactView, AppError> {
    let chunks = [Bytes::from_static(b"0123456789"), Bytes::from_static(b"abcdef")];
    let body = futures::stream::iter(chunks.map(Ok::<_, std::io::Error>));
    let upload = Upload { work_id: &lease.work_id, token: &lease.token, name, sha256: hash };
    c.app.artifact_put(upload, body).await
}

async fn get(c: &Coordinator, artifact: &ArtifactView, range: Range) -> Vec<u8> {
    let download = c.app.artifact_get(artifact.id, range).await.unwrap();
    let chunks: Vec<Bytes> = download.body.try_collect().await.unwrap();
    chunks.concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_up_comes_down_whole_and_in_parts() {
    let c = coordinator!();
    c.submit(&external(10, json!({}))).await;
    let lease = c.must_lease("w").await;
    let artifact = put(&c, &lease, "weights", None).await.unwrap();
    assert_eq!((artifact.size, artifact.name.as_str()), (16, "weights"));
    assert_eq!(get(&c, &artifact, Range::All).await, b"0123456789abcdef");
    assert_eq!(get(&c, &artifact, Range::From { first: 8, last: Some(11) }).await, b"89ab");
    assert_eq!(get(&c, &artifact, Range::Last(2)).await, b"ef");
    let outside = c.app.artifact_get(artifact.id, Range::From { first: 16, last: None }).await;
    assert!(matches!(outside.map(|d| d.start), Err(AppError::Conflict(_))));
    let again = put(&c, &lease, "weights", Some(&artifact.sha256)).await.unwrap();
    let trial = again.trial_id.unwrap();
    assert_eq!(c.app.artifact_list(trial).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_hash_a_bad_name_and_a_stale_token_leave_nothing() {
    let c = coordinator!(|settings| settings.artifact_limit = 20);
    c.submit(&external(10, json!({}))).await;
    let lease = c.must_lease("w").await;
    assert!(matches!(put(&c, &lease, "x", Some("00")).await, Err(AppError::WrongHash { .. })));
    for name in ["../../etc/passwd", "", "a/b", ".hidden"] {
        assert!(matches!(put(&c, &lease, name, None).await, Err(AppError::Invalid(_))), "{name}");
    }
    let body = futures::stream::iter((0..3).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"0123456789"))));
    let upload = Upload { work_id: &lease.work_id, token: &lease.token, name: "long", sha256: None };
    assert!(matches!(c.app.artifact_put(upload, body).await, Err(AppError::TooLarge { limit: 20 })));
    c.outcome(&lease, done("score", 1.0)).await.unwrap();
    assert!(matches!(put(&c, &lease, "late", None).await, Err(AppError::Stale)));
    assert_eq!(c.sql_count("SELECT count(*) FROM artifacts").await, 0);
}
