//! A run's report for people.

use std::fmt;

use super::{Percentiles, RunReport};

impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "run {} to {}", self.run, self.target)?;
        writeln!(
            f,
            "sent          {} records in {} bodies, {:.1} bytes a record{}",
            self.records,
            self.bodies,
            ratio(self.encoded_bytes as f64, self.records as f64),
            self.compressed()
        )?;
        writeln!(
            f,
            "acknowledged  {} records in {} bodies",
            self.records_acknowledged, self.bodies_acknowledged
        )?;
        for (what, records) in [
            ("rejected", self.records_rejected),
            ("refused", self.records_refused),
            ("unknown", self.records_unknown),
        ] {
            if records > 0 {
                writeln!(f, "{what:13} {records} records")?;
            }
        }
        let wanted = self.rate_wanted.map_or(String::new(), |rate| format!(" of {rate:.0} wanted"));
        writeln!(
            f,
            "rate          {:.0} records/s{wanted}, {:.1} MB/s, {:.1} s",
            self.rate, self.megabytes_per_second, self.seconds
        )?;
        writeln!(f, "latency       {}", self.latency)?;
        if self.rate_wanted.is_some() {
            writeln!(f, "lateness      {}", self.lateness)?;
        }
        if !self.retries.is_empty() {
            let retries: Vec<_> =
                self.retries.iter().map(|(status, n)| format!("{n} after {status}")).collect();
            writeln!(f, "retries       {}", retries.join(", "))?;
        }
        if self.unanswered > 0 {
            writeln!(f, "unanswered    {} requests that may have arrived", self.unanswered)?;
        }
        for one in &self.refusals {
            writeln!(f, "body {:<8} {}: {}", one.body, one.status, one.message)?;
        }
        let millions = |value: Option<f64>| value.map_or("none".to_owned(), |value| format!("{value:.3}"));
        write!(
            f,
            "CPU           {:.2} s here, {} s per million records",
            self.cpu_seconds,
            millions(self.cpu_seconds_per_million)
        )?;
        if self.compress_cpu_seconds > 0.0 {
            write!(f, ", {:.2} s of it compressing", self.compress_cpu_seconds)?;
        }
        for one in &self.processes {
            let cpu =
                one.cpu_seconds.map_or("ended during the run".to_owned(), |cpu| format!("{cpu:.2} s CPU"));
            let [first, min, max, last] =
                [one.rss_first, one.rss_min, one.rss_max, one.rss_last].map(|bytes| bytes as f64 / 1e6);
            write!(
                f,
                "\npid {:<9} {cpu}, memory {first:.0} MB at first, {min:.0} to {max:.0} MB, {last:.0} MB at last",
                one.pid
            )?;
        }
        if let Some(seconds) = self.watched_seconds {
            let together = millions(self.processes_cpu_seconds_per_million);
            write!(f, "\nall pids      {together} CPU-s per million records, watched for {seconds:.1} s")?;
        }
        Ok(())
    }
}

impl RunReport {
    fn compressed(&self) -> String {
        match self.compression.encoding() {
            None => String::new(),
            Some(name) => {
                let bytes = ratio(self.sent_bytes as f64, self.records as f64);
                format!(", {bytes:.1} with {name}")
            }
        }
    }
}

fn ratio(a: f64, b: f64) -> f64 {
    if b > 0.0 { a / b } else { 0.0 }
}

impl fmt::Display for Percentiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50_ms, p95_ms, p99_ms, max_ms } = self;
        write!(f, "p50 {p50_ms:.1} ms, p95 {p95_ms:.1} ms, p99 {p99_ms:.1} ms, max {max_ms:.1} ms")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::ledger::Outcome;
    use crate::options::{Compression, Options};
    use crate::report::{Measured, Refusal, RunReport};
    use crate::tally::{Amount, Tally};
    use crate::usage::ProcessUse;

    #[test]
    fn everything_that_can_be_told() {
        let mut options = Options::new("grpc://localhost".parse().unwrap());
        options.run = "00000000000000a7".parse().unwrap();
        (options.rate, options.compression) = (Some(50_000.0), Compression::Zstd);
        let refusal = Refusal {
            body: 7,
            outcome: Outcome::Refused,
            status: "grpc 3".into(),
            message: "a varint is cut off".into(),
        };
        let tally = Tally {
            acknowledged: Amount { bodies: 98, records: 97_990 },
            refused: Amount { bodies: 1, records: 1_000 },
            unknown: Amount { bodies: 1, records: 1_000 },
            rejected: 10,
            retries: [("grpc 14".to_owned(), 3), ("no answer".to_owned(), 1)].into(),
            unanswered: 1,
            refusals: vec![refusal],
            encoded_bytes: 41_700_000,
            sent_bytes: 5_100_000,
            compress_cpu: Duration::from_millis(120),
            ..Tally::default()
        };
        let process = |pid, cpu_seconds| ProcessUse {
            pid,
            cpu_seconds,
            rss_first: 90_000_000,
            rss_min: 88_000_000,
            rss_max: 131_000_000,
            rss_last: 120_000_000,
            samples: 3,
        };
        let processes = vec![process(4711, Some(1.25)), process(4712, Some(0.75))];
        let (wall, cpu) = (Duration::from_secs(2), Duration::from_millis(150));
        let mut report =
            RunReport::new(&options, tally, Measured { wall, cpu, watched: wall * 3, processes });
        insta::assert_snapshot!(report, @"
        run 00000000000000a7 to grpc://localhost:4317
        sent          100000 records in 100 bodies, 417.0 bytes a record, 51.0 with zstd
        acknowledged  97990 records in 98 bodies
        rejected      10 records
        refused       1000 records
        unknown       1000 records
        rate          48995 records/s of 50000 wanted, 20.9 MB/s, 2.0 s
        latency       p50 0.0 ms, p95 0.0 ms, p99 0.0 ms, max 0.0 ms
        lateness      p50 0.0 ms, p95 0.0 ms, p99 0.0 ms, max 0.0 ms
        retries       3 after grpc 14, 1 after no answer
        unanswered    1 requests that may have arrived
        body 7        grpc 3: a varint is cut off
        CPU           0.15 s here, 1.500 s per million records, 0.12 s of it compressing
        pid 4711      1.25 s CPU, memory 90 MB at first, 88 to 131 MB, 120 MB at last
        pid 4712      0.75 s CPU, memory 90 MB at first, 88 to 131 MB, 120 MB at last
        all pids      20.000 CPU-s per million records, watched for 6.0 s
        ");
        assert!(!report.all_acknowledged());
        report.processes[0].cpu_seconds = None;
        report.processes_cpu_seconds_per_million = None;
        let text = report.to_string();
        assert!(text.contains("4711      ended during the run"), "{text}");
        assert!(text.contains("all pids      none CPU-s per million records"), "{text}");
    }
}
