//! The report as text: a line for each check, what failed in detail, the score last.

use std::fmt;

use crate::duty::DUTIES;
use crate::report::{AnswerShown, Failure, Outcome, Report, RequestShown, Score, Verdict};

/// The longest body shown, in characters.
const BODY: usize = 300;

impl fmt::Display for Outcome {
    /// One line, without a line break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.verdict {
            Verdict::Pass { .. } => "pass",
            Verdict::Fail(_) => "FAIL",
            Verdict::Skipped { .. } => "skip",
        };
        write!(f, "{word}  {:<10}  {:<46}  {}", self.level, self.id, self.title)?;
        match &self.verdict {
            Verdict::Pass { note: Some(note) } => write!(f, " ({})", one_line(note)),
            Verdict::Skipped { reason } => write!(f, " ({})", one_line(reason)),
            Verdict::Pass { note: None } | Verdict::Fail(_) => Ok(()),
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped } = *self;
        match self.ratio() {
            // Rounded down: 100.0 % is said of nothing that has a failure.
            Some(ratio) => write!(f, "{:>5.1} %", (ratio * 1000.0).floor() / 10.0)?,
            None => write!(f, "    - %")?,
        }
        write!(f, "  {passed} of {} passed", passed + failed)?;
        if skipped > 0 {
            write!(f, ", {skipped} skipped")?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urls = [self.http.as_deref().map(|u| ("HTTP", u)), self.grpc.as_deref().map(|u| ("gRPC", u))];
        let urls: Vec<_> = urls.iter().flatten().map(|(what, url)| format!("{what} at {url}")).collect();
        writeln!(f, "OTLP receiver conformance, {}", urls.join(", "))?;
        writeln!(f, "{}\n", self.started.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))?;
        for outcome in &self.outcomes {
            writeln!(f, "{outcome}")?;
        }
        if self.failed().next().is_some() {
            writeln!(f, "\nFailed checks")?;
        }
        for (outcome, failure) in self.failed() {
            writeln!(f, "\n{}", outcome.id)?;
            let duty = outcome.duty();
            writeln!(f, "  duty {} ({}): {} [{}]", duty.number, outcome.level, duty.title, duty.section)?;
            write!(f, "{failure}")?;
        }
        writeln!(f)?;
        for duty in self.duties.iter().filter(|d| d.score != Score::default()) {
            let title = DUTIES[usize::from(duty.duty) - 1].title;
            writeln!(f, "duty {:<5}  {:<37}  {title}", duty.duty, duty.score.to_string())?;
        }
        writeln!(f)?;
        for level in self.levels.iter().filter(|l| l.score != Score::default()) {
            writeln!(f, "{:<10}  {}", level.level, level.score)?;
        }
        write!(f, "{:<10}  {}", "all", self.score)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  expected  {}", self.expected)?;
        writeln!(f, "  found     {}", one_line(&self.found))?;
        if let Some(request) = &self.request {
            write!(f, "{request}")?;
        }
        if let Some(answer) = &self.answer {
            write!(f, "{answer}")?;
        }
        Ok(())
    }
}

impl fmt::Display for RequestShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  request   {} {}", self.method, self.path)?;
        headers(f, &self.headers)?;
        body(f, self.body_bytes, &self.body)
    }
}

impl fmt::Display for AnswerShown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  answer    HTTP status {}", self.status)?;
        headers(f, &self.headers)?;
        if let Some(status) = &self.grpc_status {
            let message = self.grpc_message.as_deref().unwrap_or_default();
            writeln!(f, "            grpc-status: {status}, grpc-message: {}", one_line(message))?;
        }
        if let Some(details) = &self.grpc_details {
            writeln!(f, "            grpc-status-details-bin: {}", details.join(", "))?;
        }
        body(f, self.body_bytes, &self.body)
    }
}

fn headers(f: &mut fmt::Formatter<'_>, headers: &[(String, String)]) -> fmt::Result {
    // Those of gRPC's end are shown in words.
    for (name, value) in
        headers.iter().filter(|(name, _)| !name.starts_with("grpc-status") && name != "grpc-message")
    {
        writeln!(f, "            {name}: {}", one_line(value))?;
    }
    Ok(())
}

fn body(f: &mut fmt::Formatter<'_>, length: usize, start: &str) -> fmt::Result {
    if length == 0 {
        return writeln!(f, "            (no body)");
    }
    writeln!(f, "            ({length} bytes) {}", one_line(start))
}

/// Text for a line: no line breaks, and not too long.
fn one_line(text: &str) -> String {
    let mut line: String = text.chars().take(BODY).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(BODY).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::duty::Level;

    fn outcome(id: &str, level: Level, verdict: Verdict) -> Outcome {
        Outcome { id: id.into(), duty: 1, level, title: "gRPC: gzip is taken".into(), verdict }
    }

    fn report() -> Report {
        let request = RequestShown {
            method: "POST".into(),
            path: "/v1/traces".into(),
            headers: vec![("content-type".into(), "application/json".into())],
            body_bytes: 2,
            body: "{}".into(),
        };
        let answer = AnswerShown {
            status: 500,
            headers: vec![("content-type".into(), "text/plain".into())],
            body_bytes: 9,
            body: "two\nlines".into(),
            grpc_status: None,
            grpc_message: None,
            grpc_details: None,
        };
        let failure = Failure {
            expected: "HTTP status 200".into(),
            found: "HTTP status 500".into(),
            request: Some(request),
            answer: Some(answer),
        };
        let outcomes = vec![
            outcome("grpc-gzip", Level::Must, Verdict::Pass { note: None }),
            outcome("http-gzip", Level::Must, Verdict::Fail(Box::new(failure))),
            outcome("grpc-zstd", Level::May, Verdict::Skipped { reason: "not offered".into() }),
            outcome("grpc-members", Level::Robustness, Verdict::Pass { note: Some("slowly".into()) }),
        ];
        let started = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        Report::new(Some("http://h:4318".into()), None, started, outcomes)
    }

    #[test]
    fn a_report_shows_failures_in_detail_and_the_score_last() {
        insta::assert_snapshot!(report().to_string(), @"
        OTLP receiver conformance, HTTP at http://h:4318
        2026-09-21T14:13:20Z

        pass  MUST        grpc-gzip                                       gRPC: gzip is taken
        FAIL  MUST        http-gzip                                       gRPC: gzip is taken
        skip  MAY         grpc-zstd                                       gRPC: gzip is taken (not offered)
        pass  robustness  grpc-members                                    gRPC: gzip is taken (slowly)

        Failed checks

        http-gzip
          duty 1 (MUST): no compression and gzip are understood on every transport [Protocol Details]
          expected  HTTP status 200
          found     HTTP status 500
          request   POST /v1/traces
                    content-type: application/json
                    (2 bytes) {}
          answer    HTTP status 500
                    content-type: text/plain
                    (9 bytes) two lines

        duty 1       66.6 %  2 of 3 passed, 1 skipped      no compression and gzip are understood on every transport

        MUST         50.0 %  1 of 2 passed
        MAY             - %  0 of 0 passed, 1 skipped
        robustness  100.0 %  1 of 1 passed
        all          66.6 %  2 of 3 passed, 1 skipped
        ");
    }

    #[test]
    fn a_report_is_json_for_programs() {
        let json = serde_json::to_value(report()).unwrap();
        let short =
            serde_json::json!([json["score"], json["levels"][3], json["duties"][0], json["outcomes"][3]]);
        insta::assert_snapshot!(short, @r#"[{"failed":1,"passed":2,"skipped":1},{"failed":0,"level":"robustness","passed":1,"skipped":0},{"duty":1,"failed":1,"passed":2,"skipped":1},{"duty":1,"id":"grpc-members","level":"robustness","note":"slowly","title":"gRPC: gzip is taken","verdict":"pass"}]"#);
        let failed = &json["outcomes"][1];
        insta::assert_snapshot!(failed, @r#"{"answer":{"body":"two\nlines","body_bytes":9,"headers":[["content-type","text/plain"]],"status":500},"duty":1,"expected":"HTTP status 200","found":"HTTP status 500","id":"http-gzip","level":"must","request":{"body":"{}","body_bytes":2,"headers":[["content-type","application/json"]],"method":"POST","path":"/v1/traces"},"title":"gRPC: gzip is taken","verdict":"fail"}"#);
    }

    #[test]
    fn scores_are_rounded_down_and_the_exit_code_follows_failures() {
        let score = Score { passed: 1999, failed: 1, skipped: 0 };
        assert_eq!(score.to_string(), " 99.9 %  1999 of 2000 passed");
        assert_eq!(
            Score { passed: 0, failed: 0, skipped: 3 }.to_string(),
            "    - %  0 of 0 passed, 3 skipped"
        );
        assert_eq!(report().exit_code(), 1);
        let none = Report::new(None, None, report().started, Vec::new());
        assert_eq!((none.exit_code(), none.score.ratio()), (0, None));
    }
}
