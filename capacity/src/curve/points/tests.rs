#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Result<Vec<Point>, PointsError> {
    read_points(text.as_bytes(), "points.csv")
}

fn pairs(text: &str) -> Vec<(f64, f64)> {
    read(text).unwrap().into_iter().map(|p| (p.load, p.throughput)).collect()
}

#[test]
fn columns_are_found_by_name() {
    let expected = vec![(1.0, 20.0), (4.0, 78.0)];
    assert_eq!(pairs("load,throughput\n1,20\n4,78\n"), expected);
    assert_eq!(pairs("Throughput,errors,LOAD\n20,0,1\n78,3,4\n"), expected);
    assert_eq!(pairs("\u{feff}load , throughput\r\n 1 , 20 \r\n\r\n4,\t78\r\n"), expected);
    assert_eq!(pairs("\"load\",\"throughput\",\"note\"\n1,20,\"warm, quiet\"\n4,78,\n"), expected);
    assert_eq!(pairs("# from the tool\n  # of July\nload,throughput\n1,20\n# later\n4,78"), expected);
}

#[test]
fn numbers_alone_are_load_and_throughput() {
    assert_eq!(pairs("1,20\n4,78\n"), vec![(1.0, 20.0), (4.0, 78.0)]);
    assert_eq!(pairs("0,0\n4,7.8e1\n"), vec![(0.0, 0.0), (4.0, 78.0)]);
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let wrong = |text| read(text).unwrap_err().to_string();
    insta::assert_snapshot!(wrong("load,throughput\n1,20\n4,fast\n"), @"points.csv:3: throughput `fast` is not a number; write it as 1234.5, without unit or thousands separator");
    insta::assert_snapshot!(wrong("load,throughput\n# a\n\n1,-20\n"), @"points.csv:4: throughput `-20` is negative; loads and throughputs are counted from 0 up");
    insta::assert_snapshot!(wrong("load,throughput\r\n\r\n \r\n1,2\r\n\r\n1,x"), @"points.csv:6: throughput `x` is not a number; write it as 1234.5, without unit or thousands separator");
    insta::assert_snapshot!(wrong("load,throughput\n1,NaN\n"), @"points.csv:2: throughput `NaN` is not a finite number; remove the row");
    insta::assert_snapshot!(wrong("1,20\ninf,20\n"), @"points.csv:2: load `inf` is not a finite number; remove the row");
    insta::assert_snapshot!(wrong("load,throughput\n0,20\n"), @"points.csv:2: throughput `20` is measured at load 0, where nothing can be done; correct the load or remove the row");
    insta::assert_snapshot!(wrong("users,rps\n1,20\n"), @"points.csv:1: no column `load` among `users`, `rps`; name the columns load and throughput in the first line");
    insta::assert_snapshot!(wrong("1,20,3\n"), @"points.csv:1: no column `load` among `1`, `20`, `3`; name the columns load and throughput in the first line");
    insta::assert_snapshot!(wrong("load,throughput\n1\n"), @"points.csv:2: the row ends before column throughput; write a load and a throughput in each row");
    insta::assert_snapshot!(wrong("load,throughput\n"), @"points.csv: no rows; write one line per measured load, as `8,130`, under the header `load,throughput`");
    insta::assert_snapshot!(wrong(""), @"points.csv: no rows; write one line per measured load, as `8,130`, under the header `load,throughput`");
    insta::assert_snapshot!(wrong("load,throughput\n1,\u{1}\u{1b}[31mred and so long that it has no place in one line\n"), @r#"points.csv:2: throughput `\u{1}\u{1b}[31mred and so long that it has no pla...` is not a number; write it as 1234.5, without unit or thousands separator"#);
}

#[test]
fn a_million_rows_are_enough() {
    let text = "1,20\n".repeat(MOST_ROWS);
    assert_eq!(read(&text).unwrap().len(), MOST_ROWS);
    insta::assert_snapshot!(read(&(text + "1,20\n")).unwrap_err(), @"points.csv: more than 1000000 rows; write one row per step of the load instead of one per request");
}

#[test]
fn a_row_without_end_is_cut() {
    let endless = std::io::repeat(b'7');
    insta::assert_snapshot!(read_points(endless, "points.csv").unwrap_err(), @"points.csv:1: the row is longer than 1 MiB; this is no table of loads and throughputs");
    let quoted = "load,throughput\n\"".as_bytes().chain(std::io::repeat(b'\n'));
    insta::assert_snapshot!(read_points(quoted, "points.csv").unwrap_err(), @"points.csv:2: the row is longer than 1 MiB; this is no table of loads and throughputs");
}

#[test]
fn a_reader_that_fails_is_named() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("disk on fire"))
        }
    }
    insta::assert_snapshot!(read_points(Broken, "points.csv").unwrap_err(), @"could not read points.csv: disk on fire");
}

proptest! {
    #[test]
    fn any_bytes_give_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_points(bytes.as_slice(), "points.csv");
    }

    #[test]
    fn what_is_written_is_read(points in prop::collection::vec((1e-3_f64..1e9, 0.0_f64..1e12), 1..50)) {
        let rows: Vec<String> = points.iter().map(|(load, throughput)| format!("{load},{throughput}")).collect();
        let text = rows.join("\n");
        prop_assert_eq!(pairs(&text), points);
    }
}
