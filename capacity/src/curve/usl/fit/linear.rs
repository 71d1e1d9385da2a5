//! Symmetric systems of up to three equations.

/// Rows of a 3×3 matrix.
pub(in crate::curve::usl) type Matrix = [[f64; 3]; 3];

/// Below this share of its diagonal a pivot is lost in rounding.
const LOST: f64 = 1e-13;

/// Solves for the parameters that are free; the others stay at 0. None if the free ones are not independent.
pub(super) fn solve(matrix: &Matrix, right: &[f64; 3], free: [bool; 3]) -> Option<[f64; 3]> {
    let scale = diagonal(matrix, free)?;
    // Cholesky's decomposition of the matrix with ones on its diagonal.
    let mut lower = [[0.0; 3]; 3];
    for i in (0..3).filter(|i| free[*i]) {
        for j in (0..=i).filter(|j| free[*j]) {
            let known: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = matrix[i][j] / (scale[i] * scale[j]) - known;
            if i == j {
                if !(rest > LOST && rest.is_finite()) {
                    return None;
                }
                lower[i][i] = rest.sqrt();
            } else {
                lower[i][j] = rest / lower[j][j];
            }
        }
    }
    let mut x = [0.0; 3];
    for i in (0..3).filter(|i| free[*i]) {
        let known: f64 = (0..i).map(|k| lower[i][k] * x[k]).sum();
        x[i] = (right[i] / scale[i] - known) / lower[i][i];
    }
    for i in (0..3).rev().filter(|i| free[*i]) {
        let known: f64 = (i + 1..3).filter(|k| free[*k]).map(|k| lower[k][i] * x[k]).sum();
        x[i] = (x[i] - known) / lower[i][i];
    }
    for i in 0..3 {
        x[i] = if free[i] { x[i] / scale[i] } else { 0.0 };
    }
    x.iter().all(|v| v.is_finite()).then_some(x)
}

/// The inverse; none if the rows are not independent.
pub(super) fn invert(matrix: &Matrix) -> Option<Matrix> {
    let mut inverse = [[0.0; 3]; 3];
    for (i, row) in inverse.iter_mut().enumerate() {
        let unit = std::array::from_fn(|j| if i == j { 1.0 } else { 0.0 });
        *row = solve(matrix, &unit, [true; 3])?;
    }
    Some(inverse)
}

/// Roots of the diagonal.
fn diagonal(matrix: &Matrix, free: [bool; 3]) -> Option<[f64; 3]> {
    let scale: [f64; 3] = std::array::from_fn(|i| matrix[i][i].sqrt());
    (0..3).all(|i| !free[i] || scale[i] > 0.0).then_some(scale)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_system_with_a_known_answer() {
        let matrix = [[4.0, 2.0, 1.0], [2.0, 5.0, 3.0], [1.0, 3.0, 6.0]];
        let x = solve(&matrix, &[11.0, 21.0, 25.0], [true; 3]).unwrap();
        for (got, expected) in x.into_iter().zip([1.0, 2.0, 3.0]) {
            assert!((got - expected).abs() < 1e-12);
        }
        let two = solve(&matrix, &[7.0, 99.0, 13.0], [true, false, true]).unwrap();
        assert!(
            (two[0] - 29.0 / 23.0).abs() < 1e-12 && two[1] == 0.0 && (two[2] - 45.0 / 23.0).abs() < 1e-12
        );
    }

    #[test]
    fn the_inverse_undoes() {
        let matrix = [[4.0, 2.0, 1.0], [2.0, 5.0, 3.0], [1.0, 3.0, 6.0]];
        let inverse = invert(&matrix).unwrap();
        for (i, row) in matrix.iter().enumerate() {
            for (j, unit) in [0.0, 1.0, 2.0].map(|at| f64::from(at == i as f64)).into_iter().enumerate() {
                let product: f64 = (0..3).map(|k| row[k] * inverse[k][j]).sum();
                assert!((product - unit).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn dependent_rows_have_no_answer() {
        assert!(invert(&[[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 6.0, 9.0]]).is_none());
        assert!(invert(&[[0.0; 3]; 3]).is_none());
    }
}
