//! Tokens and idempotency keys.

use crate::coordinator;
use crate::support::external;
use serde_json::json;
use server::app::{AppError, Role};

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_known_by_their_secret_alone_until_revoked() {
    let c = coordinator!();
    let (token, secret) = c.app.token_create("ci", Role::Worker).await.unwrap();
    let found = c.app.token_verify(&secret).await.unwrap().unwrap();
    assert_eq!((found.token_id, found.role), (token.id, Role::Worker));
    assert!(c.app.token_verify("nascent_guess").await.unwrap().is_none());
    let stored: Vec<u8> = sqlx::query_scalar("SELECT sha256 FROM tokens").fetch_one(&c.app.pool).await.unwrap();
    assert!(!secret.as_bytes().windows(stored.len()).any(|part| part == stored));
    assert_eq!(c.app.token_list().await.unwrap().len(), 1);
    c.app.token_revoke(token.id).await.unwrap();
    assert!(c.app.token_verify(&secret).await.unwrap().is_none());
    assert!(matches!(c.app.token_revoke(token.id).await, Err(AppError::NotFound("token"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_makes_one_study() {
    let c = coordinator!();
    let document = external(10, json!({}));
    let sent = (0..6).map(|_| c.app.study_submit(&document, Some("key-1")));
    let answers = futures::future::join_all(sent).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|a| a.created).count(), 1);
    assert!(answers.iter().all(|a| a.study.id == answers[0].study.id));
    assert_eq!(c.sql_count("SELECT count(*) FROM studies").await, 1);
    let other = c.app.study_submit(&external(11, json!({})), Some("key-1")).await;
    assert!(matches!(other, Err(AppError::Conflict(_))));
}
