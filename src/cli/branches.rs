//! The lines that make an indented list a tree.

/// What stands before each line of a tree in pre-order, by its depth. Lines of
/// depth 0 are branches of something that is printed above.
pub(super) fn guides(depths: &[usize]) -> Vec<String> {
    let mut guides = vec![String::new(); depths.len()];
    // Whether a branch at each depth goes on below the line.
    let mut goes_on: Vec<bool> = Vec::new();
    for (guide, &depth) in guides.iter_mut().zip(depths).rev() {
        goes_on.resize(depth + 1, false);
        for outer in &goes_on[..depth] {
            guide.push_str(if *outer { "│  " } else { "   " });
        }
        guide.push_str(if goes_on[depth] { "├─ " } else { "└─ " });
        goes_on[depth] = true;
    }
    guides
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_end_at_their_last_line() {
        assert_eq!(
            guides(&[0, 1, 2, 1, 0, 1]),
            ["├─ ", "│  ├─ ", "│  │  └─ ", "│  └─ ", "└─ ", "   └─ "]
        );
        assert!(guides(&[]).is_empty());
    }
}
