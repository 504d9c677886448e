//! Polling, from the API's answers to the exposition: good answers, odd ones, and none.

mod cases;
mod details;
mod faults;
mod properties;
