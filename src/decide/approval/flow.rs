//! Which approval counts for which stage: nobody twice, and earlier stages first.
//!
//! An approval is given from a seat (the person who is named) by an actor (that person, or their delegate).
//! A seat counts once and an actor counts once, so approvals are paths `stage -> seat -> actor` of which no
//! two share a seat or an actor: a maximum flow with one unit for each. Stages are filled in their order by
//! augmenting paths, which never take a unit away from a stage, only move it to other people; so the first
//! stages have as many as they can have, whatever the order in which approvals were given.

use std::collections::VecDeque;

/// The flow of one set of stages whose people have to be different.
#[derive(Debug, Default, Clone)]
pub(super) struct Flow {
    /// How many each stage needs.
    need: Vec<usize>,
    /// How many each stage has.
    filled: Vec<usize>,
    /// The seats that approve a stage.
    seats: Vec<Vec<usize>>,
    /// Who acted for each seat.
    actors: Vec<Vec<usize>>,
    /// The stage that a seat counts for.
    stage_of: Vec<Option<usize>>,
    /// The actor that a seat counts through.
    actor_of: Vec<Option<usize>>,
    /// The seat that an actor counts for.
    seat_of: Vec<Option<usize>>,
    /// Everybody who is a seat or an actor now: most of those who are asked are neither.
    touched: Vec<usize>,
    seen: Seen,
}

/// What a search has met, and from where. Marks hold for one search only, so nothing is cleared between two.
#[derive(Debug, Default, Clone)]
struct Seen {
    mark: u32,
    marks: Vec<u32>,
    from: Vec<Node>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Node {
    #[default]
    Start,
    Stage(usize),
    /// A seat, on the side of the stages.
    Into(usize),
    /// A seat, on the side of the actors.
    OutOf(usize),
    Actor(usize),
}

impl Flow {
    /// Stages with what they need, and so many people, each of whom can be a seat and an actor.
    pub(super) fn new(need: Vec<usize>, people: usize) -> Self {
        let stages = need.len();
        Self {
            filled: vec![0; stages],
            seats: vec![Vec::new(); stages],
            actors: vec![Vec::new(); people],
            stage_of: vec![None; people],
            actor_of: vec![None; people],
            seat_of: vec![None; people],
            touched: Vec::new(),
            seen: Seen {
                mark: 0,
                marks: vec![0; stages + 3 * people],
                from: vec![Node::Start; stages + 3 * people],
            },
            need,
        }
    }

    /// Whether a stage has as many as it needs.
    pub(super) fn is_filled(&self, stage: usize) -> bool {
        self.filled(stage) >= self.need.get(stage).copied().unwrap_or(usize::MAX)
    }

    /// How many a stage has.
    pub(super) fn filled(&self, stage: usize) -> usize {
        self.filled.get(stage).copied().unwrap_or(0)
    }

    /// The stage and the actor that a seat counts for and through.
    pub(super) fn counts(&self, seat: usize) -> Option<(usize, usize)> {
        Some((get(&self.stage_of, seat)?, get(&self.actor_of, seat)?))
    }

    /// The seat that an actor counts for.
    pub(super) fn seat_of(&self, actor: usize) -> Option<usize> {
        get(&self.seat_of, actor)
    }

    /// Changes what a stage needs; [`Self::fill`] has to follow.
    pub(super) fn set_need(&mut self, stage: usize, needed: usize) {
        if let Some(need) = self.need.get_mut(stage) {
            *need = needed;
        }
    }

    /// Adds an approval and lets it count.
    pub(super) fn add(&mut self, seat: usize, actor: usize, stages: &[usize]) {
        let counts_for = get(&self.stage_of, seat)
            .max(get(&self.seat_of, actor).and_then(|seat| get(&self.stage_of, seat)));
        self.connect(seat, actor, stages);
        if let Some(now) = counts_for
            && stages.iter().any(|stage| *stage < now && !self.is_filled(*stage))
        {
            // They count for a stage already and could count for an earlier one that lacks somebody, which goes
            // first. Each time this happens an earlier stage has one more, so it does not happen often.
            self.fill();
            return;
        }
        let first = (0..self.need.len()).find(|stage| !self.is_filled(*stage));
        let Some(first) = first else { return };
        let is_free = get(&self.stage_of, seat).is_none() && get(&self.seat_of, actor).is_none();
        if is_free && stages.contains(&first) {
            self.assign(first, seat, actor);
            return;
        }
        // One more approval fills at most one more place.
        for stage in first..self.need.len() {
            if !self.is_filled(stage) && self.augment(stage) {
                return;
            }
        }
    }

    /// Forgets every approval.
    pub(super) fn clear(&mut self) {
        self.unassign();
        self.seats.iter_mut().for_each(Vec::clear);
        for person in std::mem::take(&mut self.touched) {
            if let Some(actors) = self.actors.get_mut(person) {
                actors.clear();
            }
        }
    }

    /// Adds an approval; [`Self::fill`] has to follow.
    pub(super) fn connect(&mut self, seat: usize, actor: usize, stages: &[usize]) {
        let known = self.actors.get(seat).is_some_and(|actors| !actors.is_empty());
        for stage in stages {
            if let Some(seats) = self.seats.get_mut(*stage)
                && !(known && seats.contains(&seat))
            {
                seats.push(seat);
            }
        }
        if let Some(actors) = self.actors.get_mut(seat)
            && !actors.contains(&actor)
        {
            actors.push(actor);
            self.touched.extend([seat, actor]);
        }
    }

    /// Counts everything anew.
    pub(super) fn fill(&mut self) {
        self.unassign();
        for stage in 0..self.need.len() {
            // Most people are asked in one stage only, and are simply taken.
            for place in 0..self.seats.get(stage).map_or(0, Vec::len) {
                if self.is_filled(stage) {
                    break;
                }
                let Some(seat) = self.seats.get(stage).and_then(|seats| seats.get(place)).copied() else {
                    continue;
                };
                let free = |actor: &&usize| get(&self.seat_of, **actor).is_none();
                let actor = self.actors.get(seat).and_then(|actors| actors.iter().find(free)).copied();
                if let (None, Some(actor)) = (get(&self.stage_of, seat), actor) {
                    self.assign(stage, seat, actor);
                }
            }
            while !self.is_filled(stage) && self.augment(stage) {}
        }
    }

    fn unassign(&mut self) {
        self.filled.fill(0);
        for person in &self.touched {
            set(&mut self.stage_of, *person, None);
            set(&mut self.actor_of, *person, None);
            set(&mut self.seat_of, *person, None);
        }
    }

    fn assign(&mut self, stage: usize, seat: usize, actor: usize) {
        set(&mut self.stage_of, seat, Some(stage));
        set(&mut self.actor_of, seat, Some(actor));
        set(&mut self.seat_of, actor, Some(seat));
        if let Some(filled) = self.filled.get_mut(stage) {
            *filled += 1;
        }
    }

    /// Gives a stage one more, moving others if need be.
    fn augment(&mut self, stage: usize) -> bool {
        // Whoever approves it already counts for it: nothing to search.
        if self.seats.get(stage).map_or(0, Vec::len) <= self.filled(stage) {
            return false;
        }
        let Some(end) = self.search(stage) else { return false };
        let mut path = vec![end];
        let mut at = end;
        while let Some(from) = self.from(at).filter(|from| *from != Node::Start) {
            path.push(from);
            at = from;
        }
        path.reverse();
        // What is taken back first, then what is given: both can be about the same seat.
        for step in path.windows(2) {
            match step {
                [Node::Into(seat), Node::Stage(_)] => set(&mut self.stage_of, *seat, None),
                [Node::Actor(actor), Node::OutOf(seat)] => {
                    set(&mut self.actor_of, *seat, None);
                    set(&mut self.seat_of, *actor, None);
                }
                _ => {}
            }
        }
        for step in path.windows(2) {
            match step {
                [Node::Stage(stage), Node::Into(seat)] => set(&mut self.stage_of, *seat, Some(*stage)),
                [Node::OutOf(seat), Node::Actor(actor)] => {
                    set(&mut self.actor_of, *seat, Some(*actor));
                    set(&mut self.seat_of, *actor, Some(*seat));
                }
                _ => {}
            }
        }
        if let Some(filled) = self.filled.get_mut(stage) {
            *filled += 1;
        }
        true
    }

    /// A way from a stage to an actor who is free, by the shortest path.
    fn search(&mut self, stage: usize) -> Option<Node> {
        let mut seen = std::mem::take(&mut self.seen);
        seen.mark = seen.mark.wrapping_add(1);
        let mut queue = VecDeque::new();
        self.meet(&mut seen, &mut queue, Node::Start, Node::Stage(stage));
        let mut found = None;
        while let Some(node) = queue.pop_front() {
            match node {
                Node::Start => {}
                Node::Stage(stage) => {
                    for seat in self.seats.get(stage).into_iter().flatten() {
                        if get(&self.stage_of, *seat) != Some(stage) {
                            self.meet(&mut seen, &mut queue, node, Node::Into(*seat));
                        }
                    }
                }
                Node::Into(seat) => match get(&self.stage_of, seat) {
                    None => self.meet(&mut seen, &mut queue, node, Node::OutOf(seat)),
                    Some(other) => self.meet(&mut seen, &mut queue, node, Node::Stage(other)),
                },
                Node::OutOf(seat) => {
                    if get(&self.stage_of, seat).is_some() {
                        self.meet(&mut seen, &mut queue, node, Node::Into(seat));
                    }
                    for actor in self.actors.get(seat).into_iter().flatten() {
                        if get(&self.actor_of, seat) != Some(*actor) {
                            self.meet(&mut seen, &mut queue, node, Node::Actor(*actor));
                        }
                    }
                }
                Node::Actor(actor) => match get(&self.seat_of, actor) {
                    None => {
                        found = Some(node);
                        break;
                    }
                    Some(seat) => self.meet(&mut seen, &mut queue, node, Node::OutOf(seat)),
                },
            }
        }
        self.seen = seen;
        found
    }

    fn meet(&self, seen: &mut Seen, queue: &mut VecDeque<Node>, from: Node, node: Node) {
        let place = self.place(node);
        if let (Some(mark), Some(before)) = (seen.marks.get_mut(place), seen.from.get_mut(place))
            && *mark != seen.mark
        {
            *mark = seen.mark;
            *before = from;
            queue.push_back(node);
        }
    }

    fn from(&self, node: Node) -> Option<Node> {
        self.seen.from.get(self.place(node)).copied()
    }

    fn place(&self, node: Node) -> usize {
        let stages = self.need.len();
        match node {
            Node::Start => usize::MAX,
            Node::Stage(stage) => stage,
            Node::Into(seat) => stages + 3 * seat,
            Node::OutOf(seat) => stages + 3 * seat + 1,
            Node::Actor(actor) => stages + 3 * actor + 2,
        }
    }
}

fn get(list: &[Option<usize>], place: usize) -> Option<usize> {
    list.get(place).copied().flatten()
}

fn set(list: &mut [Option<usize>], place: usize, value: Option<usize>) {
    if let Some(slot) = list.get_mut(place) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_can_count_for_an_earlier_stage_after_all_does() {
        let mut flow = Flow::new(vec![1, 1], 1);
        flow.add(0, 0, &[1]);
        assert_eq!((flow.filled(0), flow.filled(1)), (0, 1));
        flow.add(0, 0, &[0]);
        assert_eq!((flow.filled(0), flow.filled(1)), (1, 0));
    }
}
