//! Ridge regression with a robust loss: small normal equations, solved by Cholesky's method.

use crate::series::median;

/// Rounds of reweighting, after which Huber's loss with a small bend is near least absolute errors.
const ROUNDS: usize = 4;
/// The bend of the loss, in median absolute errors.
const BEND: f64 = 0.7;

/// What is known of a coefficient before any data.
#[derive(Debug, Clone)]
pub(super) struct Prior {
    /// The coefficients expected.
    pub(super) center: Vec<f64>,
    /// How many rows of data weigh as much as the expectation.
    pub(super) weight: f64,
}

/// Coefficients for rows of features, shrunk toward the prior in units of each feature's own size.
#[allow(clippy::needless_range_loop, reason = "rows and columns of a matrix")]
pub(super) fn fit(rows: &[(Vec<f64>, f64)], prior: &Prior) -> Vec<f64> {
    let width = prior.center.len();
    let mut beta = prior.center.clone();
    if rows.is_empty() {
        return beta;
    }
    let count = rows.len() as f64;
    let sizes: Vec<f64> =
        (0..width).map(|j| rows.iter().map(|(x, _)| x[j] * x[j]).sum::<f64>() / count + 1e-6).collect();
    for _ in 0..ROUNDS {
        let errors: Vec<f64> = rows.iter().map(|(x, y)| y - dot(x, &beta)).collect();
        let bend = BEND * median(errors.iter().map(|e| e.abs()).collect()).unwrap_or(0.0) + 1e-9;
        let mut gram = vec![vec![0.0; width]; width];
        let mut right = vec![0.0; width];
        for ((x, _), error) in rows.iter().zip(&errors) {
            let weight = (bend / error.abs().max(bend)).min(1.0);
            let y = error + dot(x, &beta) - dot(x, &prior.center);
            for j in 0..width {
                right[j] += weight * x[j] * y;
                for k in 0..=j {
                    gram[j][k] += weight * x[j] * x[k];
                }
            }
        }
        for j in 0..width {
            gram[j][j] += prior.weight * sizes[j];
        }
        let Some(step) = cholesky(gram, right) else { return prior.center.clone() };
        beta = step.iter().zip(&prior.center).map(|(s, c)| s + c).collect();
    }
    beta
}

/// The sum of products.
pub(super) fn dot(x: &[f64], beta: &[f64]) -> f64 {
    x.iter().zip(beta).map(|(a, b)| a * b).sum()
}

/// Solves a symmetric positive definite system, given by its lower half.
#[allow(clippy::needless_range_loop, reason = "rows and columns of a matrix")]
fn cholesky(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for j in 0..n {
        for k in 0..j {
            let (above, below) = a.split_at_mut(j);
            let sum: f64 = (0..k).map(|i| below[0][i] * above[k][i]).sum();
            below[0][k] = (below[0][k] - sum) / above[k][k];
        }
        let pivot = a[j][j] - a[j][..j].iter().map(|v| v * v).sum::<f64>();
        if pivot.is_nan() || pivot <= 0.0 {
            return None;
        }
        a[j][j] = pivot.sqrt();
    }
    for j in 0..n {
        let sum: f64 = (0..j).map(|i| a[j][i] * b[i]).sum();
        b[j] = (b[j] - sum) / a[j][j];
    }
    for j in (0..n).rev() {
        let sum: f64 = (j + 1..n).map(|i| a[i][j] * b[i]).sum();
        b[j] = (b[j] - sum) / a[j][j];
    }
    b.iter().all(|v| v.is_finite()).then_some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_among_outliers() {
        let rows: Vec<(Vec<f64>, f64)> = (0..200)
            .map(|i| {
                let x = f64::from(i % 20);
                (vec![1.0, x], if i % 9 == 0 { 500.0 } else { 3.0 + 2.0 * x })
            })
            .collect();
        let beta = fit(&rows, &Prior { center: vec![0.0, 0.0], weight: 1e-3 });
        assert!((beta[0] - 3.0).abs() < 0.2 && (beta[1] - 2.0).abs() < 0.02, "{beta:?}");
    }

    #[test]
    fn without_data_the_prior_stands_and_with_little_it_still_pulls() {
        let prior = Prior { center: vec![1.0], weight: 10.0 };
        assert_eq!(fit(&[], &prior), [1.0]);
        let beta = fit(&vec![(vec![1.0], 3.0); 10], &prior);
        assert!((1.7..=2.0).contains(&beta[0]), "ten rows weigh nearly as much as the prior: {beta:?}");
    }
}
