//! Bearer tokens: made once, shown once, stored as a hash.

use super::{App, AppError, TokenView};
use crate::store;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What a token allows. `Admin` manages tokens, `User` runs studies, `Worker` leases and reports.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    User,
    Worker,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::User => "user",
            Role::Worker => "worker",
        }
    }

    pub fn parse(word: &str) -> Option<Role> {
        [Role::Admin, Role::User, Role::Worker].into_iter().find(|role| role.as_str() == word)
    }
}

/// Who holds a valid token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub token_id: Uuid,
    pub name: String,
    pub role: Role,
}

impl App {
    /// Makes a token; the secret is returned here and never again.
    pub async fn token_create(&self, name: &str, role: Role) -> Result<(TokenView, String), AppError> {
        let mut bytes = [0u8; 32];
        rand::rngs::OsRng.try_fill_bytes(&mut bytes).map_err(anyhow::Error::new)?;
        let secret = format!("nascent_{}", URL_SAFE_NO_PAD.encode(bytes));
        let mut conn = self.pool.acquire().await?;
        let view = store::token_insert(&mut conn, Uuid::now_v7(), name, role.as_str(), &digest(&secret)).await?;
        Ok((view, secret))
    }

    /// Tokens that are not revoked, oldest first.
    pub async fn token_list(&self) -> Result<Vec<TokenView>, AppError> {
        let mut conn = self.pool.acquire().await?;
        Ok(store::token_list(&mut conn).await?)
    }

    pub async fn token_revoke(&self, id: Uuid) -> Result<(), AppError> {
        let mut conn = self.pool.acquire().await?;
        if store::token_revoke(&mut conn, id).await? { Ok(()) } else { Err(AppError::NotFound("token")) }
    }

    /// The holder of this secret; `None` when there is no such token or it was revoked.
    pub async fn token_verify(&self, secret: &str) -> Result<Option<Identity>, AppError> {
        let mut lane = self.relaxed_lanes.take().await?;
        let found = store::token_find(&mut lane, &digest(secret)).await?;
        lane.keep();
        let Some(token) = found else { return Ok(None) };
        let role =
            Role::parse(&token.role).ok_or_else(|| anyhow::anyhow!("token {} has role {}", token.id, token.role))?;
        Ok(Some(Identity { token_id: token.id, name: token.name, role }))
    }
}

fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}
