//! Every recorded series reads, and what is odd about it is said.

use chrono_tz::America::New_York;
use headroom_forecast::files::{self, NoteKind};

use crate::recorded;

#[test]
fn the_recorded_series_read() {
    let Some(directory) = recorded::directory() else { return };
    let mut paths: Vec<_> =
        std::fs::read_dir(directory.join("ops")).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "gz"));
    paths.extend(
        ["market/spy_hourly_volume.csv.gz", "web/worldcup98_per_minute.csv.gz"].map(|f| directory.join(f)),
    );
    paths.sort();
    for path in paths {
        let reading = files::read(&path, None).unwrap();
        let notes: Vec<String> = reading.notes.iter().map(ToString::to_string).collect();
        let (series, name) = (&reading.series, path.file_name().unwrap().to_string_lossy());
        eprintln!(
            "{name}: {} of {} steps of {} min; {notes:?}",
            series.measured(),
            series.values.len(),
            series.step_minutes
        );
        assert!(series.measured() > 3_900, "{name}");
    }
}

#[test]
fn new_york_volume_keeps_its_wall_clock() {
    let Some(directory) = recorded::directory() else { return };
    let reading = files::read(&directory.join("market/spy_hourly_volume.csv.gz"), Some(New_York)).unwrap();
    let series = reading.series;
    assert_eq!((series.step_minutes, series.measured(), reading.column.as_str()), (60, 40_832, "volume"));
    assert_eq!(
        series.value("2021-03-12T14:00:00Z".parse().unwrap()).map(|v| v > 0.0),
        Some(true),
        "before summer time"
    );
    assert_eq!(
        series.value("2021-03-15T13:00:00Z".parse().unwrap()).map(|v| v > 0.0),
        Some(true),
        "after it"
    );
    assert_eq!(reading.notes.iter().map(|n| n.kind).collect::<Vec<_>>(), [NoteKind::Gap]);
}
