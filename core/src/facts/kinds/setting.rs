//! Lines of settings that are judged against a table of keys: the same fields for every program.

/// Declares kinds as `declare_kinds!` does, the first of them `setting`: a line of the program's settings. The reader
/// of such lines (`systems::keyed`) fills its fields for every program in the same way.
macro_rules! declare_kinds_with_setting {
    ($doc:literal $name:literal { $($extra:tt)* } $($rest:tt)*) => {
        $crate::facts::declare_kinds! {
            #[doc = $doc]
            setting $name {
                /// The key as written.
                key: Text,
                /// The value as the program reads it; a secret when the key is about one.
                value: Text,
                /// The section it stands in.
                section: Text,
                /// A version of the program knows the key.
                known: Bool,
                /// The known key that a mistyped one most likely means.
                nearest: Text,
                /// The name that took the place of this one.
                renamed: Text,
                /// The first version that knows the key, when older ones are still in use.
                added_in: Version,
                /// The first version that no longer knows the key.
                removed_in: Version,
                /// The program sets it itself and refuses it in a file.
                read_only: Bool,
                /// The value has the form that the key asks for; absent where that cannot be told.
                well_typed: Bool,
                /// What the key asks for, in words.
                expected: Text,
                /// A value of the right form that means what was written, when that is clear.
                suggestion: Text,
                /// What the program uses when the key is not set.
                default: Text,
                /// The value that an earlier line gives the same key.
                earlier: Text,
                /// The file is filled in by another program first.
                template: Bool,
                $($extra)*
            }
            $($rest)*
        }
    };
}
pub(crate) use declare_kinds_with_setting;
