//! Service level objectives over the rollups.
