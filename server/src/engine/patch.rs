//! Changing a study while it runs: its name and its limits, as a JSON merge patch (RFC 7396).

use crate::app::{App, AppError, LimitsView, StudyView};
use crate::store;
use search::fault::Faults;
use serde_json::Value;
use uuid::Uuid;

impl App {
    /// Takes `name`, `max_trials`, `max_epochs`, `timeout_seconds`, `parallel_trials`, `max_failed_trials`,
    /// `max_attempts`; `null` takes a limit away. At least one that ends the study must stay.
    pub async fn study_patch(&self, id: Uuid, change: &Value) -> Result<StudyView, AppError> {
        let mut tx = self.pool.begin().await?;
        let row = store::study_get(&mut tx, id).await?.ok_or(AppError::NotFound("study"))?;
        let mut limits = row.limits();
        let mut name = None;
        apply(change, &mut limits, &mut name)?;
        if limits != row.limits() && !store::study_limits(&mut tx, id, &limits).await? {
            return Err(AppError::Conflict(format!("a study that is {} has no limits to change", row.state)));
        }
        if let Some(name) = name {
            store::study_rename(&mut tx, id, &name).await?;
        }
        let event = super::control::study_event(&mut tx, id, &row.state, row.reason).await?;
        tx.commit().await?;
        self.bus.publish(event);
        self.bus.study_changed(id);
        self.study_get(id).await
    }
}

fn apply(change: &Value, limits: &mut LimitsView, name: &mut Option<String>) -> Result<(), Faults> {
    let Some(fields) = change.as_object() else { return Err(Faults::one("", "an object with the fields to change")) };
    let mut faults = Faults::default();
    for (field, value) in fields {
        let pointer = format!("/{field}");
        let mut take = |limit: &mut Option<i64>, least: i64| match (value.as_i64(), value.is_null()) {
            (_, true) => *limit = None,
            (Some(n), _) if n >= least => *limit = Some(n),
            _ => faults.push(pointer.clone(), format!("a whole number from {least}, or null for no limit")),
        };
        match field.as_str() {
            "max_trials" => take(&mut limits.max_trials, 1),
            "max_epochs" => take(&mut limits.max_epochs, 1),
            "max_failed_trials" => take(&mut limits.max_failed_trials, 0),
            "parallel_trials" => whole(&pointer, value, &mut limits.parallel_trials, &mut faults),
            "max_attempts" => whole(&pointer, value, &mut limits.max_attempts, &mut faults),
            "timeout_seconds" => match (value.as_f64(), value.is_null()) {
                (_, true) => limits.timeout_seconds = None,
                (Some(seconds), _) if seconds > 0.0 => limits.timeout_seconds = Some(seconds),
                _ => faults.push(pointer, "a number of seconds above 0, or null for no limit"),
            },
            "name" => match value.as_str().filter(|text| !text.trim().is_empty() && text.len() <= 200) {
                Some(text) => *name = Some(text.to_owned()),
                None => faults.push(pointer, "1 to 200 characters"),
            },
            _ => faults.push(pointer, "only the name and the limits of a study can be changed"),
        }
    }
    if limits.max_trials.is_none() && limits.max_epochs.is_none() && limits.timeout_seconds.is_none() {
        faults.push("", "one of max_trials, max_epochs, timeout_seconds must stay");
    }
    faults.or(())
}

fn whole(pointer: &str, value: &Value, limit: &mut i32, faults: &mut Faults) {
    match value.as_i64().and_then(|n| i32::try_from(n).ok()).filter(|n| *n > 0) {
        Some(n) => *limit = n,
        None => faults.push(pointer, "a whole number from 1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn limits() -> LimitsView {
        LimitsView {
            max_trials: Some(5),
            max_epochs: None,
            timeout_seconds: None,
            parallel_trials: 2,
            max_failed_trials: None,
            max_attempts: 3,
        }
    }

    #[test]
    fn fields_change_and_null_takes_a_limit_away() {
        let (mut limits, mut name) = (limits(), None);
        let change = json!({"max_trials": null, "timeout_seconds": 60, "parallel_trials": 8, "name": "new"});
        apply(&change, &mut limits, &mut name).unwrap();
        assert_eq!((limits.max_trials, limits.timeout_seconds, limits.parallel_trials), (None, Some(60.0), 8));
        assert_eq!(name.as_deref(), Some("new"));
    }

    #[test]
    fn all_faults_come_at_once() {
        let change = json!({"max_trials": null, "parallel_trials": 0, "seed": 3, "timeout_seconds": -1});
        let faults = apply(&change, &mut limits(), &mut None).unwrap_err();
        let pointers: Vec<&str> = faults.0.iter().map(|f| f.pointer.as_str()).collect();
        assert_eq!(pointers, ["/parallel_trials", "/seed", "/timeout_seconds", ""]);
    }
}
