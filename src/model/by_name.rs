//! Finds links by their names in lists that are sorted by them.

use std::{cmp::Ordering, sync::Arc};

use super::{Link, LinkName, ObservedLink};

/// Finds the links of a list that is sorted by name. Asked in the order of the list, which is what polls bring, each costs
/// one comparison; in any other order, a search.
pub struct ByName<'a, T> {
    sorted: &'a [T],
    /// Where the next one stands, if they are asked for in their order.
    next: usize,
}

/// What has the name of a link.
pub trait Named {
    /// The name.
    fn link_name(&self) -> &LinkName;
}

impl Named for Link {
    fn link_name(&self) -> &LinkName {
        &self.link_name
    }
}

impl Named for Arc<ObservedLink> {
    fn link_name(&self) -> &LinkName {
        &self.link_name
    }
}

impl<'a, T: Named> ByName<'a, T> {
    /// Of a list that is sorted by name and has each once.
    pub fn of(sorted: &'a [T]) -> Self {
        Self { sorted, next: 0 }
    }

    /// The one of that name.
    pub fn find(&mut self, name: &LinkName) -> Option<&'a T> {
        let order = |it: &T| it.link_name().cmp(name);
        let is_next = self.sorted.get(self.next).map(order) == Some(Ordering::Equal);
        let place = if is_next {
            Ok(self.next)
        } else {
            self.sorted.binary_search_by(order)
        };
        self.next = match place {
            Ok(place) => place + 1,
            Err(place) => place,
        };
        place.ok().map(|place| &self.sorted[place])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_in_whatever_order_it_is_asked_for() {
        let links = ["a", "b", "d", "e"].map(Link::named);
        let mut by_name = ByName::of(&links);
        let asked = ["a", "b", "c", "d", "e", "f", "e", "a", "", "d", "b"];
        let found = asked.map(|name| {
            let found = by_name.find(&name.into());
            found.map(|link| link.link_name.as_str().to_owned())
        });
        let there = asked.map(|name| {
            let is_there = links.iter().any(|link| link.link_name.as_str() == name);
            is_there.then(|| name.to_owned())
        });
        assert_eq!(found, there);
    }

    #[test]
    fn in_an_empty_list_there_is_none() {
        assert!(ByName::<Link>::of(&[]).find(&"a".into()).is_none());
    }
}
