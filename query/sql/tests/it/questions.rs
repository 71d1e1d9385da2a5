//! What analysts ask (`questions.sql`): the same rows, whether ClickHouse or DataFusion does the work.

use headroom_sql::{SqlAnswer, SqlConfig, SqlDoor};
use serde_json::Value;

use crate::data::{self, who};

/// Says that ClickHouse makes the groups, or chooses the first rows.
const PUSHED: &str = "PUSHED ";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_have_one_answer() {
    let store = data::store().await;
    let pushed = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap();
    let kept = SqlDoor::without_push_down(store.clone(), SqlConfig::default()).unwrap();
    let lines =
        include_str!("questions.sql").lines().filter(|line| !line.is_empty() && !line.starts_with("--"));
    let (mut asked, mut wrong) = (0, Vec::new());
    for line in lines {
        asked += 1;
        let sql = line.strip_prefix(PUSHED).unwrap_or(line);
        let outcome = async {
            let (one, other) = (ask(&pushed, sql).await?, ask(&kept, sql).await?);
            same(sql, &one, &other)?;
            if line.starts_with(PUSHED) {
                let plan = ask(&pushed, &format!("EXPLAIN {sql}")).await?;
                let plan = serde_json::to_string(&plan.rows).unwrap();
                if !plan.contains("groups=[") && !plan.contains("order=[") {
                    return Err(format!("nothing is pushed: {plan}"));
                }
            }
            Ok::<_, String>(())
        };
        if let Err(why) = outcome.await {
            wrong.push(format!("{sql}\n    {why}"));
        }
    }
    assert!(asked >= 150, "{asked} questions");
    assert!(wrong.is_empty(), "{} of {asked} differ:\n{}", wrong.len(), wrong.join("\n"));
}

async fn ask(door: &SqlDoor, sql: &str) -> Result<SqlAnswer, String> {
    let answer = door.query_json(&who("acme"), sql, None).await.map_err(|error| error.to_string())?;
    if answer.truncated { Err("too many rows to compare".to_owned()) } else { Ok(answer) }
}

/// Names, types and rows, in order where the question says one.
fn same(sql: &str, one: &SqlAnswer, other: &SqlAnswer) -> Result<(), String> {
    let columns = |answer: &SqlAnswer| format!("{:?}", answer.columns);
    if columns(one) != columns(other) {
        return Err(format!("columns {} are not {}", columns(one), columns(other)));
    }
    if one.rows.is_empty() && !sql.contains("'nobody'") {
        return Err("no row: the question shows nothing on this data".to_owned());
    }
    let (mut one, mut other) = (one.rows.clone(), other.rows.clone());
    let depth = |at: usize| sql[..at].matches('(').count() - sql[..at].matches(')').count();
    if !sql.match_indices("ORDER BY").any(|(at, _)| depth(at) == 0) {
        one.sort_by_key(|row| coarse(row));
        other.sort_by_key(|row| coarse(row));
    }
    if one.len() != other.len() {
        return Err(format!("{} rows are not {}", one.len(), other.len()));
    }
    match one
        .iter()
        .zip(&other)
        .find(|(one, other)| !one.iter().zip(*other).all(|(one, other)| equal(one, other)))
    {
        Some((one, other)) => Err(format!("{one:?} is not {other:?}")),
        None => Ok(()),
    }
}

/// Floats may differ in their last digits: in which order they are added up is nobody's promise.
fn equal(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(a), Some(b)) if !one.is_i64() && !one.is_u64() => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
        _ => one == other,
    }
}

/// A row as text, its floats by few digits, to lay rows of two answers side by side.
fn coarse(row: &[Value]) -> String {
    let text = |value: &Value| match value.as_f64() {
        Some(number) if !value.is_i64() && !value.is_u64() => format!("{number:.6e}"),
        _ => value.to_string(),
    };
    row.iter().map(text).collect::<Vec<_>>().join("\u{1f}")
}
