//! The findings of loading. Their levels are fixed: what cannot be read cannot be decided about.

use crate::diag::{Code, code};

macro_rules! codes {
    ($( $(#[$doc:meta])* $constant:ident = $id:literal, $name:literal, $summary:literal; )+) => {
        $( $(#[$doc])* pub static $constant: Code = code!($id, $name, fixed Error, $summary); )+

        /// Every finding of loading.
        pub static ALL: &[&Code] = &[$(&$constant),+];
    };
}

codes! {
    /// A file is not UTF-8.
    NOT_UTF8 = "GS1001", "not-utf-8", "the file is not valid UTF-8";
    /// A byte order mark.
    BYTE_ORDER_MARK = "GS1002", "byte-order-mark", "the file starts with a byte order mark";
    /// A character that cannot be seen or that reverses text.
    INVISIBLE_CHARACTER = "GS1003", "invisible-character", "a character cannot be seen or changes the order of text";
    /// A symbolic link or device.
    NOT_A_FILE = "GS1004", "not-a-file", "a document is a link or a device instead of a file";
    /// A file that is too large.
    TOO_LARGE = "GS1005", "too-large", "the file, a line of it or its number of keys is over the limit";
    /// A syntax error.
    SYNTAX = "GS1006", "syntax", "the file is not TOML";
    /// Syntax that TOML 1.0 does not have.
    TOML_1_1 = "GS1007", "toml-1.1", "the syntax is not TOML 1.0, which editors and other tools read";
    /// Two keys that look the same.
    SAME_KEY = "GS1008", "same-key", "two keys are the same after Unicode normalisation";
    /// A character that looks like another.
    LOOK_ALIKE = "GS1009", "look-alike", "an id holds a character that looks like another";
    /// Two paths that differ only in case.
    SAME_PATH = "GS1010", "same-path", "two paths differ only in upper and lower case";
    /// A document that no tool would read.
    NOT_READ = "GS1011", "not-read", "a file looks like a document but is not read";
    /// A file that cannot be opened.
    UNREADABLE = "GS1012", "unreadable", "the file cannot be read";

    /// A missing key.
    MISSING_KEY = "GS1101", "missing-key", "a key that must be there is missing";
    /// An unknown key.
    UNKNOWN_KEY = "GS1102", "unknown-key", "there is no such key here";
    /// A value of the wrong type.
    WRONG_TYPE = "GS1103", "wrong-type", "the value has the wrong type";
    /// A string that is not written as it should be.
    WRONG_FORMAT = "GS1104", "wrong-format", "the value is not written as it should be";
    /// A number or length outside its bounds.
    OUT_OF_RANGE = "GS1105", "out-of-range", "the value is too small, too large, too short or too long";
    /// Not one of the words.
    NOT_A_CHOICE = "GS1106", "not-a-choice", "the value is not one of the words that are allowed here";
    /// An unknown kind.
    UNKNOWN_KIND = "GS1107", "unknown-kind", "there is no such kind of object";
    /// Not an id.
    NOT_AN_ID = "GS1108", "not-an-id", "the name of an object is not an id";
    /// A number that is not whole.
    NOT_WHOLE = "GS1109", "not-whole", "the number is not a whole number that fits";
    /// A date in quotes.
    QUOTED_DATE = "GS1110", "quoted-date", "a date is written in quotes";
    /// The value cannot be used.
    UNUSABLE = "GS1111", "unusable", "the value cannot be used here";
    /// An object that is not a table.
    NOT_AN_OBJECT = "GS1112", "not-an-object", "an object must be a table `[kind.id]`";

    /// A reference to nothing.
    DANGLING_REFERENCE = "GS1201", "dangling-reference", "a reference names something that does not exist";
    /// An id that is taken.
    DUPLICATE_ID = "GS1202", "duplicate-id", "two objects of a kind have the same id";
    /// A reference to the wrong kind.
    WRONG_KIND = "GS1203", "wrong-kind", "a reference names an object of another kind";
    /// Two parts with the same id.
    DUPLICATE_PART = "GS1204", "duplicate-part", "two rules, stages or steps of an object have the same id";

    /// A version of the format that is not known.
    UNKNOWN_FORMAT = "GS1301", "unknown-format", "the repository is written in a newer format";
    /// No documents at all.
    NOTHING_FOUND = "GS1302", "nothing-found", "there is not a single document";
    /// A folder that is not there.
    MISSING_ROOT = "GS1303", "missing-root", "a root folder of the settings does not exist";
    /// A people file that cannot be read.
    PEOPLE_FILE = "GS1304", "people-file", "a people file is missing or has no usable heading";
    /// A record that cannot be used.
    PEOPLE_RECORD = "GS1305", "people-record", "a record of a people file cannot be used";
    /// An import map that does not fit the kind or the export.
    IMPORT_MAP = "GS1306", "import-map", "an import map does not fit the kind of object or the columns of the export";
}
