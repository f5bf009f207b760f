//! Downloads, whole or in part.

use crate::app::{App, AppError, ArtifactView};
use crate::store;
use bytes::Bytes;
use futures::stream::BoxStream;
use uuid::Uuid;

/// A byte range as a client asks for it (RFC 9110, section 14.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    All,
    /// `bytes=first-` and `bytes=first-last`; `last` is included.
    From {
        first: u64,
        last: Option<u64>,
    },
    /// `bytes=-count`.
    Last(u64),
}

pub struct Download {
    pub artifact: ArtifactView,
    /// The part that is sent, `start..end`.
    pub start: u64,
    pub end: u64,
    pub body: BoxStream<'static, Result<Bytes, std::io::Error>>,
}

impl App {
    /// Opens an artifact. A range that lies outside is [`AppError::Conflict`] (416 over HTTP).
    pub async fn artifact_get(&self, id: Uuid, range: Range) -> Result<Download, AppError> {
        let artifact = self.artifact_info(id).await?;
        let size = u64::try_from(artifact.size).unwrap_or(0);
        let (start, end) = bounds(range, size)
            .ok_or_else(|| AppError::Conflict(format!("the range lies outside of the {size} bytes")))?;
        let body = self.artifacts.get(id, start, end).await?;
        Ok(Download { artifact, start, end, body })
    }

    pub async fn artifact_info(&self, id: Uuid) -> Result<ArtifactView, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        store::artifact_get(&mut conn, id).await?.ok_or(AppError::NotFound("artifact"))
    }
}

fn bounds(range: Range, size: u64) -> Option<(u64, u64)> {
    match range {
        Range::All => Some((0, size)),
        Range::From { first, last } => {
            let end = last.map_or(size, |last| last.saturating_add(1).min(size));
            (first < end).then_some((first, end))
        }
        Range::Last(count) => (count > 0 && size > 0).then(|| (size.saturating_sub(count), size)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_at_the_end_and_refused_outside() {
        assert_eq!(bounds(Range::All, 0), Some((0, 0)));
        assert_eq!(bounds(Range::From { first: 2, last: None }, 10), Some((2, 10)));
        assert_eq!(bounds(Range::From { first: 2, last: Some(4) }, 10), Some((2, 5)));
        assert_eq!(bounds(Range::From { first: 2, last: Some(400) }, 10), Some((2, 10)));
        assert_eq!(bounds(Range::From { first: 10, last: None }, 10), None);
        assert_eq!(bounds(Range::Last(3), 10), Some((7, 10)));
        assert_eq!(bounds(Range::Last(30), 10), Some((0, 10)));
        assert_eq!(bounds(Range::Last(0), 10), None);
    }
}
