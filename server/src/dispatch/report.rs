//! Reports: heartbeat, curve points, checkpoint; answered with what the worker is to do.

use super::parse_id;
use crate::app::{App, AppError};
use crate::store::{self, Fenced, ReportWrite};
use search::fault::Faults;
use search::work::{CurvePoint, Directive, Report, ReportAnswer};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Probabilities are named by decision and label, which can be long.
const LONGEST_METRIC: usize = 300;

impl App {
    /// Renews the lease and writes what was reported; [`AppError::Stale`] when the lease is no longer the caller's.
    pub async fn work_report(&self, work_id: &str, report: &Report) -> Result<ReportAnswer, AppError> {
        let work = parse_id(work_id, "work")?;
        let token = Uuid::parse_str(&report.token).map_err(|_| AppError::Stale)?;
        check(report)?;
        let points = last_of_each(&report.points);
        let checkpoint = report.checkpoint.as_ref().map(|c| parse_id(&c.0, "artifact")).transpose()?;
        let write = ReportWrite {
            work,
            token,
            points: &points,
            progress: report.progress,
            checkpoint,
            seconds: self.lease_seconds(),
        };
        let mut lane = self.relaxed_lanes.take().await?;
        let written = store::work_report(&mut lane, &write).await?;
        lane.keep();
        let Fenced::Applied(renewed) = written else { return Err(AppError::Stale) };
        if !points.is_empty() {
            self.bus.curve_changed(renewed.study_id, renewed.trial_id, work, &points);
        }
        if renewed.trial_id.is_none() && report.progress.is_some() {
            self.bus.run_changed(renewed.study_id, work, "leased", report.progress);
        }
        let directive = renewed.directive.as_deref().map_or(Directive::Continue, directive);
        Ok(ReportAnswer { directive, deadline: renewed.deadline.to_rfc3339() })
    }
}

fn check(report: &Report) -> Result<(), Faults> {
    let mut faults = Faults::default();
    if report.progress.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
        faults.push("/progress", "a share between 0 and 1");
    }
    for (i, point) in report.points.iter().enumerate() {
        if point.metric.is_empty() || point.metric.len() > LONGEST_METRIC {
            faults.push(format!("/points/{i}/metric"), format!("a name of 1 to {LONGEST_METRIC} characters"));
        }
        if i32::try_from(point.step).is_err() {
            faults.push(format!("/points/{i}/step"), "less than 2^31");
        }
    }
    faults.or(())
}

/// Of points with the same metric and step the last one: one statement cannot write a row twice.
fn last_of_each(points: &[CurvePoint]) -> Vec<CurvePoint> {
    let last: BTreeMap<(&str, u32), &CurvePoint> = points.iter().map(|p| ((p.metric.as_str(), p.step), p)).collect();
    last.into_values().cloned().collect()
}

fn directive(word: &str) -> Directive {
    match word {
        "stop" => Directive::Stop,
        "release" => Directive::Release,
        _ => Directive::Cancel,
    }
}
