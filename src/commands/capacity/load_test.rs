//! `headroom capacity load-test`.

use super::super::print;
use crate::cli::{LoadTestArgs, Output};
use anyhow::{Context as _, Result};
use flate2::read::MultiGzDecoder;
use headroom_capacity::curve::fit::CurveFit;
use headroom_capacity::load_test::{Comparison, Format, LoadTest, compare, import, merge};
use headroom_capacity::load_tests::curve;
use serde::Serialize;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What is printed.
#[derive(Debug, Serialize)]
struct Answer {
    test: LoadTest,
    #[serde(skip_serializing_if = "Option::is_none")]
    fit: Option<CurveFit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<Comparison>,
}

impl Answer {
    fn text(&self) -> String {
        let mut text = self.test.text();
        for part in [self.fit.as_ref().map(CurveFit::text), self.against.as_ref().map(Comparison::text)] {
            text += &part.map(|part| format!("\n{part}")).unwrap_or_default();
        }
        text
    }
}

/// Exit code 1 when the run is worse than the one it is compared with.
pub(super) fn run(args: &LoadTestArgs, output: Output) -> Result<ExitCode> {
    let test = read(&args.files, args.format)?;
    let against = if args.against.is_empty() { None } else { Some(read(&args.against, args.format)?) };
    let answer = Answer {
        fit: args.fit.then(|| curve(&test)),
        against: against.map(|before| compare(&before, &test)),
        test,
    };
    print(output, &answer, Answer::text)?;
    let worse = answer.against.as_ref().is_some_and(Comparison::worse);
    Ok(if worse { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn read(files: &[PathBuf], format: Option<Format>) -> Result<LoadTest> {
    let mut tests = Vec::with_capacity(files.len());
    for file in files {
        tests.push(import(unpacked(file)?, &file.display().to_string(), format)?);
    }
    merge(tests).context("no file was given")
}

/// The file, unpacked where it is gzip.
fn unpacked(file: &Path) -> Result<Box<dyn BufRead>> {
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut reader = BufReader::with_capacity(1 << 18, opened);
    let packed = reader
        .fill_buf()
        .with_context(|| format!("cannot read {}", file.display()))?
        .starts_with(&[0x1f, 0x8b]);
    Ok(if packed {
        Box::new(BufReader::with_capacity(1 << 18, MultiGzDecoder::new(reader)))
    } else {
        Box::new(reader)
    })
}
