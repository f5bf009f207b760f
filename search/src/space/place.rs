//! Where a walk through a space stands. Decision ids are spelled out only when somebody needs them.

use crate::fault::Fault;
use std::fmt;

enum Segment<'a> {
    Root,
    /// A shared variable.
    Shared(&'a str),
    Member(&'a str),
    Element(usize),
    Candidate {
        index: usize,
        count: usize,
    },
}

/// A place, as a list of segments that lives on the walk's stack.
pub(super) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    segment: Segment<'a>,
}

impl<'a> Place<'a> {
    /// The root of the document.
    pub const ROOT: Place<'static> = Place { parent: None, segment: Segment::Root };

    /// The place of a shared variable.
    pub fn shared(name: &'a str) -> Place<'a> {
        Place { parent: None, segment: Segment::Shared(name) }
    }

    /// The member of an object.
    pub fn member(&'a self, key: &'a str) -> Place<'a> {
        Place { parent: Some(self), segment: Segment::Member(key) }
    }

    /// The element of an array, or the position of a pick.
    pub fn element(&'a self, index: usize) -> Place<'a> {
        Place { parent: Some(self), segment: Segment::Element(index) }
    }

    /// What stands under a candidate of a choice.
    pub fn candidate(&'a self, index: usize, count: usize) -> Place<'a> {
        Place { parent: Some(self), segment: Segment::Candidate { index, count } }
    }

    /// The id of the decision that stands here (space-language §3).
    pub fn id(&self) -> String {
        self.to_string()
    }

    /// A fault at this place.
    pub fn fault(&self, detail: impl Into<String>) -> Fault {
        Fault::new(format!("/{self}"), detail)
    }

    fn is_root(&self) -> bool {
        matches!(self.segment, Segment::Root)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.segment {
            Segment::Root => Ok(()),
            Segment::Shared(name) => write!(f, "${name}"),
            // Quoted as PyGlove does, or `a.b` could be a member of `a` or one member.
            Segment::Member(key) if key.is_empty() || key.contains(['.', '[', ']', '\\']) => {
                write!(f, "[{}]", key.replace('\\', "\\\\").replace(']', "\\]"))
            }
            Segment::Member(key) if self.parent.is_none_or(Place::is_root) => f.write_str(key),
            Segment::Member(key) => write!(f, ".{key}"),
            Segment::Element(index) => write!(f, "[{index}]"),
            Segment::Candidate { index, count } => write!(f, "[={index}/{count}]"),
        }
    }
}
