//! Reads days of the archive. Each lane reads its days one after the other: so few files are open at once, however
//! many days are asked for, and an error names its day.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::internal_err;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileScanConfig, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, SchedulingType};
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, SendableRecordBatchStream,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use headroom_archive::{ArchiveError, DayFile};
use parquet::arrow::async_reader::AsyncFileReader;

use super::external;
use crate::error::SqlError;
use crate::inputs::no_inputs;

/// What the place of the archive is called among the stores of a session.
pub(crate) fn url() -> ObjectStoreUrl {
    ObjectStoreUrl::parse("archive://days").expect("invariant: this is a URL")
}

/// What is read of each file.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) view: &'static str,
    /// The view's own.
    pub(super) schema: SchemaRef,
    pub(super) columns: Vec<usize>,
    /// Rows for which this does not hold may be passed over.
    pub(super) pruning: Option<Arc<dyn PhysicalExpr>>,
    /// The conditions, as the plan shows them.
    pub(super) shown: Vec<String>,
    pub(super) limit: Option<usize>,
}

/// Reads files of one view and one tenant.
pub(super) struct ArchiveExec {
    wanted: Wanted,
    files: Arc<[DayFile]>,
    scan: FileScanConfig,
    properties: Arc<PlanProperties>,
}

impl ArchiveExec {
    pub(super) fn new(wanted: Wanted, files: Vec<DayFile>, lanes: usize) -> Result<Self> {
        let mut source = ParquetSource::new(wanted.schema.clone())
            .with_pushdown_filters(true)
            .with_parquet_file_reader_factory(Arc::new(Opener));
        if let Some(pruning) = &wanted.pruning {
            source = source.with_predicate(pruning.clone());
        }
        let scan = FileScanConfigBuilder::new(url(), Arc::new(source))
            .with_projection_indices(Some(wanted.columns.clone()))?
            .with_limit(wanted.limit)
            .build();
        let schema = Arc::new(wanted.schema.project(&wanted.columns)?);
        let lanes = lanes.clamp(1, files.len().max(1));
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(lanes),
            EmissionType::Incremental,
            Boundedness::Bounded,
        )
        .with_scheduling_type(SchedulingType::Cooperative);
        Ok(Self { wanted, files: files.into(), scan, properties: Arc::new(properties) })
    }
}

impl fmt::Debug for ArchiveExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArchiveExec({}, {} files)", self.wanted.view, self.files.len())
    }
}

impl DisplayAs for ArchiveExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> =
            self.wanted.columns.iter().map(|n| self.wanted.schema.field(*n).name().as_str()).collect();
        write!(f, "ArchiveExec: view={}, columns=[{}]", self.wanted.view, names.join(", "))?;
        if !self.wanted.shown.is_empty() {
            write!(f, ", filters=[{}]", self.wanted.shown.join(" AND "))?;
        }
        if let Some(limit) = self.wanted.limit {
            write!(f, ", limit={limit}")?;
        }
        if let (Some(first), Some(last)) = (self.files.first(), self.files.last()) {
            write!(f, ", files={}, days={} to {}", self.files.len(), first.day(), last.day())?;
        }
        Ok(())
    }
}

impl ExecutionPlan for ArchiveExec {
    fn name(&self) -> &'static str {
        "ArchiveExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    no_inputs!("the archive");

    fn execute(&self, lane: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let lanes = self.properties.partitioning.partition_count();
        let days: Vec<DayFile> = self.files.iter().skip(lane).step_by(lanes).cloned().collect();
        let (scan, view) = (self.scan.clone(), self.wanted.view);
        let rows = stream::iter(days).flat_map(move |file| {
            let day = file.day();
            let rows = match one(&scan, file, &context) {
                Ok(rows) => rows.left_stream(),
                Err(error) => stream::iter([Err(error)]).right_stream(),
            };
            rows.map_err(move |error| named(view, day, &error))
        });
        Ok(make_cooperative(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows))))
    }
}

/// The rows of one file.
fn one(
    scan: &FileScanConfig,
    file: DayFile,
    context: &Arc<TaskContext>,
) -> Result<SendableRecordBatchStream> {
    metrics::counter!("headroom_sql_archive_files_total").increment(1);
    let part = PartitionedFile::new(file.path().to_string(), file.bytes()).with_extension(file);
    let scan = FileScanConfigBuilder::from(scan.clone()).with_file(part).build();
    DataSourceExec::from_data_source(scan).execute(0, context.clone())
}

/// The error with its day, unless it has words of its own for it.
fn named(view: &str, day: chrono::NaiveDate, error: &DataFusionError) -> DataFusionError {
    if let DataFusionError::ResourcesExhausted(words) = error.find_root() {
        return DataFusionError::ResourcesExhausted(words.clone());
    }
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(one) = cause {
        if let Some(own) = one.downcast_ref::<ArchiveError>() {
            return external(SqlError::Archive(own.to_string()));
        }
        cause = one.source();
    }
    external(SqlError::Archive(format!("the archive of {view} for {day} cannot be read: {error}")))
}

/// Opens files so that what is read of them is checked.
#[derive(Debug)]
struct Opener;

impl ParquetFileReaderFactory for Opener {
    fn create_reader(
        &self,
        _: usize,
        part: PartitionedFile,
        _: Option<usize>,
        _: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let Some(file) = part.extension::<DayFile>() else {
            return internal_err!("a file of the archive belongs to no day");
        };
        Ok(Box::new(file.open()))
    }
}
