//! What takes minutes and is run by hand: each test is ignored and says how to run it.

mod mutations;
mod packages;
mod scale;
mod soak;
