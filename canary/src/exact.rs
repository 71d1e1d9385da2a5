//! The exact distribution of U, the number of pairs in which the first sample's value is the larger, when all orders of `n`
//! and `m` distinct values are equally likely.

/// Probabilities of U = 0, 1, ..., n m.
#[derive(Debug)]
pub(crate) struct Distribution(Vec<f64>);

impl Distribution {
    /// For samples of `n` and `m` values.
    pub(crate) fn of(n: usize, m: usize) -> Self {
        // orders[j][u]: the orders of i and j values with U = u. The largest value of all is of the second sample and adds
        // nothing, or of the first and is larger than all j (Mann and Whitney 1947). Only sums: nothing cancels.
        let most = n * m;
        let mut orders = vec![vec![0.0; most + 1]; m + 1];
        orders.iter_mut().for_each(|row| row[0] = 1.0);
        for _ in 0..n {
            for j in 1..=m {
                for u in (0..=most).rev() {
                    let first = if u >= j { orders[j][u - j] } else { 0.0 };
                    orders[j][u] = first + orders[j - 1][u];
                }
            }
        }
        let counts = orders.swap_remove(m);
        let all: f64 = counts.iter().sum();
        Self(counts.into_iter().map(|count| count / all).collect())
    }

    /// Probability of at most `u`.
    pub(crate) fn cumulative(&self, u: usize) -> f64 {
        self.0.iter().take(u + 1).sum()
    }

    /// The smallest u with at least the probability `p` up to it, as `qwilcox` of R, which forgives ten rounding errors.
    pub(crate) fn quantile(&self, p: f64) -> usize {
        let p = p - 10.0 * f64::EPSILON;
        let mut sum = 0.0;
        let found = self.0.iter().position(|probability| {
            sum += probability;
            sum >= p
        });
        found.unwrap_or(self.0.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_ones_by_hand() {
        // Of the six orders of two and two values, U is 0, 1, 2, 2, 3, 4.
        let distribution = Distribution::of(2, 2);
        for (got, sixths) in distribution.0.iter().zip([1.0, 1.0, 2.0, 1.0, 1.0]) {
            assert!((got - sixths / 6.0).abs() < 1e-15);
        }
        assert_eq!(distribution.quantile(0.2), 1);
        assert_eq!(distribution.quantile(1.0 / 6.0), 0);
    }

    #[test]
    fn large_ones_add_up_and_are_symmetric() {
        let distribution = Distribution::of(49, 48);
        assert!((distribution.cumulative(49 * 48) - 1.0).abs() < 1e-12);
        for (low, high) in distribution.0.iter().zip(distribution.0.iter().rev()) {
            assert!((low - high).abs() <= 1e-13 * high);
        }
    }
}
