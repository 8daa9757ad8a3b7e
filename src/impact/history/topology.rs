//! Every commit that leads to one, each before its parents, whatever their dates say.

use std::collections::HashMap;

use crate::source::{GitError, ObjectId, Objects};

/// The commits that lead to one, in an order in which none comes before a commit that it is a parent of. What a merge
/// brought comes behind the merge, and then what it went into.
#[derive(Debug)]
pub(super) struct Topology {
    nodes: HashMap<ObjectId, Node>,
    ready: Vec<ObjectId>,
}

#[derive(Debug, Default)]
struct Node {
    parents: Vec<ObjectId>,
    /// How many of its children were not given yet.
    children: usize,
}

impl Topology {
    /// Looks at every commit once. Those that lead to `since`, and it, are left out.
    pub(super) fn new(
        objects: &Objects<'_>,
        from: ObjectId,
        since: Option<ObjectId>,
    ) -> Result<Self, GitError> {
        let left_out = since.map_or(Ok(HashMap::new()), |since| reached(objects, since, &HashMap::new()))?;
        if left_out.contains_key(&from) {
            return Ok(Self { nodes: HashMap::new(), ready: Vec::new() });
        }
        Ok(Self { nodes: reached(objects, from, &left_out)?, ready: vec![from] })
    }

    /// The next commit.
    pub(super) fn next(&mut self) -> Option<ObjectId> {
        let id = self.ready.pop()?;
        let parents = self.nodes.remove(&id).map(|node| node.parents).unwrap_or_default();
        for parent in parents {
            if let Some(node) = self.nodes.get_mut(&parent) {
                node.children -= 1;
                if node.children == 0 {
                    self.ready.push(parent);
                }
            }
        }
        Some(id)
    }
}

/// The commits that lead to one, and it, without some. What leads to one that cannot be read is not known.
fn reached(
    objects: &Objects<'_>,
    from: ObjectId,
    without: &HashMap<ObjectId, Node>,
) -> Result<HashMap<ObjectId, Node>, GitError> {
    let mut nodes: HashMap<ObjectId, Node> = HashMap::new();
    let mut next = vec![from];
    while let Some(id) = next.pop() {
        let mut parents = match objects.commit(id) {
            Ok(commit) => commit.parents,
            Err(error) if id != from && error.is_of_an_object() => Vec::new(),
            Err(error) => return Err(error),
        };
        parents.retain(|parent| !without.contains_key(parent) && objects.has(*parent));
        for parent in &parents {
            let node = nodes.entry(*parent).or_insert_with(|| {
                next.push(*parent);
                Node::default()
            });
            node.children += 1;
        }
        nodes.entry(id).or_default().parents = parents;
    }
    Ok(nodes)
}
