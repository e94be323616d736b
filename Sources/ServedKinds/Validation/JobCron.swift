import Documents
import Quantities

/// CronJob (`ValidateCronJobCreate`, `ValidateCronJobUpdate`).
extension ObjectValidation {
  /// Checks a CronJob; `old` is absent for a new one.
  mutating func cronJob(_ object: Value, old: Value) {
    let oldSpec = old["spec"]
    field("spec", of: object) { check, spec in
      check.schedule(of: spec, oldSpec)
      check.expectNonNegative("startingDeadlineSeconds", of: spec, "cronjob/starting-deadline")
      if !oldSpec.isGiven || !spec["timeZone"].isIdentical(to: oldSpec["timeZone"]) {
        check.timeZone(of: spec)
      }
      check.expectOneOf(
        ["Allow", "Forbid", "Replace"], spec["concurrencyPolicy"], "cronjob/concurrency-policy",
        at: "concurrencyPolicy")
      check.field("jobTemplate", of: spec) { check, template in
        check.field("spec", of: template) { check, job in
          check.jobSpec(job)
          check.cronJobSelector(of: job)
        }
      }
      for name: StaticString in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        check.expectNonNegative(name, of: spec, "cronjob/history-limit")
      }
    }
    let name = object["metadata"]["name"]
    guard !oldSpec.isGiven, name.count > 52 else { return }
    field("metadata", of: object) { check, _ in
      check.report(
        "cronjob/name-length", .invalid, at: "name",
        "'\(name.shown)' must be no more than 52 characters",
        help: "its Jobs get 11 more characters, and 63 are the most")
    }
  }

  private mutating func cronJobSelector(of job: Value) {
    if job["selector"].isGiven {
      report(
        "cronjob/selector", .invalid, at: "selector",
        "the selector of the Jobs is made by the API server", help: "remove it")
    }
    if job["manualSelector"].isTrue {
      report(
        "cronjob/selector", .notSupported, at: "manualSelector",
        "the Jobs of a CronJob have no selector of their own", help: "remove 'manualSelector'")
    }
  }

  private mutating func schedule(of spec: Value, _ old: Value) {
    let schedule = spec["schedule"]
    if schedule.isUnset {
      require(
        "schedule", of: spec, "cronjob/schedule", help: "write one such as '0 3 * * *'")
      return
    }
    let text = schedule.shown
    if let problem = cronScheduleProblem(text) {
      report(
        "cronjob/schedule", .invalid, at: "schedule", "'\(text)': \(problem)",
        help: "the five fields are minute, hour, day of month, month and day of week")
    }
    guard text.contains("TZ") else { return }
    if !old["schedule"].shown.contains("TZ") {
      report(
        "cronjob/schedule-time-zone", .invalid, at: "schedule",
        "a schedule may not have 'TZ' or 'CRON_TZ'", help: "use the field 'timeZone'")
    } else if spec["timeZone"].isGiven {
      report(
        "cronjob/schedule-time-zone", .invalid, at: "schedule",
        "'timeZone' and 'TZ' in the schedule cannot both be used")
    }
  }

  private mutating func timeZone(of spec: Value) {
    let zone = spec["timeZone"]
    guard zone.isGiven else { return }
    let name = zone.shown
    if name.isEmpty {
      report(
        "cronjob/time-zone", .invalid, at: "timeZone", "the time zone is empty",
        help: "remove the field for the zone of the cluster, or write one such as 'Europe/Berlin'")
    } else if name.lowercased() == "local" {
      report(
        "cronjob/time-zone", .invalid, at: "timeZone",
        "'\(name)' is not a zone of the time zone database")
    } else if !isTimeZone(name) {
      let nearest = nearestTimeZone(to: name)
      report(
        "cronjob/time-zone", .invalid, at: "timeZone", "unknown time zone '\(name)'",
        help: nearest.map { "write '\($0)'" })
    }
  }
}
