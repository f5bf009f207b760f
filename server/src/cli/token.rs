//! Tokens from the command line.

use super::client::Client;
use super::output::{Format, table, text};
use anyhow::Result;
use clap::Subcommand;
use serde_json::json;

#[derive(Subcommand, Debug)]
pub enum TokenCommand {
    /// Make a token; its secret is shown once
    Create {
        /// For people: whose it is
        name: String,
        /// admin, user or worker
        #[arg(long, default_value = "user")]
        role: String,
    },
    /// List tokens
    List,
    /// Revoke a token
    Revoke { id: String },
}

impl TokenCommand {
    pub async fn run(self, client: &Client, format: Format) -> Result<()> {
        match self {
            TokenCommand::Create { name, role } => {
                let token = client.post("/v1/tokens", &json!({"name": name, "role": role})).await?;
                format.print(&token, |token| {
                    let mut table = table(&["id", "role", "secret (shown once)"]);
                    table.add_row([text(token, "/id"), text(token, "/role"), text(token, "/secret")]);
                    table
                })
            }
            TokenCommand::List => format.print(&client.get("/v1/tokens").await?, |tokens| {
                let mut table = table(&["id", "name", "role", "created", "last used"]);
                for token in tokens.as_array().into_iter().flatten() {
                    let fields = ["/id", "/name", "/role", "/created_at", "/last_used_at"];
                    table.add_row(fields.map(|field| text(token, field)));
                }
                table
            }),
            TokenCommand::Revoke { id } => client.delete(&format!("/v1/tokens/{id}")).await.map(drop),
        }
    }
}
