//! The same rows as a file, and who else can be asked about it.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::prelude::{ParquetReadOptions, SessionContext};

/// As the archive writes: zstd, groups of 131,072 rows.
pub(crate) fn writer(file: File, schema: SchemaRef) -> ArrowWriter<File> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(128 << 10))
        .build();
    ArrowWriter::try_new(file, schema, Some(properties)).unwrap()
}

/// DataFusion as it comes, with the file as the table `spans`.
pub(crate) struct Fusion(SessionContext);

impl Fusion {
    pub(crate) async fn open(file: &Path) -> Self {
        let context = SessionContext::new();
        let options = ParquetReadOptions::default();
        context.register_parquet("spans", file.to_str().unwrap(), options).await.unwrap();
        Self(context)
    }

    pub(crate) async fn ask(&self, sql: &str) {
        let batches = self.0.sql(sql).await.unwrap().collect().await.unwrap();
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        assert!(rows > 0, "{sql}");
    }
}

/// Answers each line of its input, with the number of rows.
const DUCK: &str = "
import sys, duckdb
connection = duckdb.connect()
connection.execute(\"SET TimeZone = 'UTC'\")
connection.execute(f\"CREATE VIEW spans AS SELECT * FROM read_parquet('{sys.argv[1]}')\")
print('ready', flush=True)
for line in sys.stdin:
    print(len(connection.execute(line).fetchall()), flush=True)
";

/// DuckDB in a process of its own, with the file as the view `spans`.
pub(crate) struct Duck {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Duck {
    /// `None` where there is none.
    pub(crate) fn open(file: &Path) -> Option<Self> {
        let python = std::env::var("HEADROOM_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut command = Command::new(python);
        command
            .args(["-c", DUCK])
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = command.spawn().ok()?;
        let (to, from) = (process.stdin.take()?, BufReader::new(process.stdout.take()?));
        let mut duck = Self { process, to, from };
        (duck.line() == "ready").then_some(duck)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    pub(crate) fn ask(&mut self, sql: &str) {
        writeln!(self.to, "{sql}").unwrap();
        let rows = self.line();
        assert!(rows.parse::<usize>().is_ok_and(|rows| rows > 0), "{sql}: {rows:?}");
    }
}

impl Drop for Duck {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
