//! Closed sets of words: each value has the one word by which files,
//! documents and screens call it.

/// A value with a word of its own.
pub trait Worded: Copy + Sized + 'static {
    /// What such a value is, for messages: "environment".
    const NOUN: &'static str;
    /// All values, in the order in which they are offered.
    const ALL: &'static [Self];

    /// The word.
    fn word(self) -> &'static str;

    /// The value of that word.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.word() == word)
    }

    /// All words, for messages.
    #[must_use]
    fn words() -> Vec<&'static str> {
        Self::ALL.iter().map(|value| value.word()).collect()
    }
}

/// Declares an enumeration together with its words.
macro_rules! worded {
    (
        $(#[$about:meta])*
        pub enum $name:ident: $noun:literal {
            $($(#[$of_value:meta])* $value:ident = $word:literal,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$of_value])* $value,)*
        }

        impl $crate::domain::worded::Worded for $name {
            const NOUN: &'static str = $noun;
            const ALL: &'static [Self] = &[$(Self::$value),*];

            fn word(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)*
                }
            }
        }
    };
}

pub(crate) use worded;
