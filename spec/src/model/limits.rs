//! How large things may be.

use std::fmt;

/// How many characters, bytes, items or entries there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// At least so many.
    pub min: usize,
    /// At most so many.
    pub max: usize,
}

impl Length {
    /// Any number.
    pub const ANY: Self = Self { min: 0, max: usize::MAX };

    /// Whether so many are right.
    #[must_use]
    pub const fn holds(self, count: usize) -> bool {
        self.min <= count && count <= self.max
    }

    /// The length in words, such as `1 to 5 items`.
    pub(crate) const fn of(self, one: &'static str, many: &'static str) -> impl fmt::Display {
        LengthOf { length: self, one, many }
    }
}

struct LengthOf {
    length: Length,
    one: &'static str,
    many: &'static str,
}

impl fmt::Display for LengthOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Length { min, max } = self.length;
        let unit = |count: usize| if count == 1 { self.one } else { self.many };
        match (min, max) {
            (min, max) if min == max => write!(f, "{min} {}", unit(min)),
            (0, max) => write!(f, "at most {max} {}", unit(max)),
            (min, usize::MAX) => write!(f, "at least {min} {}", unit(min)),
            (min, max) => write!(f, "{min} to {max} {}", self.many),
        }
    }
}

/// Between what a floating-point number may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The lower bound, and whether it is itself too low.
    pub min: Option<(f64, bool)>,
    /// The upper bound, and whether it is itself too high.
    pub max: Option<(f64, bool)>,
    /// Whether it must fit into 32 bits: neither bound may then be left out.
    pub single: bool,
}

impl Bounds {
    /// None.
    pub const ANY: Self = Self { min: None, max: None, single: false };

    /// Whether the number is right.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        let above = self.min.is_none_or(|(min, exclusive)| value > min || (value == min && !exclusive));
        let below = self.max.is_none_or(|(max, exclusive)| value < max || (value == max && !exclusive));
        above && below && (!self.single || value.abs() <= f64::from(f32::MAX))
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (Some((min, false)), Some((max, false))) => write!(f, "float from {min} to {max}"),
            (Some((min, low)), Some((max, high))) => {
                let word = |exclusive: bool| if exclusive { "" } else { "or equal to " };
                write!(f, "float greater than {}{min} and less than {}{max}", word(low), word(high))
            }
            (Some((min, false)), None) => write!(f, "float of at least {min}"),
            (Some((min, true)), None) => write!(f, "float greater than {min}"),
            (None, Some((max, false))) => write!(f, "float of at most {max}"),
            (None, Some((max, true))) => write!(f, "float less than {max}"),
            (None, None) if self.single => f.write_str("float of 32 bits"),
            (None, None) => f.write_str("float"),
        }
    }
}
