//! Lists of studies and trials, page by page.

use crate::app::{App, AppError, Page, StudyView, TrialView};
use crate::store::{self, TrialCursor, TrialOrder};
use search::fault::Faults;
use uuid::Uuid;

const LONGEST_PAGE: u32 = 500;

/// Which studies, from where.
#[derive(Clone, Debug, Default)]
pub struct StudyFilter {
    pub state: Option<String>,
    pub cursor: Option<String>,
    /// 50 when absent, at most 500.
    pub limit: Option<u32>,
}

/// Which trials of a study, in which order, from where.
#[derive(Clone, Debug, Default)]
pub struct TrialFilter {
    pub state: Option<String>,
    /// `number` (the default) or a metric or statistic; `-` in front for descending.
    pub sort: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<u32>,
}

impl App {
    /// Newest first.
    pub async fn study_list(&self, filter: &StudyFilter) -> Result<Page<StudyView>, AppError> {
        let limit = page_size(filter.limit)?;
        let before = filter.cursor.as_deref().map(|c| Uuid::parse_str(c).map_err(|_| bad_cursor())).transpose()?;
        let mut conn = self.relaxed.acquire().await?;
        let rows = store::study_list(&mut conn, filter.state.as_deref(), before, limit + 1).await?;
        Ok(page(rows.into_iter().map(super::study::view).collect(), limit, |study: &StudyView| study.id.to_string()))
    }

    pub async fn trial_list(&self, study: Uuid, filter: &TrialFilter) -> Result<Page<TrialView>, AppError> {
        let limit = page_size(filter.limit)?;
        let order = order(filter.sort.as_deref().unwrap_or("number"));
        let after = filter.cursor.as_deref().map(|c| read_cursor(c).ok_or_else(bad_cursor)).transpose()?;
        let mut conn = self.relaxed.acquire().await?;
        let rows = store::trial_list(&mut conn, study, filter.state.as_deref(), &order, after, limit + 1).await?;
        if rows.is_empty() && store::study_get(&mut conn, study).await?.is_none() {
            return Err(AppError::NotFound("study"));
        }
        let cursor = |(trial, value): &(TrialView, f64)| format!("{:016x}.{}", value.to_bits(), trial.number);
        let Page { items, next } = page(rows, limit, cursor);
        Ok(Page { items: items.into_iter().map(|(trial, _)| trial).collect(), next })
    }
}

pub(super) fn page_size(limit: Option<u32>) -> Result<i64, AppError> {
    match limit.unwrap_or(50) {
        n @ 1..=LONGEST_PAGE => Ok(n.into()),
        _ => Err(Faults::one("/limit", format!("1 to {LONGEST_PAGE}")).into()),
    }
}

/// A page of `limit` from rows of which one more was asked for.
pub(super) fn page<T>(mut rows: Vec<T>, limit: i64, cursor: impl Fn(&T) -> String) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(cursor);
    Page { items: rows, next }
}

fn order(sort: &str) -> TrialOrder {
    let (descending, name) = sort.strip_prefix('-').map_or((false, sort), |name| (true, name));
    TrialOrder { by: (name != "number").then(|| name.to_owned()), descending }
}

fn read_cursor(cursor: &str) -> Option<TrialCursor> {
    let (value, number) = cursor.split_once('.')?;
    let value = f64::from_bits(u64::from_str_radix(value, 16).ok()?);
    Some(TrialCursor { value, number: number.parse().ok()? })
}

pub(super) fn bad_cursor() -> AppError {
    Faults::one("/cursor", "the `next` of an earlier page").into()
}
