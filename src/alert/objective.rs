//! Which part of the time links, tasks and data must be good: what `rules --slo` is given.

use std::str::FromStr;

/// A part of the time in percent, more than 0 and less than 100, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objective(String);

/// The text is no such part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "write the part of the time that must be good in percent, more than 0 and less than 100, such as `99.9`"
)]
pub struct ObjectiveError;

impl FromStr for Objective {
    type Err = ObjectiveError;

    fn from_str(text: &str) -> Result<Self, ObjectiveError> {
        // Rust also reads exponents and signs, which nobody means here.
        let is_plain = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        let percent: f64 = text.parse().map_err(|_| ObjectiveError)?;
        if is_plain && percent > 0.0 && percent < 100.0 {
            Ok(Self(text.to_owned()))
        } else {
            Err(ObjectiveError)
        }
    }
}

impl Objective {
    /// The part of 1, in PromQL.
    pub(super) fn expression(&self) -> String {
        format!("vector({} / 100)", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objective_is_a_part_of_the_time_and_never_none_or_all_of_it() {
        for good in ["99.9", "50", "0.1", "99.999"] {
            let objective: Objective = good.parse().unwrap();
            assert_eq!(objective.expression(), format!("vector({good} / 100)"));
        }
        for bad in [
            "", "0", "0.0", "100", "100.0", "-1", "+99", "101", "1e1", "nan", "inf", "99,9",
            "99.9%", " 99",
        ] {
            assert_eq!(bad.parse::<Objective>(), Err(ObjectiveError), "{bad}");
        }
    }
}
