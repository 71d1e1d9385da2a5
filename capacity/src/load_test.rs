//! Results of load generators as points of a capacity curve.
