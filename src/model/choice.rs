//! Closed vocabularies: enums whose values and meanings reach the schema, the editor and the messages.

/// Declares an enum of fixed words.
///
/// Each variant has a name as written in TOML and a doc comment; both reach the JSON Schema, so that an
/// editor explains the words. `NAMES` holds the words in order: where the order means something (risk,
/// support level) it runs from least to most. `enum Word default First` names the word that stands for
/// nothing written.
macro_rules! choice {
    (
        $(#[doc = $doc:literal])+
        pub enum $type:ident $(default $default:ident)? {
            $( $(#[doc = $meaning:literal])+ $variant:ident = $name:literal, )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $( $(#[doc = $meaning])+ $variant, )+
        }

        impl $type {
            /// Every word, in order.
            pub const NAMES: &'static [&'static str] = &[$($name),+];
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as written in TOML.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        $(
            impl Default for $type {
                fn default() -> Self {
                    Self::$default
                }
            }
        )?

        impl std::fmt::Display for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.name())
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                match &*text {
                    $($name => Ok(Self::$variant),)+
                    other => Err(serde::de::Error::unknown_variant(other, Self::NAMES)),
                }
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::model::choice::choice_schema(
                    &[$($doc),+],
                    Self::NAMES,
                    &[$(&[$($meaning),+]),+],
                )
            }
        }
    };
}
pub(crate) use choice;

/// The schema of a vocabulary; `x-taplo` is how TOML language servers show the meaning of each word.
pub(crate) fn choice_schema(doc: &[&str], names: &[&str], meanings: &[&[&str]]) -> schemars::Schema {
    let words = |lines: &[&str]| lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    let meanings: Vec<String> = meanings.iter().map(|lines| words(lines)).collect();
    let list: Vec<String> =
        names.iter().zip(&meanings).map(|(name, text)| format!("- `{name}`: {text}")).collect();
    schemars::json_schema!({
        "type": "string",
        "description": format!("{}\n\n{}", words(doc), list.join("\n")),
        "enum": names,
        "x-taplo": { "docs": { "enumValues": meanings } },
    })
}
