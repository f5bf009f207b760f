//! Several objectives at once: fronts of trials that do not dominate each other, how crowded they are, and the hypervolume
//! that a front covers. Everywhere larger is better ([`Fitness`]).

use super::Fitness;
use std::cmp::Ordering;

/// Sorts into fronts: the first is dominated by nobody, each later one only by those before it (Deb et al., NSGA-II, 2002,
/// section III A). Positions ascend inside a front.
pub fn fronts(fitness: &[Fitness]) -> Vec<Vec<usize>> {
    let beaten_by = |a: usize| (0..fitness.len()).filter(|b| fitness[a].dominates(&fitness[*b])).collect::<Vec<_>>();
    let beats: Vec<Vec<usize>> = (0..fitness.len()).map(beaten_by).collect();
    let mut better = vec![0usize; fitness.len()];
    beats.iter().flatten().for_each(|worse| better[*worse] += 1);
    let mut fronts = Vec::new();
    let mut front: Vec<usize> = (0..fitness.len()).filter(|i| better[*i] == 0).collect();
    while !front.is_empty() {
        let mut next = Vec::new();
        for worse in front.iter().flat_map(|i| &beats[*i]) {
            better[*worse] -= 1;
            if better[*worse] == 0 {
                next.push(*worse);
            }
        }
        next.sort_unstable();
        fronts.push(std::mem::replace(&mut front, next));
    }
    fronts
}

/// Those that nobody dominates; positions ascend. In lexicographic order, best first, whoever dominates another comes before
/// it, so each needs to be compared with the front so far alone.
pub fn front(fitness: &[Fitness]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..fitness.len()).collect();
    order.sort_by(|a, b| fitness[*b].values().partial_cmp(fitness[*a].values()).unwrap_or(Ordering::Equal));
    let mut front: Vec<usize> = Vec::new();
    for candidate in order {
        if !front.iter().any(|member| fitness[*member].dominates(&fitness[candidate])) {
            front.push(candidate);
        }
    }
    front.sort_unstable();
    front
}

/// The members of a front by descending crowding distance; equals keep their order.
///
/// As in PyGlove: per objective the front is sorted; both ends get a distance equal to the number of objectives (instead of
/// infinity), the others add the distance of their two neighbours relative to the objective's range.
pub fn by_crowding(front: &[usize], fitness: &[Fitness]) -> Vec<usize> {
    let distances = crowding(front, fitness);
    let mut order: Vec<usize> = (0..front.len()).collect();
    order.sort_by(|a, b| distances[*b].total_cmp(&distances[*a]));
    order.into_iter().map(|position| front[position]).collect()
}

fn crowding(front: &[usize], fitness: &[Fitness]) -> Vec<f64> {
    let objectives = front.first().map_or(0, |first| fitness[*first].values().len());
    let mut distances = vec![0.0; front.len()];
    for objective in 0..objectives {
        let value = |position: usize| fitness[front[position]].values()[objective];
        let mut order: Vec<usize> = (0..front.len()).collect();
        order.sort_by(|a, b| value(*a).total_cmp(&value(*b)));
        let (first, last) = (order[0], order[order.len() - 1]);
        let range = value(last) - value(first);
        for three in order.windows(3) {
            distances[three[1]] += if range > 0.0 { (value(three[2]) - value(three[0])) / range } else { 0.0 };
        }
        distances[first] = objectives as f64;
        distances[last] = objectives as f64;
    }
    distances
}

/// Area between a reference point and the points that beat it in both objectives.
pub fn hypervolume(points: &[[f64; 2]], reference: [f64; 2]) -> f64 {
    let mut points: Vec<[f64; 2]> =
        points.iter().copied().filter(|[x, y]| *x > reference[0] && *y > reference[1]).collect();
    points.sort_by(|a, b| b[0].total_cmp(&a[0]).then(b[1].total_cmp(&a[1])));
    let mut top = reference[1];
    let mut area = 0.0;
    for [x, y] in points {
        if y > top {
            area += (x - reference[0]) * (y - top);
            top = y;
        }
    }
    area
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitness(values: &[[f64; 2]]) -> Vec<Fitness> {
        values.iter().map(|values| Fitness::maximised(values.to_vec())).collect()
    }

    #[test]
    fn equal_points_share_a_front_and_worse_ones_follow() {
        let points = fitness(&[[1.0, 1.0], [2.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.5, 0.5]]);
        assert_eq!(fronts(&points), [vec![0, 1, 3], vec![4], vec![2]]);
        assert_eq!(front(&points), [0, 1, 3]);
        assert!(fronts(&[]).is_empty() && front(&[]).is_empty());
    }

    #[test]
    fn the_ends_of_a_front_come_first_and_crowded_points_last() {
        let points = fitness(&[[0.0, 10.0], [4.9, 5.1], [5.0, 5.0], [7.0, 2.0], [10.0, 0.0]]);
        assert_eq!(by_crowding(&[0, 1, 2, 3, 4], &points), [0, 4, 1, 3, 2]);
        assert!(by_crowding(&[], &points).is_empty());
    }

    #[test]
    fn hypervolume_counts_overlaps_once() {
        assert_eq!(hypervolume(&[[1.0, 3.0], [2.0, 2.0], [1.0, 1.0], [-1.0, 9.0]], [0.0, 0.0]), 5.0);
        assert_eq!(hypervolume(&[], [0.0, 0.0]), 0.0);
    }
}
