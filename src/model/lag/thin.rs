//! Which observations to forget when there are too many: pure arithmetic.

/// Forgets until `most` are left, oldest first in order of time. The first and the last stay; of the others goes the one
/// that leaves the smallest gap beside the age of what follows it, so that young gaps stay narrow and old ones may be wide.
pub(super) fn to<T>(points: &mut Vec<T>, most: usize, at: impl Fn(&T) -> i64) {
    while points.len() > most.max(2) {
        let now = points.last().map_or(0, &at);
        let cost = |index: usize| {
            let (before, after) = (at(&points[index - 1]), at(&points[index + 1]));
            // Beside the newest, which has no age, every gap is too wide.
            (after - before) as f64 / (now - after) as f64
        };
        let cheapest = (1..points.len() - 1).min_by(|a, b| cost(*a).total_cmp(&cost(*b)));
        points.remove(cheapest.expect("there are at least three"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest gap beside its age, of the gaps wider than one poll, while this many polls are remembered by 48.
    fn widest(polls: i64) -> f64 {
        let (mut points, mut widest) = (Vec::new(), 0.0_f64);
        for now in 0..=polls {
            points.push(now);
            to(&mut points, 48, |at| *at);
            let gaps = points.windows(2).filter(|pair| pair[1] - pair[0] > 1);
            for pair in gaps {
                widest = widest.max((pair[1] - pair[0]) as f64 / (now - pair[1]) as f64);
            }
        }
        widest
    }

    #[test]
    fn gaps_stay_small_beside_their_age() {
        // Polls every 30 s: up to 24 minutes none is forgotten, then an hour, a day, a week.
        assert!(widest(47) <= 0.0, "{}", widest(47));
        assert!(widest(120) <= 0.10, "{}", widest(120));
        assert!(widest(2880) <= 0.30, "{}", widest(2880));
        assert!(widest(20_160) <= 0.50, "{}", widest(20_160));
    }

    #[test]
    fn the_oldest_and_the_newest_are_never_forgotten() {
        let mut points: Vec<i64> = (0..100).collect();
        to(&mut points, 5, |at| *at);
        assert_eq!((points.len(), points[0], points[4]), (5, 0, 99));
        to(&mut points, 0, |at| *at);
        assert_eq!(points, [0, 99]);
    }
}
