//! Where artifacts are kept.

use crate::app::ArtifactPlace;
use clap::Args;
use std::path::Path;

#[derive(Args, Clone, Debug)]
pub struct ArtifactOptions {
    /// S3 bucket for artifacts; without it they are files in the data folder
    #[arg(long, env = "NASCENT_S3_BUCKET")]
    pub s3_bucket: Option<String>,

    /// Prefix of all keys in the bucket
    #[arg(long, env = "NASCENT_S3_PREFIX", default_value = "nascent")]
    pub s3_prefix: String,

    #[arg(long, env = "AWS_REGION", default_value = "us-east-1", help = "Region of the bucket")]
    pub s3_region: String,

    /// Address of an S3 store that is not Amazon's
    #[arg(long, env = "AWS_ENDPOINT_URL")]
    pub s3_endpoint: Option<String>,

    #[arg(long, env = "AWS_ACCESS_KEY_ID", hide_env_values = true, help = "Access key of the bucket")]
    pub s3_access_key: Option<String>,

    #[arg(long, env = "AWS_SECRET_ACCESS_KEY", hide_env_values = true, help = "Secret key of the bucket")]
    pub s3_secret_key: Option<String>,
}

impl ArtifactOptions {
    pub fn place(&self, data_dir: &Path) -> ArtifactPlace {
        match &self.s3_bucket {
            None => ArtifactPlace::Folder(data_dir.join("artifacts")),
            Some(bucket) => ArtifactPlace::S3 {
                bucket: bucket.clone(),
                prefix: self.s3_prefix.clone(),
                region: self.s3_region.clone(),
                endpoint: self.s3_endpoint.clone(),
                access_key: self.s3_access_key.clone(),
                secret_key: self.s3_secret_key.clone(),
            },
        }
    }
}
