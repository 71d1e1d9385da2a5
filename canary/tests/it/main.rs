//! The judge as its users see it.

mod judgement;
mod kayenta;
